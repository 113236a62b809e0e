"""Which open check-in a meeting stands for.

Pure: no framework, no clock. Days are local to the customer.

A meeting counts as a check-in when it is held after the last contact and not earlier than half a
rhythm, or the tolerance of the cadence where that is more, before the day that the rhythm names.
There is no limit after that day: a check-in that is late was held late. Of several the one whose
due date is nearest counts, of two equally near ones the earlier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from engagement.rhythm import Rhythm, RhythmUnit

DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class OpenCheckIn:
    """A check-in that is to be done: the day that the rhythm names, and the day it is due."""

    key: UUID
    nominal: dt.date
    due: dt.date


def reach_days(rhythm: Rhythm, tolerance: int) -> int:
    """Return how many days before its day a check-in may be held.

    ``tolerance`` counts days. A rhythm of several weekdays is as long as from one to the next.
    """
    if rhythm.unit is RhythmUnit.MONTHS:
        period = rhythm.every * DAYS_A_MONTH
    else:
        period = rhythm.days // max(1, len(rhythm.weekdays) if rhythm.counts_weekdays else 1)
    return max(period // 2, tolerance)


def counts_as(
    held_on: dt.date,
    check_ins: Iterable[OpenCheckIn],
    *,
    rhythm: Rhythm,
    tolerance: int,
    last_contact: dt.date | None,
) -> UUID | None:
    """Return the key of the check-in that a meeting stands for, or None."""
    if last_contact is not None and held_on <= last_contact:
        return None
    reach = dt.timedelta(days=reach_days(rhythm, tolerance))
    near = [each for each in check_ins if held_on >= min(each.nominal, each.due) - reach]
    found = min(near, key=lambda each: (abs(each.due - held_on), each.due), default=None)
    return found.key if found else None
