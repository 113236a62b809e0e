"""What the clock says at a customer's, and how long it is still open there. Pure."""

import datetime as dt
from dataclasses import dataclass

from regions.calendars import CalendarRangeError, DayKind, DayStatus
from regions.hours import instant, minutes_left
from regions.market_time import MarketTime


@dataclass(frozen=True, slots=True)
class Clock:
    """The local time of a market, and its business hours seen from there.

    ``opens`` is the local time at which it opens next; None while it is open. Without known
    holidays ``day`` is None, and nothing is said about hours.
    """

    local: dt.datetime
    day: DayStatus | None
    minutes_left: int = 0
    is_open: bool = False
    opens: dt.datetime | None = None

    @property
    def today(self) -> dt.date:
        """The market's local date."""
        return self.local.date()

    @property
    def is_day_off(self) -> bool:
        """Whether the market does not work today for another reason than its week."""
        return self.day is not None and self.day.kind in (DayKind.HOLIDAY, DayKind.CLOSURE)


def read_clock(time: MarketTime, now: dt.datetime) -> Clock:
    """Return the clock of a market at the instant ``now``."""
    local = now.astimezone(time.zone)
    try:
        status = time.calendar.status(local.date())
        left = minutes_left(now, time.hours, time.calendar, time.zone)
        is_open = _is_open(time, now, status)
        return Clock(local, status, left, is_open, None if is_open else _opens(time, now, status))
    except CalendarRangeError:
        return Clock(local, None)


def _is_open(time: MarketTime, now: dt.datetime, status: DayStatus) -> bool:
    return status.working and any(
        instant(status.date, each.opens, time.zone)
        <= now
        < instant(status.date, each.closes, time.zone)
        for each in time.hours.on(status.date)
    )


def _opens(time: MarketTime, now: dt.datetime, status: DayStatus) -> dt.datetime:
    later_today = status.working and instant(
        status.date, time.hours.on(status.date)[-1].opens, time.zone
    )
    if later_today and later_today > now:
        day = status.date
    else:
        day = time.calendar.next_working_day(status.date)
    begins = (instant(day, each.opens, time.zone) for each in time.hours.on(day))
    return next(at for at in begins if at > now).astimezone(time.zone)
