"""When a member's morning has come, and what of her work a digest tells.

Pure: no framework, no clock.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from regions.calendars import CalendarRangeError
from regions.hours import instant
from regions.shared_days import Availability

FURTHEST_ZONE = dt.timedelta(hours=14)
"""How far the clocks of the world are ahead of UTC, at most."""


class Part(StrEnum):
    """What a digest tells of a task."""

    TODAY = "today"
    OVERDUE = "overdue"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Morning:
    """When a member wants to be told, on her own clock, and when she works, where that is known.

    ``told`` is the last local day of which she was told, or tried to be.
    """

    zone: ZoneInfo
    at: dt.time
    told: dt.date | None = None

    def due_on(self, now: dt.datetime) -> dt.date | None:
        """Return the local day whose morning has come and of which she was not told, at ``now``.

        A day that passed while nobody looked is not told of any more. A time that the clocks
        skip that morning is read with the offset before the gap.
        """
        today = now.astimezone(self.zone).date()
        if self.told is not None and self.told >= today:
            return None
        begins = instant(today, self.at.hour * 60 + self.at.minute, self.zone)
        return today if begins <= now else None


def works_on(day: dt.date, availability: Availability | None) -> bool:
    """Return whether a member works on a day; where nobody knows, she does."""
    if availability is None:
        return True
    try:
        return availability.works_on(day)
    except CalendarRangeError:
        return True


def part_of(due: dt.date, *, today: dt.date, has_moved: bool) -> Part | None:
    """Return what is told of a task; ``today`` is the local date by which it goes.

    What moved is told where it is due by now all the same: a task is told once.
    """
    if due < today:
        return Part.OVERDUE
    if due == today:
        return Part.TODAY
    return Part.MOVED if has_moved else None


def latest_today(now: dt.datetime) -> dt.date:
    """Return the latest date that any clock shows at ``now``."""
    return (now.astimezone(dt.UTC) + FURTHEST_ZONE).date()
