"""How much each person and each market has to do, read in a fixed number of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from engagement.choices import TaskStatus
from engagement.due import Todays
from engagement.forecast import Standing, expected_days
from engagement.fortnight import MINUTES
from engagement.load import QUARTER_WEEKS, WEEK, Capacity, Outlook, Work, outlook
from engagement.models import Enrolment, Task
from engagement.querysets import TO_DO
from engagement.rhythm import phase
from engagement.schedule import CadenceMode
from engagement.services.enrolling import AGREED_COLUMNS
from engagement.timing import agreed_timing
from governance.services import settings_in_force
from playbooks.models import Cadence
from regions.access import markets_of_work
from regions.hours import load_zone
from regions.models import Market, Region
from regions.working_time import prepare_working_times, working_time
from talent.services import availabilities, minutes_a_day
from tenants.choices import LEADS, Role
from tenants.models import Membership

PlaceT = TypeVar("PlaceT", Market, Region)

TO_COME = (*TO_DO, TaskStatus.WAITING)
"""The tasks that take somebody's time: those that wait count on the day that is planned."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a member may see: which markets, whose figures, and whether markets in all.

    ``markets`` None is all of them. ``member`` is whose figures alone are shown; without one those
    of everybody, if ``people`` says so.
    """

    markets: frozenset[UUID] | None
    member: UUID | None = None
    people: bool = False


def sight_of(member: Membership) -> Sight:
    """Return what a member sees of who has how much to do.

    Figures about single employees are off until the organization turns them on; who carries out
    sees her own all the same.
    """
    if member.role == Role.CSM:
        return Sight(markets=None, member=member.pk, people=True)
    if member.role not in LEADS:
        return Sight(markets=None)
    return Sight(markets=markets_of_work(member), people=settings_in_force().figures_about_people)


def today_of(member_id: UUID, now: dt.datetime) -> dt.date:
    """Return the local day where a member lives, in UTC where nobody knows. ``now`` is UTC."""
    home = Market.objects.filter(residents__membership=member_id).first()
    return now.astimezone(load_zone(home.time_zone) if home else dt.UTC).date()


@dataclass(frozen=True, slots=True)
class Load:
    """What one person, market or region has to do; ``subject`` is None for what nobody owns.

    ``overdue`` counts tasks whose day is over: they are in no day of the outlook. How much fits
    is known of people only, who work across markets.
    """

    subject: Membership | Market | Region | None
    overdue: int
    overdue_minutes: int
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class TeamLoad:
    """Who has how much to do from a day on; what is None is not for the reader."""

    first: dt.date
    weeks: int
    people: list[Load] | None
    regions: list[Load] | None
    markets: list[Load] | None


@dataclass(frozen=True, slots=True)
class _Row:
    """Work of one owner in one market; late: its day is over where it goes by."""

    owner: UUID | None
    market: UUID
    work: Work
    late: int = 0
    late_minutes: int = 0


def read_team_load(
    *,
    sight: Sight,
    now: dt.datetime,
    first: dt.date,
    weeks: int = QUARTER_WEEKS,
    region: UUID | None = None,
    market: UUID | None = None,
) -> TeamLoad:
    """Return the load of all that ``sight`` shows, kept to a region or market if one is given.

    ``now`` is UTC; ``first`` is the local day, wherever one is, on which the first week begins.
    """
    markets = _markets(sight, region, market)
    prepare_working_times(Market.objects.filter(residents__isnull=False).distinct())
    until = first + dt.timedelta(days=weeks * WEEK - 1)
    rows = [
        *_planned(markets, sight, now=now, first=first, until=until),
        *_expected(markets, sight, now=now, first=first, until=until),
    ]
    table = _Table(first, weeks)
    if sight.member is not None:
        return TeamLoad(first, weeks, table.people(rows, sight), regions=None, markets=None)
    return TeamLoad(
        first,
        weeks,
        people=table.people(rows, sight) if sight.people else None,
        regions=table.places(rows, {pk: each.region for pk, each in markets.items()}),
        markets=table.places(rows, markets),
    )


def _markets(sight: Sight, region: UUID | None, market: UUID | None) -> dict[UUID, Market]:
    markets = Market.objects.select_related("region").order_by("region__name", "name", "pk")
    if sight.markets is not None:
        markets = markets.filter(pk__in=sight.markets)
    if region is not None:
        markets = markets.filter(region=region)
    if market is not None:
        markets = markets.filter(pk=market)
    found = {each.pk: each for each in markets}
    prepare_working_times(found.values())
    return found


def _planned(
    markets: Mapping[UUID, Market],
    sight: Sight,
    *,
    now: dt.datetime,
    first: dt.date,
    until: dt.date,
) -> Iterator[_Row]:
    """Group what is planned by owner, market and day."""
    late = Q(status__in=TO_DO) & Todays.at(now).late()
    tasks: QuerySet[Task] = Task.objects.filter(
        late | Q(due_date__gte=first), status__in=TO_COME, due_date__lte=until
    )
    tasks = _seen(tasks.filter(account__market__in=markets.keys()), sight, "owner")
    counted: Any = (
        tasks.order_by()
        .values_list("owner_id", "account__market_id", "due_date")
        .annotate(
            all_tasks=Count("pk"),
            all_minutes=Coalesce(Sum(MINUTES), 0),
            late_tasks=Count("pk", filter=late),
            late_minutes=Coalesce(Sum(MINUTES, filter=late), 0),
        )
    )
    for owner, place, day, tasks_, minutes, late_tasks, late_minutes in counted:
        work = Work(day, tasks_ - late_tasks, minutes - late_minutes)
        yield _Row(owner, place, work, late_tasks, late_minutes)


def _expected(
    markets: Mapping[UUID, Market],
    sight: Sight,
    *,
    now: dt.datetime,
    first: dt.date,
    until: dt.date,
) -> Iterator[_Row]:
    """Group what rhythms will bring, with the dates of enrolments that stand alike made once."""
    open_due = (
        Task.objects.filter(enrolment=OuterRef("pk"), status__in=TO_DO)
        .order_by()
        .values("enrolment")
        .annotate(last=Max("due_date"))
        .values("last")
    )
    enrolments = Enrolment.objects.filter(is_active=True, market__in=markets.keys())
    rows: Any = (
        _seen(enrolments, sight, "account__owner")
        .annotate(owner=F("account__owner"), open_due=Subquery(open_due))
        .values_list(
            *("owner", "market_id", "cadence_id", "origin", "next_nominal", "open_due"),
            *(f"account__{name}" for name in AGREED_COLUMNS),
        )
    )
    found = list(rows)
    cadences = Cadence.objects.in_bulk({row[2] for row in found})
    known: dict[tuple[Any, ...], tuple[dt.date, ...]] = {}
    totals: dict[tuple[UUID | None, UUID, dt.date], list[int]] = defaultdict(lambda: [0, 0])
    for owner, place, cadence_id, origin, nominal, due, *agreed_values in found:
        agreed = agreed_timing(agreed_values)
        timing = agreed.applied_to(cadences[cadence_id])
        fixed = timing.mode is CadenceMode.FIXED
        key = (cadence_id, agreed, place, fixed and phase(timing.rhythm, origin), nominal, due)
        if key not in known:
            time = working_time(markets[place])
            known[key] = expected_days(
                timing,
                Standing(nominal, due, origin),
                market=time,
                today=time.today(now),
                until=until,
            )
        for day in known[key]:
            if day >= first:
                total = totals[owner, place, day]
                total[0] += 1
                total[1] += cadences[cadence_id].duration_minutes
    for (owner, place, day), (count, minutes) in totals.items():
        yield _Row(owner, place, Work(day, count, minutes, is_expected=True))


def _seen(rows: QuerySet[Any], sight: Sight, owner: str) -> QuerySet[Any]:
    return rows.filter(**{owner: sight.member}) if sight.member else rows


@dataclass(frozen=True, slots=True)
class _Table:
    """Puts the rows of each subject together."""

    first: dt.date
    weeks: int

    def people(self, rows: Iterable[_Row], sight: Sight) -> list[Load]:
        """Return the load of each owner by name, what nobody owns before all."""
        of: dict[UUID | None, list[_Row]] = defaultdict(list)
        for row in rows:
            of[row.owner].append(row)
        if sight.member:
            of.setdefault(sight.member, [])
        members = Membership.objects.in_bulk([owner for owner in of if owner])
        available, lengths = availabilities(members), minutes_a_day(members)
        capacities = {pk: Capacity(available[pk], lengths[pk]) for pk in available}
        loads = [
            self._load(members[owner], found, capacities.get(owner))
            if owner
            else self._load(None, found)
            for owner, found in of.items()
        ]
        return sorted(loads, key=lambda load: (load.subject is not None, str(load.subject)))

    def places(self, rows: Iterable[_Row], place_of: Mapping[UUID, PlaceT]) -> list[Load]:
        """Return the load of each place, in the order of the markets in it."""
        of: dict[UUID, tuple[PlaceT, list[_Row]]] = {}
        for place in place_of.values():
            of.setdefault(place.pk, (place, []))
        for row in rows:
            of[place_of[row.market].pk][1].append(row)
        return [self._load(place, found) for place, found in of.values() if found]

    def _load(
        self,
        subject: Membership | Market | Region | None,
        rows: Iterable[_Row],
        capacity: Capacity | None = None,
    ) -> Load:
        rows = list(rows)
        return Load(
            subject,
            overdue=sum(row.late for row in rows),
            overdue_minutes=sum(row.late_minutes for row in rows),
            outlook=outlook(
                [row.work for row in rows], capacity, first=self.first, weeks=self.weeks
            ),
        )
