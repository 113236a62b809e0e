"""Choices that a seed decides: the same on every machine, in every run."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(seed: str, below: int) -> int:
    """Return a number from 0 up to, not including, ``below``; the same for the same seed."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=8).digest()) % below


def pick(seed: str, items: Sequence[T]) -> T:
    """Return one of the items, always the same for the same seed.

    :raises ValueError: if there are no items.
    """
    if not items:
        raise ValueError("nothing to pick from")
    return items[draw(seed, len(items))]


def apportion(seed: str, total: int, shares: Sequence[tuple[T, int]]) -> tuple[T, ...]:
    """Return ``total`` values in a stable mixed order, each as often as its share in per cent.

    :raises ValueError: if the shares do not add up to 100.
    """
    if sum(share for _, share in shares) != 100:
        raise ValueError("shares must add up to 100 %")
    values: list[T] = []
    reached = 0
    for value, share in shares:
        reached += share
        values += [value] * (total * reached // 100 - len(values))
    order = sorted(range(total), key=lambda place: draw(f"{seed}/{place}", 2**64))
    return tuple(values[place] for place in order)
