"""How often an account is contacted: nominal dates, computed from a stored origin.

Pure: no framework, no clock. Nominal dates are not rolled; only the first and the last working
day of a month look at a calendar. Weekdays are ISO numbers, Monday 1 to Sunday 7.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from regions.calendars import ONE_DAY, WorkingCalendar
from regions.offsets import add_months


class RhythmUnit(StrEnum):
    """What a rhythm counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class WorkingDayOfMonth(StrEnum):
    """The working day of a month on which a monthly rhythm falls."""

    FIRST = "first"
    LAST = "last"


LONGEST = {RhythmUnit.DAYS: 3650, RhythmUnit.WEEKS: 520, RhythmUnit.MONTHS: 120}
"""The longest period of each unit: ten years."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many days, weeks or months, optionally on given weekdays.

    In a rhythm of weeks each given weekday is a date of its own, in weeks counted from the
    origin's ISO week. In the other units a date moves forward to the next given weekday; dates
    that meet there are one.

    :raises ValueError: if the period is not within ``LONGEST``, the weekdays are not ascending
        ISO numbers, or ``working_day`` is asked of a rhythm with weekdays or without months.
    """

    every: int
    unit: RhythmUnit
    weekdays: tuple[int, ...] = ()
    working_day: WorkingDayOfMonth | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.every <= LONGEST[self.unit]:
            raise ValueError(f"every {self.every} {self.unit} is not a period up to ten years")
        if self.weekdays != tuple(sorted(set(self.weekdays) & set(range(1, 8)))):
            raise ValueError(f"weekdays must be ascending ISO numbers: {self.weekdays}")
        if self.working_day and (self.weekdays or self.unit is not RhythmUnit.MONTHS):
            raise ValueError("a working day of the month needs months and no weekdays")

    @property
    def days(self) -> int:
        """The days of a period, for a rhythm of days or weeks."""
        return self.every * 7 if self.unit is RhythmUnit.WEEKS else self.every

    @property
    def counts_weekdays(self) -> bool:
        """Whether every given weekday is a date of its own."""
        return self.unit is RhythmUnit.WEEKS and bool(self.weekdays)


def origin_for(start: dt.date, key: uuid.UUID | str, rhythm: Rhythm) -> dt.date:
    """Return the origin of an enrolment: its start plus a stable part of one period.

    The same key always gives the same part, and many keys spread evenly over the period.
    """
    if rhythm.unit is RhythmUnit.MONTHS:
        period = (add_months(start, rhythm.every) - start).days
    else:
        period = rhythm.days
    digest = blake2b(str(key).encode(), digest_size=8).digest()
    return start + dt.timedelta(days=int.from_bytes(digest) % period)


def phase(rhythm: Rhythm, origin: dt.date) -> tuple[int, ...]:
    """Return what of an origin decides on the dates after it.

    Origins of one phase give the same nominal dates from the later of them on.
    """
    if rhythm.unit is RhythmUnit.MONTHS:
        return origin.day, (origin.year * 12 + origin.month) % rhythm.every
    return (origin.toordinal() % rhythm.days,)


def first_on_or_after(
    rhythm: Rhythm, origin: dt.date, day: dt.date, calendar: WorkingCalendar
) -> dt.date:
    """Return the first nominal date of a rhythm from a day on, and not before the origin.

    :raises CalendarRangeError: if a working day of the month is wanted and not covered.
    """
    day = max(day, origin)
    index = _index_before(rhythm, origin, day)
    while True:
        candidate = _candidate(rhythm, origin, index, calendar)
        if candidate is not None and candidate >= day:
            return candidate
        index += 1


def next_after(
    rhythm: Rhythm, origin: dt.date, nominal: dt.date, calendar: WorkingCalendar
) -> dt.date:
    """Return the nominal date that follows a day.

    :raises CalendarRangeError: if a working day of the month is wanted and not covered.
    """
    return first_on_or_after(rhythm, origin, nominal + ONE_DAY, calendar)


def nominal_dates(
    rhythm: Rhythm, origin: dt.date, start: dt.date, calendar: WorkingCalendar
) -> Iterator[dt.date]:
    """Run through the nominal dates from a day on, without end.

    :raises CalendarRangeError: if a working day of the month is wanted and not covered.
    """
    day = first_on_or_after(rhythm, origin, start, calendar)
    while True:
        yield day
        day = next_after(rhythm, origin, day, calendar)


def elastic_next(rhythm: Rhythm, last_contact: dt.date, calendar: WorkingCalendar) -> dt.date:
    """Return the nominal date that follows the local date of the last meaningful contact.

    Where a rhythm names its days (weekdays of a week, a working day of the month), the contact
    counts as the nearest of them, of two equally near ones the later: a call on Monday stands
    for Tuesday's, so that the next one is not due tomorrow.

    :raises CalendarRangeError: if a working day of the month is wanted and not covered.
    """
    if rhythm.counts_weekdays:
        return _after_nearest_weekday(rhythm, last_contact, calendar)
    if rhythm.working_day:
        return _after_nearest_working_day(rhythm, last_contact, calendar)
    candidate = _candidate(rhythm, last_contact, 1, calendar)
    assert candidate is not None  # only months without a working day have none
    return candidate


def _index_before(rhythm: Rhythm, origin: dt.date, day: dt.date) -> int:
    """Return an index close to that of the first candidate from a day on, and not beyond it."""
    if rhythm.counts_weekdays:
        return (day - _monday(origin)).days // rhythm.days * len(rhythm.weekdays)
    if rhythm.weekdays:  # a date up to six days earlier may move forward to this one
        day = max(origin, day - dt.timedelta(days=6))
    if rhythm.unit is RhythmUnit.MONTHS:
        months = (day.year - origin.year) * 12 + day.month - origin.month
        return months // rhythm.every
    return -((origin - day).days // rhythm.days)


def _candidate(
    rhythm: Rhythm, origin: dt.date, index: int, calendar: WorkingCalendar
) -> dt.date | None:
    """Return the date at an index, None for a month that has no working day.

    Ascending with the index; may lie before the origin, and may repeat.
    """
    if rhythm.counts_weekdays:
        period, position = divmod(index, len(rhythm.weekdays))
        days = rhythm.days * period + rhythm.weekdays[position] - 1
        return _monday(origin) + dt.timedelta(days=days)
    if rhythm.unit is not RhythmUnit.MONTHS:
        return _onto_weekday(origin + dt.timedelta(days=rhythm.days * index), rhythm.weekdays)
    day = add_months(origin, rhythm.every * index)
    if rhythm.working_day is None:
        return _onto_weekday(day, rhythm.weekdays)
    return _working_day_of_month(rhythm.working_day, day, calendar)


def _after_nearest_weekday(
    rhythm: Rhythm, last_contact: dt.date, calendar: WorkingCalendar
) -> dt.date:
    weekday = last_contact.isoweekday()
    nearest = min(rhythm.weekdays, key=lambda each: (abs(each - weekday), -each))
    position = rhythm.weekdays.index(nearest)
    following = _candidate(rhythm, last_contact, position + 1, calendar)
    assert following is not None
    return following


def _after_nearest_working_day(
    rhythm: Rhythm, last_contact: dt.date, calendar: WorkingCalendar
) -> dt.date:
    assert rhythm.working_day
    near: list[tuple[int, int, dt.date]] = []
    for months in (-1, 0, 1):
        month = add_months(last_contact.replace(day=1), months)
        day = _working_day_of_month(rhythm.working_day, month, calendar)
        if day is not None:
            near.append((abs((day - last_contact).days), -months, month))
    month = min(near)[2] if near else last_contact.replace(day=1)
    following = add_months(month, rhythm.every)
    return first_on_or_after(rhythm, following, last_contact + ONE_DAY, calendar)


def _working_day_of_month(
    which: WorkingDayOfMonth, day: dt.date, calendar: WorkingCalendar
) -> dt.date | None:
    if which is WorkingDayOfMonth.FIRST:
        return calendar.first_working_day(day.year, day.month)
    return calendar.last_working_day(day.year, day.month)


def _onto_weekday(day: dt.date, weekdays: tuple[int, ...]) -> dt.date:
    if not weekdays:
        return day
    return day + dt.timedelta(days=min((each - day.isoweekday()) % 7 for each in weekdays))


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
