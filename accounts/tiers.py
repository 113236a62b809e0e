"""Tiers by revenue: a few accounts carry most of it. Pure.

Source: the market notes on segments: customers in descending order of revenue, the first tenth
looked after closely, the next two tenths less so, the rest digitally.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.choices import Tier

Floors = tuple[Decimal, Decimal]
"""The ARR from which an account is of tier 1, and of tier 2."""

FIRST_TENTHS, SECOND_TENTHS = 1, 3
TENTHS = 10


@dataclass(frozen=True, slots=True)
class TierProposal:
    """Where the tiers of the accounts of one currency would begin, and what that means.

    ``counts`` and ``shares`` (of the revenue, in percent) are by tier, from 1 to 3.
    """

    currency: str
    floors: Floors
    counts: tuple[int, int, int]
    shares: tuple[int, int, int]


def tier_of(arr: Decimal | None, currency: str, floors: Mapping[str, Floors]) -> Tier:
    """Return the tier of an account; one without revenue, or without floors, is digital."""
    if arr is None or currency not in floors:
        return Tier.TIER_3
    first, second = floors[currency]
    if arr >= first:
        return Tier.TIER_1
    return Tier.TIER_2 if arr >= second else Tier.TIER_3


def proposed_floors(amounts: Sequence[Decimal]) -> Floors:
    """Return the revenue of the last account of the first tenth, and of the next two tenths."""
    ordered = sorted(amounts, reverse=True)
    first = ordered[_last_of(FIRST_TENTHS, len(ordered))]
    second = ordered[_last_of(SECOND_TENTHS, len(ordered))]
    return first, second


def proposal(currency: str, amounts: Sequence[Decimal], floors: Floors) -> TierProposal:
    """Return what floors mean for accounts with these amounts."""
    sums = {tier: Decimal(0) for tier in Tier}
    counts = {tier: 0 for tier in Tier}
    for amount in amounts:
        tier = tier_of(amount, currency, {currency: floors})
        sums[tier] += amount
        counts[tier] += 1
    whole = sum(sums.values()) or Decimal(1)
    return TierProposal(
        currency,
        floors,
        (counts[Tier.TIER_1], counts[Tier.TIER_2], counts[Tier.TIER_3]),
        (
            round(100 * sums[Tier.TIER_1] / whole),
            round(100 * sums[Tier.TIER_2] / whole),
            round(100 * sums[Tier.TIER_3] / whole),
        ),
    )


def _last_of(tenths: int, count: int) -> int:
    """Return the place of the last account of so many tenths, at least the first one's."""
    return max(-(-tenths * count // TENTHS) - 1, 0)
