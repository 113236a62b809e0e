"""A week of work: what is due on each day, how long it takes, and who is away."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber

from engagement.fortnight import MINUTES
from engagement.models import Task
from engagement.querysets import TaskQuerySet
from regions.calendars import CalendarRangeError, DayKind, DayStatus
from regions.models import Market
from regions.working_time import prepare_working_times, working_time
from talent.models import Leave
from workspace import explanations, formats
from workspace.editions import Said
from workspace.runs import say_of_step

MOST_A_DAY = 25
"""How many tasks of a day are shown; the others are counted."""


@dataclass(frozen=True, slots=True)
class DayOff:
    """Why a day is not worked, and in which markets."""

    name: str
    markets: str


@dataclass(frozen=True, slots=True)
class TaskOfDay:
    """A task on its day; ``days`` are those that it may be moved to."""

    task: Task
    title: Said
    minutes: int
    days: list[dt.date]


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """One day; ``minutes`` and ``count`` are those of all its tasks, shown or not."""

    day: dt.date
    is_today: bool
    is_away: bool
    off: list[DayOff]
    tasks: list[TaskOfDay]
    count: int
    minutes: int

    @property
    def more(self) -> int:
        """How many tasks are not shown."""
        return self.count - len(self.tasks)

    @property
    def load(self) -> str:
        """How long its tasks take."""
        return formats.duration(self.minutes)


def days_of(
    week: Sequence[dt.date], tasks: TaskQuerySet, *, membership_id: UUID, today: dt.date
) -> list[DayOfWeek]:
    """Return the days of a week in a fixed number of queries.

    Days of tasks are those of the customers, ``today`` is the reader's.
    """
    due = tasks.filter(due_date__gte=week[0], due_date__lte=week[-1])
    loads = _loads(due)
    shown: dict[dt.date, list[Task]] = defaultdict(list)
    for task in _first_of_each_day(due):
        shown[task.due_date].append(task)
    off = _days_off(week, _markets_of(membership_id))
    away = _days_away(week, membership_id)
    ahead = _days_to_move_to(week, today)
    return [
        DayOfWeek(
            day=day,
            is_today=day == today,
            is_away=day in away,
            off=off.get(day, []),
            tasks=[_of_day(task, ahead) for task in shown[day]],
            count=loads.get(day, (0, 0))[0],
            minutes=loads.get(day, (0, 0))[1],
        )
        for day in week
    ]


def _loads(tasks: TaskQuerySet) -> Mapping[dt.date, tuple[int, int]]:
    """Return how many tasks are due on each day, and how many minutes they take."""
    found = (
        tasks.order_by()
        .values("due_date")
        .annotate(count=Count("pk"), minutes=Sum(MINUTES))
        .values_list("due_date", "count", "minutes")
    )
    return {day: (count, total) for day, count, total in found}


def _first_of_each_day(tasks: TaskQuerySet) -> Iterable[Task]:
    place = Window(RowNumber(), partition_by=F("due_date"), order_by=["due_at", "pk"])
    return (
        tasks.annotate(place=place)
        .filter(place__lte=MOST_A_DAY)
        .select_related("account__market", "cadence", "step", "owner")
        .order_by("due_date", "due_at", "pk")
    )


def _of_day(task: Task, ahead: Sequence[dt.date]) -> TaskOfDay:
    title = say_of_step(task.step, "title") if task.step else Said(task.work.title)
    days = [day for day in ahead if day != task.due_date]
    return TaskOfDay(task, title, task.work.duration_minutes, days)


def _days_to_move_to(week: Sequence[dt.date], today: dt.date) -> list[dt.date]:
    """Return the days of this week and the next that are not over."""
    following = [week[-1] + dt.timedelta(days=number) for number in range(1, len(week) + 1)]
    return [day for day in (*week, *following) if day >= today]


def _markets_of(membership_id: UUID) -> list[Market]:
    """Return the markets of a member's accounts, and the one she works in."""
    theirs = Q(accounts__owner=membership_id, accounts__archived_at=None)
    home = Q(pk__in=Market.objects.filter(residents__membership=membership_id))
    return list(Market.objects.filter(theirs | home).distinct().order_by("name", "pk"))


def _days_off(week: Sequence[dt.date], markets: list[Market]) -> dict[dt.date, list[DayOff]]:
    prepare_working_times(markets)
    named: dict[dt.date, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for market in markets:
        calendar = working_time(market).calendar
        for day in week:
            try:
                status = calendar.status(day)
            except CalendarRangeError:
                continue
            if status.kind in (DayKind.HOLIDAY, DayKind.CLOSURE):
                named[day][_name(status)].append(market.name)
    return {
        day: [DayOff(name, formats.listed(where)) for name, where in names.items()]
        for day, names in named.items()
    }


def _name(status: DayStatus) -> str:
    return formats.listed(explanations.names_for_reader(status.names))


def _days_away(week: Sequence[dt.date], membership_id: UUID) -> set[dt.date]:
    leaves = Leave.objects.filter(
        membership=membership_id, start__lte=week[-1], end__gte=week[0]
    ).values_list("start", "end")
    spans = list(leaves)
    return {day for day in week if any(start <= day <= end for start, end in spans)}
