"""Business hours of a market, and the instants at which they begin and end.

Pure: no framework, no clock. Times of day are minutes since local midnight; 1440 is the next
midnight.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from regions.calendars import WorkingCalendar

MINUTES_PER_DAY = 1440
_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})


class UnknownZone(ValueError):
    """No zone of that name exists in the IANA time zone database."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of business hours within one day, in minutes since local midnight."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_PER_DAY:
            raise ValueError(f"not a stretch of one day: {self.opens} to {self.closes}")


STANDARD_INTERVALS = (Interval(9 * 60, 17 * 60),)
"""The hours of a working day in a week for which none are stated."""

Weekly = Mapping[int, tuple[Interval, ...]]
"""Intervals by ISO weekday, ascending; a weekday left out has none."""


@dataclass(frozen=True, slots=True)
class Season:
    """Days with hours of their own, such as Ramadan, both ends included."""

    start: dt.date
    end: dt.date
    weekly: Weekly

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a season ends before it starts: {self.start} to {self.end}")
        _check_weekly(self.weekly)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The hours of a week, and the seasons that replace all of them; the first listed wins."""

    weekly: Weekly
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        _check_weekly(self.weekly)

    def on(self, day: dt.date) -> tuple[Interval, ...]:
        """Return the hours of a day that is worked, ascending and never empty.

        A weekday without hours (worked only as an extra working day) has those of the nearest
        weekday before it that has some; a week without any has ``STANDARD_INTERVALS``.
        """
        weekly = self._weekly_on(day)
        weekday = day.isoweekday()
        for back in range(7):
            if intervals := weekly.get((weekday - back - 1) % 7 + 1):
                return intervals
        return STANDARD_INTERVALS

    def _weekly_on(self, day: dt.date) -> Weekly:
        for season in self.seasons:
            if season.start <= day <= season.end:
                return season.weekly
        return self.weekly


def load_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of an IANA name.

    :raises UnknownZone: for anything else, also for what ``ZoneInfo`` would take, such as
        ``localtime``.
    """
    if name not in _zone_names():
        raise UnknownZone(name)
    return zoneinfo.ZoneInfo(name)


def instant(day: dt.date, minute: int, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the UTC instant of a local time of day.

    A time that the clocks skip is read with the offset before the gap, a repeated one is the
    first. Source: RFC 5545 section 3.3.5.
    """
    # fold=0, the default, is exactly that reading: see PEP 495.
    local = dt.datetime(day.year, day.month, day.day, tzinfo=zone) + dt.timedelta(minutes=minute)
    return local.astimezone(dt.UTC)


def due_at(day: dt.date, hours: BusinessHours, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the UTC instant at which the last business interval of a local day ends."""
    return instant(day, hours.on(day)[-1].closes, zone)


def minutes_left(
    now: dt.datetime, hours: BusinessHours, calendar: WorkingCalendar, zone: zoneinfo.ZoneInfo
) -> int:
    """Count the whole business minutes that the market's current day still has, breaks left out.

    :raises ValueError: if ``now`` has no zone.
    :raises CalendarRangeError: if the local day is not covered.
    """
    if now.utcoffset() is None:
        raise ValueError("now needs a zone")
    now = now.astimezone(dt.UTC)
    today = now.astimezone(zone).date()
    if not calendar.is_working_day(today):
        return 0
    left = dt.timedelta()
    for interval in hours.on(today):
        opens, closes = (instant(today, at, zone) for at in (interval.opens, interval.closes))
        left += max(closes - max(opens, now), dt.timedelta())
    return left // dt.timedelta(minutes=1)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - _NOT_PLACES


def _check_weekly(weekly: Weekly) -> None:
    for weekday, intervals in weekly.items():
        if weekday not in range(1, 8):
            raise ValueError(f"weekdays are ISO numbers 1 to 7: {weekday}")
        if any(later.opens < earlier.closes for earlier, later in pairwise(intervals)):
            raise ValueError(f"intervals of weekday {weekday} overlap or descend")
