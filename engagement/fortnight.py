"""The coming fortnight, read for those who lead: who has how much to do where, and what moved."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, Sum, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from engagement.models import Task
from engagement.schedule import HORIZON_DAYS
from engagement.work import FOLLOW_UP_MINUTES
from regions.calendars import ONE_DAY
from regions.hours import load_zone
from regions.models import Market
from tenants.models import Membership

FULL_DAY_MINUTES = 6 * 60
"""Check-ins of six hours fill a person's day: the rest goes into preparing them. Ours."""


@dataclass(slots=True)
class DayLoad:
    """How much falls due on one day."""

    date: dt.date
    check_ins: int = 0
    minutes: int = 0

    @property
    def is_overloaded(self) -> bool:
        """Whether this is too much for one person."""
        return self.minutes > FULL_DAY_MINUTES

    @property
    def hours(self) -> int:
        """The minutes as whole hours."""
        return round(self.minutes / 60)


@dataclass(slots=True)
class Load:
    """The days of one person or market; ``subject`` is None for what nobody owns."""

    subject: Membership | Market | None
    days: list[DayLoad]

    @property
    def check_ins(self) -> int:
        """How many check-ins fall due in all."""
        return sum(day.check_ins for day in self.days)

    @property
    def is_person(self) -> bool:
        """Whether this is one person's, so that a day can be too full."""
        return isinstance(self.subject, Membership)


@dataclass(frozen=True, slots=True)
class Moved:
    """Check-ins of a market that fall on another day than their rhythm's, for the same reasons."""

    market: Market
    moves: list[Mapping[str, Any]]
    check_ins: int


@dataclass(frozen=True, slots=True)
class Fortnight:
    """The open check-ins of the horizon, by person and by market; overdue ones are not in it."""

    days: list[dt.date]
    people: list[Load] = field(default_factory=list)
    markets: list[Load] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)

    @property
    def check_ins(self) -> int:
        """How many check-ins fall due in all."""
        return sum(load.check_ins for load in self.markets)

    @property
    def overloaded(self) -> list[tuple[Load, DayLoad]]:
        """The days that are too full for somebody."""
        return [
            (load, day)
            for load in self.people
            if load.is_person
            for day in load.days
            if day.is_overloaded
        ]


MINUTES = Coalesce(
    "cadence__duration_minutes",
    Cast(KeyTextTransform("duration_minutes", "step__fields"), IntegerField()),
    Value(FOLLOW_UP_MINUTES),
)
"""How long a task takes, as its cadence or its step says; one by hand has a usual length."""


def read_fortnight(*, now: dt.datetime) -> Fortnight:
    """Return what is planned from today on, in five queries. ``now`` is UTC.

    Today is each market's own: the earliest begins the fortnight and the latest ends it.
    """
    markets = {market.pk: market for market in Market.objects.all()}
    todays = {now.astimezone(load_zone(market.time_zone)).date() for market in markets.values()}
    if not todays:
        return Fortnight([])
    first, last = min(todays), max(todays) + dt.timedelta(days=HORIZON_DAYS)
    days = [first + ONE_DAY * number for number in range((last - first).days + 1)]
    tasks = Task.objects.to_do().filter(due_date__gte=first, due_date__lte=last).order_by()
    rows = list(
        tasks.values_list("owner_id", "account__market_id", "due_date").annotate(
            check_ins=Count("pk"), minutes=Sum(MINUTES)
        )
    )
    people = Membership.objects.in_bulk({owner for owner, *_ in rows if owner})
    by_person = _loads(days, ((owner, *rest) for owner, _, *rest in rows))
    by_market = _loads(days, ((market, *rest) for _, market, *rest in rows))
    moved = tasks.filter(moves__isnull=False).values_list("account__market_id", "moves")
    return Fortnight(
        days=days,
        people=_by_name(by_person, people),
        markets=_by_name(by_market, markets),
        moved=[
            Moved(markets[market], moves, check_ins)
            for market, moves, check_ins in moved.annotate(check_ins=Count("pk")).order_by(
                "-check_ins", "account__market_id"
            )
        ],
    )


def _loads(
    days: list[dt.date], rows: Iterable[tuple[Any, ...]]
) -> dict[UUID | None, list[DayLoad]]:
    loads: dict[UUID | None, dict[dt.date, DayLoad]] = defaultdict(
        lambda: {day: DayLoad(day) for day in days}
    )
    for subject, due_date, check_ins, minutes in rows:
        load = loads[subject][due_date]
        load.check_ins += check_ins
        load.minutes += minutes
    return {subject: list(by_day.values()) for subject, by_day in loads.items()}


def _by_name(
    loads: Mapping[UUID | None, list[DayLoad]], subjects: Mapping[UUID, Membership | Market]
) -> list[Load]:
    found = [Load(subjects[pk] if pk else None, days) for pk, days in loads.items()]
    return sorted(found, key=lambda load: (load.subject is not None, str(load.subject)))
