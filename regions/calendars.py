"""Working days of a market: which days count, why, and how to step over them.

Pure: no framework, no clock. Weekdays are ISO numbers, Monday 1 to Sunday 7.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

ONE_DAY = dt.timedelta(days=1)
UNDETERMINED = "und"
"""Language tag of a name in a language that nobody stated. Source: BCP 47."""

Names = tuple[tuple[str, str], ...]
"""Pairs of language tag and name."""


class CalendarRangeError(ValueError):
    """A date that the holiday data do not cover was asked for, or passed on the way."""

    def __init__(self, date: dt.date, first_day: dt.date, last_day: dt.date) -> None:
        super().__init__(f"{date} leads outside the known days, {first_day} to {last_day}")
        self.date = date
        self.first_day = first_day
        self.last_day = last_day


class DayKind(StrEnum):
    """Why a day is a working day or not, strongest reason first."""

    EXTRA_WORKING_DAY = "extra_working_day"
    CLOSURE = "closure"
    HOLIDAY = "holiday"
    WORKING_DAY = "working_day"
    REST_DAY = "rest_day"


class Roll(StrEnum):
    """Where a date goes that is not a working day.

    The modified rolls turn back rather than leave the month.
    """

    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified_following"
    MODIFIED_PRECEDING = "modified_preceding"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday; estimated while its date still depends on a sighting of the moon."""

    date: dt.date
    names: Names
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """The weekdays worked from a date on, until the next working week holds."""

    holds_from: dt.date
    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(1, 8)):
            raise ValueError(f"weekdays must be ISO numbers 1 to 7: {sorted(self.weekdays)}")


@dataclass(frozen=True, slots=True)
class Closure:
    """Days off beside the public holidays, both ends included."""

    start: dt.date
    end: dt.date
    name: str

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a closure ends before it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class ExtraWorkingDay:
    """A day worked whatever week, holiday or closure say."""

    date: dt.date
    name: str


@dataclass(frozen=True, slots=True)
class DayStatus:
    """Whether a day is worked, and why."""

    date: dt.date
    kind: DayKind
    working: bool
    names: Names = ()
    estimated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """The working days of a market from ``first_day`` to ``last_day``, both included.

    An extra working day beats a closure, a closure beats a holiday, a holiday beats the
    working week. Days outside raise, since nobody knows their holidays. Built once and asked
    often: every answer is a look-up.

    :raises ValueError: if no working week holds on ``first_day``, or the range is empty.
    """

    weeks: tuple[WorkingWeek, ...]
    first_day: dt.date
    last_day: dt.date
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[Closure, ...] = ()
    extra_days: tuple[ExtraWorkingDay, ...] = ()
    _named: dict[dt.date, DayStatus] = field(init=False, repr=False)
    _working_days: list[dt.date] = field(init=False, repr=False)
    _rank: list[int] = field(init=False, repr=False)
    """By day since ``first_day``: how many working days come before it. One longer."""
    _worked: frozenset[dt.date] = field(init=False, repr=False)
    _first: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"no days from {self.first_day} to {self.last_day}")
        if not any(week.holds_from <= self.first_day for week in self.weeks):
            raise ValueError(f"no working week holds on {self.first_day}")
        object.__setattr__(self, "_named", self._name_days())
        object.__setattr__(self, "_first", self.first_day.toordinal())
        working_days: list[dt.date] = []
        rank: list[int] = []
        for day, works in self._days():
            rank.append(len(working_days))
            if works:
                working_days.append(day)
        rank.append(len(working_days))
        object.__setattr__(self, "_working_days", working_days)
        object.__setattr__(self, "_rank", rank)
        object.__setattr__(self, "_worked", frozenset(working_days))

    def is_working_day(self, day: dt.date) -> bool:
        """Tell whether the market works on a day.

        :raises CalendarRangeError: if the day is not covered.
        """
        if day in self._worked:
            return True
        self._index(day)
        return False

    def status(self, day: dt.date) -> DayStatus:
        """Tell whether the market works on a day, and why.

        :raises CalendarRangeError: if the day is not covered.
        """
        working = self.is_working_day(day)
        kind = DayKind.WORKING_DAY if working else DayKind.REST_DAY
        return self._named.get(day) or DayStatus(day, kind, working)

    def shift(self, day: dt.date, business_days: int) -> dt.date:
        """Return the n-th working day strictly after a day, or before it for a negative n.

        Zero gives the day itself if it is worked, else the next working day.

        :raises CalendarRangeError: if the day or the answer is not covered.
        """
        index = self._index(day)
        if business_days > 0:
            position = self._rank[index + 1] + business_days - 1
        else:
            position = self._rank[index] + business_days
        if 0 <= position < len(self._working_days):
            return self._working_days[position]
        raise self._outside(day)

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return the first working day strictly after a day.

        :raises CalendarRangeError: if the day or the answer is not covered.
        """
        return self.shift(day, 1)

    def previous_working_day(self, day: dt.date) -> dt.date:
        """Return the last working day strictly before a day.

        :raises CalendarRangeError: if the day or the answer is not covered.
        """
        return self.shift(day, -1)

    def roll(self, day: dt.date, roll: Roll) -> dt.date:
        """Return the day itself if it is worked, else where the roll takes it.

        :raises CalendarRangeError: if the day or the answer is not covered.
        """
        if self.is_working_day(day) or roll is Roll.NONE:
            return day
        forward = roll is Roll.FOLLOWING or roll is Roll.MODIFIED_FOLLOWING
        rolled = self.shift(day, 1 if forward else -1)
        if roll is Roll.FOLLOWING or roll is Roll.PRECEDING:
            return rolled
        same_month = (rolled.year, rolled.month) == (day.year, day.month)
        return rolled if same_month else self.shift(day, -1 if forward else 1)

    def first_working_day(self, year: int, month: int) -> dt.date | None:
        """Return the first working day of a month, None if the whole month is off.

        :raises CalendarRangeError: if the start of the month is not covered.
        """
        first = dt.date(year, month, 1)
        return self._within_month(self._rank[self._index(first)], first)

    def last_working_day(self, year: int, month: int) -> dt.date | None:
        """Return the last working day of a month, None if the whole month is off.

        :raises CalendarRangeError: if the end of the month is not covered.
        """
        last = dt.date(year, month, gregorian.monthrange(year, month)[1])
        return self._within_month(self._rank[self._index(last) + 1] - 1, last)

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Count the working days from ``start`` to ``end``, so that ``shift`` leads there.

        Counts the days after ``start`` up to ``end``; for an earlier ``end`` the negative
        number of days from ``end`` up to, but not including, ``start``.

        :raises CalendarRangeError: if one of the days is not covered.
        """
        after = 1 if end >= start else 0
        return self._rank[self._index(end) + after] - self._rank[self._index(start) + after]

    def _index(self, day: dt.date) -> int:
        index = day.toordinal() - self._first
        if 0 <= index < len(self._rank) - 1:
            return index
        raise self._outside(day)

    def _outside(self, day: dt.date) -> CalendarRangeError:
        return CalendarRangeError(day, self.first_day, self.last_day)

    def _within_month(self, position: int, day: dt.date) -> dt.date | None:
        if not 0 <= position < len(self._working_days):
            return None
        found = self._working_days[position]
        return found if (found.year, found.month) == (day.year, day.month) else None

    def _name_days(self) -> dict[dt.date, DayStatus]:
        """Collect the days that something other than the working week decides."""
        named: dict[dt.date, DayStatus] = {}
        for holiday in self.holidays:
            names, estimated = holiday.names, holiday.estimated
            if same_day := named.get(holiday.date):
                names = tuple(dict.fromkeys(same_day.names + names))
                estimated = estimated and same_day.estimated
            named[holiday.date] = DayStatus(holiday.date, DayKind.HOLIDAY, False, names, estimated)
        for closure in reversed(self.closures):
            name = ((UNDETERMINED, closure.name),)
            start, end = max(closure.start, self.first_day), min(closure.end, self.last_day)
            for ordinal in range(start.toordinal(), end.toordinal() + 1):
                day = dt.date.fromordinal(ordinal)
                named[day] = DayStatus(day, DayKind.CLOSURE, False, name)
        for extra in self.extra_days:
            name = ((UNDETERMINED, extra.name),)
            named[extra.date] = DayStatus(extra.date, DayKind.EXTRA_WORKING_DAY, True, name)
        return named

    def _days(self) -> Iterator[tuple[dt.date, bool]]:
        """Run through the covered days, each with whether it is worked."""
        coming = sorted(self.weeks, key=lambda week: week.holds_from, reverse=True)
        weekdays: frozenset[int] = frozenset()
        for ordinal in range(self.first_day.toordinal(), self.last_day.toordinal() + 1):
            day = dt.date.fromordinal(ordinal)
            while coming and coming[-1].holds_from <= day:
                weekdays = coming.pop().weekdays
            status = self._named.get(day)
            yield day, status.working if status else day.isoweekday() in weekdays
