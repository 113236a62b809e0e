"""Which tasks are late, due today or to come, set-based.

The day of a task is that of its run's market, which its account may have left; without a run it is
that of its account's market. ``Task.due_market`` says so of one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, DateField, Q, Value, When

from regions.models import Market
from regions.working_time import markets_by_today


@dataclass(frozen=True, slots=True)
class Todays:
    """The markets by the local date that each of them has now: two or three dates in all."""

    markets: Mapping[dt.date, Sequence[UUID]]

    @classmethod
    def at(cls, now: dt.datetime, markets: Iterable[Market] | None = None) -> "Todays":
        """Return the dates at ``now`` (UTC), in one query unless ``markets`` are all there are."""
        return cls(markets_by_today(Market.objects.all() if markets is None else markets, now))

    def of(self, market: str) -> Case:
        """Return the date of a market, given by the field that names it: for one run's tasks."""
        dates = (
            When(**{f"{market}__in": ids}, then=Value(day)) for day, ids in self.markets.items()
        )
        return Case(*dates, output_field=DateField())

    def late(self) -> Q:
        """Return which tasks should have been done on a day that is over."""
        return self._due(None, -1)

    def today(self) -> Q:
        """Return which tasks are due today."""
        return self._due(0, 0)

    def within(self, days: int) -> Q:
        """Return which tasks are due in so many days after today."""
        return self._due(1, days)

    def _due(self, first: int | None, last: int) -> Q:
        """Return the tasks of some days, as they are counted from today."""
        due = Q(pk__in=[])
        for today, markets in self.markets.items():
            due |= _going_by(markets) & _between(today, today, first, last)
        if not self.markets:
            return due
        # The outermost dates once more, for the index.
        return due & _between(min(self.markets), max(self.markets), first, last)


def _going_by(markets: Sequence[UUID]) -> Q:
    return Q(run__market__in=markets) | Q(run=None, account__market__in=markets)


def _between(earliest: dt.date, latest: dt.date, first: int | None, last: int) -> Q:
    until = Q(due_date__lte=latest + dt.timedelta(days=last))
    return until if first is None else until & Q(due_date__gte=earliest + dt.timedelta(days=first))
