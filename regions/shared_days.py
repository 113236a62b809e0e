"""Days on which a market and the owner of an account both work.

Pure: no framework, no clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regions.calendars import CalendarRangeError, WorkingCalendar
from regions.offsets import Move, MoveReason, QuietPeriod, quiet_period_on

DEFAULT_TOLERANCE = 3
"""Working days of the market that a contact may move to meet its owner."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which a person is away, both ends included."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a leave ends before it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Availability:
    """When a person works: the calendar of their own market, without their leave."""

    calendar: WorkingCalendar
    leave: tuple[Leave, ...] = ()

    def works_on(self, day: dt.date) -> bool:
        """Tell whether the person works on a day.

        :raises CalendarRangeError: if the day is not covered by their calendar.
        """
        if not self.calendar.is_working_day(day):
            return False
        return not (self.leave and any(leave.start <= day <= leave.end for leave in self.leave))


@dataclass(frozen=True, slots=True)
class SharedDay:
    """The day for a contact; without a shared one the market's day, which needs a stand-in.

    ``passed`` is a nearer shared day that was before today already.
    """

    date: dt.date
    moved: Move | None = None
    needs_stand_in: bool = False
    passed: dt.date | None = None


def share_day(
    due: dt.date,
    *,
    market: WorkingCalendar,
    owner: Availability,
    today: dt.date,
    tolerance: int = DEFAULT_TOLERANCE,
    quiet: Sequence[QuietPeriod] = (),
) -> SharedDay:
    """Return the shared day nearest to a due date, of two equally near ones the later.

    The tolerance counts working days of the market. A contact never moves into a quiet period,
    nor from today or later to before today.

    :raises CalendarRangeError: if a day within the tolerance is not covered.
    """
    if market.is_working_day(due) and owner.works_on(due):
        return SharedDay(due)
    passed: dt.date | None = None
    for day in _nearest(due, market, tolerance):
        if not owner.works_on(day) or quiet_period_on(day, quiet):
            continue
        if day < today <= due:
            passed = passed or day
            continue
        return SharedDay(day, Move(due, day, MoveReason.OWNER_AWAY), passed=passed)
    return SharedDay(due, needs_stand_in=True, passed=passed)


def later_shared_days(
    day: dt.date,
    *,
    market: WorkingCalendar,
    owner: Availability | None,
    until: dt.date,
    quiet: Sequence[QuietPeriod] = (),
) -> list[dt.date]:
    """Return the days after one, up to ``until``, that suit a contact; none beyond the calendars.

    Without an owner those of the market do.
    """
    found = []
    try:
        for number in range(1, (until - day).days + 1):
            each = day + dt.timedelta(days=number)
            if (
                market.is_working_day(each)
                and (owner is None or owner.works_on(each))
                and not quiet_period_on(each, quiet)
            ):
                found.append(each)
    except (CalendarRangeError, OverflowError):
        pass
    return found


def _nearest(due: dt.date, market: WorkingCalendar, tolerance: int) -> Iterator[dt.date]:
    for distance in range(1, tolerance + 1):
        yield market.shift(due, distance)
        yield market.shift(due, -distance)
