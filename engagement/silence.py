"""Whether a customer's silence is normal where she is. Pure: no framework, no clock.

The market's own clock counts: rest days, holidays, closures and quiet periods are no waiting.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

from engagement.rhythm import Rhythm, RhythmUnit
from regions.calendars import ONE_DAY
from regions.market_time import MarketTime

DAYS_PER_WEEK = 7
DAYS_PER_MONTH = 30.436875
"""Of the Gregorian calendar, on the average of 400 years."""
USUAL_PERCENT = 200
"""Two periods of the rhythm: one contact was missed, and then another."""


class SilenceState(StrEnum):
    """Whether to worry."""

    NORMAL = "normal"
    UNUSUAL = "unusual"


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nobody has heard of a customer, in working days of the market.

    ``waited`` are the days since the last contact, today included; ``normal`` is how many of
    them are nothing unusual there.
    """

    since: dt.date
    waited: int
    normal: int

    @property
    def state(self) -> SilenceState:
        """Whether it is longer than it usually is."""
        return SilenceState.UNUSUAL if self.waited > self.normal else SilenceState.NORMAL

    @property
    def is_unusual(self) -> bool:
        """Whether it is longer than it usually is."""
        return self.state is SilenceState.UNUSUAL


def silence_of(
    last_contact: dt.date,
    rhythm: Rhythm,
    today: dt.date,
    market: MarketTime,
    *,
    percent: int = USUAL_PERCENT,
) -> Silence:
    """Return how long a customer has been silent, and how long is normal there.

    Days are local to the market. ``percent`` of one period of the rhythm are normal; a period is
    as many working days as it has where nothing is closed. Days before those that the calendar
    covers are not counted.

    :raises CalendarRangeError: if today is not covered.
    """
    normal = max(1, math.ceil(working_days_of(rhythm, today, market) * percent / 100))
    return Silence(last_contact, _waited(last_contact, today, market), normal)


def working_days_of(rhythm: Rhythm, today: dt.date, market: MarketTime) -> float:
    """Return how many working days one period has in the working week that holds today."""
    days = rhythm.every * DAYS_PER_MONTH if rhythm.unit is RhythmUnit.MONTHS else rhythm.days
    held = [week for week in market.calendar.weeks if week.holds_from <= today]
    week = max(held, key=lambda each: each.holds_from)
    return days * len(week.weekdays) / DAYS_PER_WEEK


def _waited(last_contact: dt.date, today: dt.date, market: MarketTime) -> int:
    """Count the working days after the last contact, today included, without quiet periods."""
    calendar = market.calendar
    start = max(last_contact, calendar.first_day)
    if today <= start:
        return 0
    waited = calendar.working_days_between(start, today)
    counted = start
    for begin, end in sorted((period.start, period.end) for period in market.quiet):
        # Periods may overlap: what one has taken away is not taken away again.
        first, last = max(begin, counted + ONE_DAY), min(end, today)
        if first <= last:
            waited -= calendar.working_days_between(first - ONE_DAY, last)
            counted = last
    return waited
