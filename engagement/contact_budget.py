"""Keeping to a contact budget when days are planned. Pure: no framework, no clock.

What is planned stays. What comes later gives way: to a later day, never an earlier one.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from regions.offsets import Move, MoveReason


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most so many contacts in any so many days in a row."""

    most: int
    days: int

    @property
    def reach(self) -> dt.timedelta:
        """How far a contact may move: past a contact that is one period away, and no further."""
        return dt.timedelta(days=2 * self.days)


class Later(NamedTuple):
    """The days to which a contact may move, ascending, and the last one within its tolerance."""

    days: Sequence[dt.date]
    tolerance_ends: dt.date


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact to be planned; ``later`` is only asked where its own day has no room."""

    day: dt.date
    later: Callable[[], Later]


@dataclass(frozen=True, slots=True)
class Kept:
    """The day of a contact, and what moved it there; it stays if no day has room."""

    day: dt.date
    move: Move | None = None


def has_room(day: dt.date, taken: Sequence[dt.date], allowance: Allowance) -> bool:
    """Return whether a contact more on a day leaves every window within its allowance.

    ``taken`` are the days of other contacts, ascending, a day with two of them twice.
    """
    reach = dt.timedelta(days=allowance.days - 1)
    start = bisect_left(taken, day - reach)
    end = bisect_left(taken, day + reach + dt.timedelta(days=1))
    near = sorted([*taken[start:end], day])
    windows = zip(near, near[allowance.most :], strict=False)
    return all(last - first > reach for first, last in windows)


def keep(contacts: Iterable[Contact], taken: Iterable[dt.date], allowance: Allowance) -> list[Kept]:
    """Return the day of each contact, in their order: the first of its days that has room.

    One that finds none stays and says so.
    """
    full = sorted(taken)
    kept = []
    for contact in contacts:
        found = _place(contact, full, allowance)
        insort(full, found.day)
        kept.append(found)
    return kept


def _place(contact: Contact, taken: Sequence[dt.date], allowance: Allowance) -> Kept:
    own = contact.day
    if has_room(own, taken, allowance):
        return Kept(own)
    numbers = (allowance.most, allowance.days)
    days, tolerance_ends = contact.later()
    for day in days:
        if has_room(day, taken, allowance):
            reason = MoveReason.BUDGET if day <= tolerance_ends else MoveReason.BUDGET_FAR
            return Kept(day, Move(own, day, reason, numbers=numbers))
    return Kept(own, Move(own, own, MoveReason.OVER_BUDGET, numbers=numbers))
