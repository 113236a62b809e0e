"""Check-ins that one holiday brought together, spread over the days that follow. Pure.

The day of each follows from its place among all that meet, whoever is planned first: planning
one of them again gives the same day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from regions.offsets import MoveReason

KeyT = TypeVar("KeyT", bound=Any)

BRINGS_TOGETHER: frozenset[str] = frozenset(
    {MoveReason.HOLIDAY, MoveReason.CLOSURE, MoveReason.QUIET_PERIOD}
)
"""What sends the work of several days to one; a weekend does so every week."""

AFTER_LANDING: frozenset[str] = frozenset(
    {MoveReason.SPREAD, MoveReason.BUDGET, MoveReason.BUDGET_FAR, MoveReason.OVER_BUDGET}
)
"""Moves off the day on which a check-in landed, for the sake of others."""


def was_brought_together(
    nominal: dt.date, landing: dt.date, moves: Iterable[tuple[str, Sequence[Any]]]
) -> bool:
    """Return whether a holiday, closure or quiet period sent a check-in to a later day.

    ``moves`` are their reasons, with the names of the days off on the way: a weekend has none.
    """
    return landing > nominal and any(
        reason in BRINGS_TOGETHER or (reason == MoveReason.REST_DAY and names)
        for reason, names in moves
    )


def spread(
    days: Mapping[KeyT, Sequence[dt.date]], beside: Iterable[KeyT] = ()
) -> dict[KeyT, dt.date]:
    """Return a day for each of those that meet on one, which is the first of its ``days``.

    ``beside`` are planned already and keep their place in the order, which is that of the keys.
    As few as can be share a day, and nobody moves further than that needs.
    """
    everybody = sorted({*days, *beside})
    return {
        key: days[key][rank // -(-len(everybody) // len(days[key]))]
        for rank, key in enumerate(everybody)
        if key in days
    }
