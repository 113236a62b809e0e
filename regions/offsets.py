"""From an anchor to the day a piece of work falls due, with every move explained.

Pure: no framework, no clock. The order is: offset, roll, quiet periods, roll again.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from regions.calendars import (
    ONE_DAY,
    UNDETERMINED,
    CalendarRangeError,
    DayKind,
    Names,
    Roll,
    WorkingCalendar,
)

__all__ = [
    "Move",
    "MoveReason",
    "Offset",
    "QuietPeriod",
    "QuietPolicy",
    "Resolved",
    "Roll",
    "Unit",
    "add_months",
    "offset_date",
    "quiet_period_on",
    "resolve",
    "settle",
]


class Unit(StrEnum):
    """What an offset counts; a week is seven days."""

    BUSINESS_DAYS = "business_days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class QuietPolicy(StrEnum):
    """What becomes of a contact that falls into a quiet period."""

    AFTER = "after"
    BEFORE = "before"
    SKIP = "skip"


class MoveReason(StrEnum):
    """Why a date was moved off a day."""

    REST_DAY = "rest_day"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    QUIET_PERIOD = "quiet_period"
    BEFORE_TODAY = "before_today"
    OWNER_AWAY = "owner_away"
    SPREAD = "spread"
    """Others landed on the same day after the same holiday or quiet period."""
    BUDGET = "budget"
    """It would be more contacts than the customer's budget allows."""
    BUDGET_FAR = "budget_far"
    """The same, and no day within the tolerance has room."""
    OVER_BUDGET = "over_budget"
    """The same, and no day has room: it stays."""


_REASON_OF_KIND = {
    DayKind.REST_DAY: MoveReason.REST_DAY,
    DayKind.HOLIDAY: MoveReason.HOLIDAY,
    DayKind.CLOSURE: MoveReason.CLOSURE,
}


@dataclass(frozen=True, slots=True)
class Offset:
    """A signed distance from an anchor; without a roll, the sign decides which one holds."""

    amount: int
    unit: Unit
    roll: Roll | None = None

    @property
    def effective_roll(self) -> Roll:
        """The roll stated, else following for zero and more, preceding for less."""
        if self.roll is not None:
            return self.roll
        return Roll.FOLLOWING if self.amount >= 0 else Roll.PRECEDING


@dataclass(frozen=True, slots=True)
class QuietPeriod:
    """Days on which customers of a market are not contacted, both ends included."""

    start: dt.date
    end: dt.date
    name: str
    policy: QuietPolicy

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a quiet period ends before it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Move:
    """One step from a day to another; ``to_date`` is None where the contact is skipped.

    ``names`` are those of the holidays, closures or quiet period that stood in the way;
    ``numbers`` the contacts of a budget and its days.
    """

    from_date: dt.date
    to_date: dt.date | None
    reason: MoveReason
    names: Names = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The day reached, None if a quiet period skips it, and the moves that led there."""

    date: dt.date | None
    moves: tuple[Move, ...] = ()

    @property
    def planning_date(self) -> dt.date:
        """The day reached if one leaves today out of account; it never depends on today.

        For a skipped contact the day on which it met its first quiet period.
        """
        if self.date is None:
            return next(
                move.from_date for move in self.moves if move.reason is MoveReason.QUIET_PERIOD
            )
        if self.moves and self.moves[-1].reason is MoveReason.BEFORE_TODAY:
            return self.moves[-1].from_date
        return self.date


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later or earlier, clamped to the end of the month.

    :raises OverflowError: if the year leaves 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError(f"{months} months from {day} leave the Gregorian years")
    last = gregorian.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def offset_date(anchor: dt.date, offset: Offset, calendar: WorkingCalendar) -> dt.date:
    """Return the day that the offset counts to, before any roll.

    :raises CalendarRangeError: if the anchor or the answer is not covered.
    """
    if offset.unit is Unit.BUSINESS_DAYS:
        return calendar.shift(anchor, offset.amount)
    try:
        if offset.unit is Unit.MONTHS:
            return add_months(anchor, offset.amount)
        days = offset.amount * 7 if offset.unit is Unit.WEEKS else offset.amount
        return anchor + dt.timedelta(days=days)
    except OverflowError:
        raise CalendarRangeError(anchor, calendar.first_day, calendar.last_day) from None


def resolve(
    anchor: dt.date,
    offset: Offset,
    *,
    calendar: WorkingCalendar,
    today: dt.date,
    contact: bool,
    quiet: Sequence[QuietPeriod] = (),
) -> Resolved:
    """Return the market's day that lies an offset away from an anchor, and why it is that day.

    :raises CalendarRangeError: if a day on the way is not covered.
    """
    return settle(
        offset_date(anchor, offset, calendar),
        calendar=calendar,
        today=today,
        contact=contact,
        quiet=quiet,
        roll=offset.effective_roll,
    )


def settle(
    nominal: dt.date,
    *,
    calendar: WorkingCalendar,
    today: dt.date,
    contact: bool,
    quiet: Sequence[QuietPeriod] = (),
    roll: Roll = Roll.FOLLOWING,
) -> Resolved:
    """Return the day on which work of a nominal date falls due: roll, quiet periods, roll again.

    Quiet periods hold for contact only. A nominal date that is not past yet, but was brought
    forward before today, becomes the first working day from today; a past one stays past.

    :raises CalendarRangeError: if a day on the way is not covered.
    """
    day = calendar.roll(nominal, roll)
    disturbed = contact and quiet_period_on(day, quiet) is not None
    if day == nominal and not disturbed:
        return Resolved(day)
    moves: list[Move] = []
    _record_roll(nominal, day, calendar, moves)
    if disturbed:
        free = _leave_quiet_periods(day, calendar, quiet, moves)
        if free is None:
            return Resolved(None, tuple(moves))
        day = free
    if day < today <= nominal:
        first = calendar.roll(today, Roll.FOLLOWING)
        moves.append(Move(day, first, MoveReason.BEFORE_TODAY))
        day = first
    return Resolved(day, tuple(moves))


def quiet_period_on(day: dt.date, quiet: Sequence[QuietPeriod]) -> QuietPeriod | None:
    """Return the quiet period a day lies in; of several the one that starts first, then longest."""
    found = [period for period in quiet if period.start <= day <= period.end]
    if not found:
        return None
    return min(found, key=lambda period: (period.start, -period.end.toordinal()))


def _leave_quiet_periods(
    day: dt.date, calendar: WorkingCalendar, quiet: Sequence[QuietPeriod], moves: list[Move]
) -> dt.date | None:
    """Move on until no quiet period is left; None if one of them skips the contact.

    Periods may chain. Each has its policy, except that a contact once sent later is not
    brought forward again: so the direction turns at most once and the walk ends.
    """
    later = False
    while True:
        while period := quiet_period_on(day, quiet):
            names = ((UNDETERMINED, period.name),)
            if period.policy is QuietPolicy.SKIP:
                moves.append(Move(day, None, MoveReason.QUIET_PERIOD, names))
                return None
            later = later or period.policy is QuietPolicy.AFTER
            try:
                edge = period.end + ONE_DAY if later else period.start - ONE_DAY
            except OverflowError:
                raise CalendarRangeError(day, calendar.first_day, calendar.last_day) from None
            moves.append(Move(day, edge, MoveReason.QUIET_PERIOD, names))
            day = edge
        rolled = calendar.roll(day, Roll.FOLLOWING if later else Roll.PRECEDING)
        if rolled == day:
            return day
        _record_roll(day, rolled, calendar, moves)
        day = rolled


def _record_roll(
    start: dt.date, end: dt.date, calendar: WorkingCalendar, moves: list[Move]
) -> None:
    """Add the move of a roll, with the names of all the days off that it passed."""
    if start == end:
        return
    step = ONE_DAY if end > start else -ONE_DAY
    names: dict[tuple[str, str], None] = {}
    day = start
    while day != end:
        names.update(dict.fromkeys(calendar.status(day).names))
        day += step
    reason = _REASON_OF_KIND[calendar.status(start).kind]
    moves.append(Move(start, end, reason, tuple(names)))
