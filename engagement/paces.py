"""How runs go, set-based: the same rule as ``engagement.progress``, for a filter or a count."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from engagement.choices import Progress, RunStatus, TaskStatus
from engagement.due import Todays
from engagement.models import Run, Task
from engagement.progress import idle_since
from engagement.querysets import SETTLED
from regions.calendars import ONE_DAY
from regions.hours import instant
from regions.models import Market
from regions.working_time import prepare_working_times, working_time


def paced(
    runs: QuerySet[Run], *, now: dt.datetime, markets: Iterable[Market] | None = None
) -> QuerySet[Any]:
    """Add the ``pace`` of runs, as ``standing_of`` tells it of each; NULL unless it is active.

    ``now`` is UTC; ``markets`` are those of the runs, all there are unless given. What a market's
    calendar decides is worked out before, so that each run is judged by its rows alone.
    """
    found = list(Market.objects.all() if markets is None else markets)
    tasks = Task.objects.filter(run=OuterRef("pk"))
    to_do = tasks.exclude(status__in=(TaskStatus.WAITING, *SETTLED))
    only_waits = ~Exists(to_do) & Exists(tasks.filter(status=TaskStatus.WAITING))
    is_late = Exists(to_do.filter(due_date__lt=OuterRef("today")))
    has_closed = Exists(tasks.filter(closed_at__gte=OuterRef("idle_from")))
    days, instants = [], []
    for (day, at), ids in _idle_since(found, now).items():
        days.append(When(market__in=ids, then=Value(day)))
        instants.append(When(market__in=ids, then=Value(at)))
    return runs.alias(
        today=Todays.at(now, found).of("market"),
        idle_since=Case(*days, output_field=DateField()),
        idle_from=Case(*instants, output_field=DateTimeField()),
    ).annotate(
        pace=Case(
            When(~Q(status=RunStatus.ACTIVE), then=None),
            When(only_waits, then=Value(Progress.STUCK.value)),
            When(~is_late, then=Value(Progress.ON_TRACK.value)),
            When(has_closed | Q(start_date__gt=F("idle_since")), then=Value(Progress.BEHIND.value)),
            default=Value(Progress.STUCK.value),
            output_field=CharField(),
        )
    )


def _idle_since(
    markets: Iterable[Market], now: dt.datetime
) -> dict[tuple[dt.date, dt.datetime], list[UUID]]:
    """Return the markets by the day of ``idle_since`` there, and the instant at which it ends."""
    markets = list(markets)
    prepare_working_times(markets)
    found: dict[tuple[dt.date, dt.datetime], list[UUID]] = defaultdict(list)
    for market in markets:
        time = working_time(market)
        day = idle_since(time.today(now), time.calendar)
        found[day, instant(day + ONE_DAY, 0, time.zone)].append(market.pk)
    return found
