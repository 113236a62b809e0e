"""How much there is to do, by day and by week, and how much somebody can do. Pure.

The clock is not read: the first day is given. A week is seven days from that day on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from regions.calendars import CalendarRangeError
from regions.shared_days import Availability

WEEK = 7
QUARTER_WEEKS = 13
MOST_WEEKS = 26
"""How far ahead one may look: calendars and cadences say little beyond half a year."""


@dataclass(frozen=True, slots=True)
class Work:
    """Tasks that fall due on a local day, and how long they take; expected: not planned yet."""

    day: dt.date
    tasks: int
    minutes: int
    is_expected: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """When a person works, and how many minutes of planned work fill one of her days."""

    availability: Availability
    minutes_a_day: int

    def on(self, day: dt.date) -> int | None:
        """Return the minutes of a day, 0 on a day off; None where the calendar ends."""
        try:
            return self.minutes_a_day if self.availability.works_on(day) else 0
        except CalendarRangeError:
            return None


@dataclass(frozen=True, slots=True)
class Span:
    """The work of a day or a week; without a capacity nobody knows how much would fit.

    ``tasks`` are planned, ``expected`` are check-ins that the rhythms will bring; the minutes are
    those of both.
    """

    start: dt.date
    days: int = 1
    tasks: int = 0
    expected: int = 0
    minutes: int = 0
    capacity: int | None = None

    @property
    def end(self) -> dt.date:
        """The last day."""
        return self.start + dt.timedelta(days=self.days - 1)

    @property
    def is_over(self) -> bool:
        """Whether there is more to do than fits."""
        return self.capacity is not None and self.minutes > self.capacity

    @property
    def is_off(self) -> bool:
        """Whether nothing fits: a day off, or a week of leave."""
        return self.capacity == 0

    @property
    def share(self) -> int | None:
        """Percent of the capacity, rounded; None where nothing fits or nobody knows."""
        return round(100 * self.minutes / self.capacity) if self.capacity else None

    @property
    def bar(self) -> int:
        """The share as the length of a bar, which ends at 100."""
        return min(self.share or 0, 100)

    @property
    def hours(self) -> float:
        """The minutes as hours, to the half hour, and never as none."""
        return max(0.5, round(self.minutes / 30) / 2) if self.minutes else 0.0

    @property
    def capacity_hours(self) -> float:
        """The capacity as hours, to the half hour."""
        return round((self.capacity or 0) / 30) / 2


@dataclass(frozen=True, slots=True)
class Outlook:
    """The first seven days one by one, and all weeks."""

    days: tuple[Span, ...]
    weeks: tuple[Span, ...]

    @property
    def minutes(self) -> int:
        """All there is to do."""
        return sum(week.minutes for week in self.weeks)

    @property
    def weeks_over(self) -> int:
        """How many weeks hold more than fits."""
        return sum(week.is_over for week in self.weeks)


class HasCapacity(Protocol):
    """Whoever knows how much fits into a day."""

    def on(self, day: dt.date) -> int | None:
        """Return the minutes of a day, None where nobody knows."""


def outlook(
    work: Iterable[Work], capacity: HasCapacity | None, *, first: dt.date, weeks: int
) -> Outlook:
    """Return what falls on each of the first seven days and on each week from ``first`` on.

    Work of other days is left out.
    """
    by_day: dict[dt.date, list[Work]] = {}
    for each in work:
        by_day.setdefault(each.day, []).append(each)
    days = [
        _day(first + dt.timedelta(days=number), by_day, capacity) for number in range(weeks * WEEK)
    ]
    return Outlook(
        days=tuple(days[:WEEK]),
        weeks=tuple(_together(days[start : start + WEEK]) for start in range(0, len(days), WEEK)),
    )


def _day(
    day: dt.date, by_day: Mapping[dt.date, Sequence[Work]], capacity: HasCapacity | None
) -> Span:
    work = by_day.get(day, ())
    return Span(
        start=day,
        tasks=sum(each.tasks for each in work if not each.is_expected),
        expected=sum(each.tasks for each in work if each.is_expected),
        minutes=sum(each.minutes for each in work),
        capacity=capacity.on(day) if capacity else None,
    )


def _together(days: Sequence[Span]) -> Span:
    known = [day.capacity for day in days if day.capacity is not None]
    return Span(
        start=days[0].start,
        days=len(days),
        tasks=sum(day.tasks for day in days),
        expected=sum(day.expected for day in days),
        minutes=sum(day.minutes for day in days),
        # A week that reaches beyond the calendar is not known in part.
        capacity=sum(known) if len(known) == len(days) else None,
    )
