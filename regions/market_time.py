"""When a market works: all that turns a nominal date into a due date and its instant.

Pure: no framework, no clock.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from regions.calendars import WorkingCalendar
from regions.hours import BusinessHours
from regions.offsets import QuietPeriod


@dataclass(frozen=True, slots=True)
class MarketTime:
    """The days of a market, its hours, its zone and the periods in which it wants quiet."""

    calendar: WorkingCalendar
    hours: BusinessHours
    zone: ZoneInfo
    quiet: tuple[QuietPeriod, ...] = ()

    def today(self, now: dt.datetime) -> dt.date:
        """Return the local date at an instant."""
        return now.astimezone(self.zone).date()
