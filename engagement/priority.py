"""In which order work waits for somebody, and why: the formula that the page shows.

Pure: no framework, no clock. What is compared first, and only among equals what follows:

1. Weight: a promise to the customer, then what the customer's goal depends on, then the rest.
2. The day on which it is due.
3. Risk: a playbook for a customer at risk, one that is behind, nobody there to do it.
4. Tier, as the revenue of two currencies cannot be compared.
5. ARR, within one currency.

Over a whole organization the day comes before the weight, so that a list of very many tasks is
read by its index.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeAlias

from governance.vocabulary import Motion

AT_RISK = (Motion.RISK, Motion.ESCALATION)
"""What a playbook is for whose customer may be lost."""


class Weight(IntEnum):
    """What a piece of work owes to the customer; the lowest number comes first."""

    PROMISE = 0
    GOAL = 1
    OTHER = 2


class Part(StrEnum):
    """What the order is made of."""

    WEIGHT = "weight"
    DAY = "due_date"
    RISK = "calm"
    TIER = "tier_rank"
    CURRENCY = "currency"
    REVENUE = "revenue_rank"


BY_WEIGHT = (Part.WEIGHT, Part.DAY, Part.RISK, Part.TIER, Part.CURRENCY, Part.REVENUE)
"""The order of a list that one person works through."""
BY_DAY = (Part.DAY, Part.WEIGHT, Part.RISK, Part.TIER, Part.CURRENCY, Part.REVENUE)
"""The order of a list over a whole organization."""

Rank: TypeAlias = tuple[int | dt.date | str | Decimal, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a piece of work; ``due_date`` is the customer's local day.

    ``is_required`` says that a step is owed everywhere, which is how a playbook names what the
    customer's goal depends on.
    """

    due_date: dt.date
    tier: str
    currency: str
    arr: Decimal | None = None
    is_promise: bool = False
    is_required: bool = False
    motion: str = ""
    is_behind: bool = False
    needs_stand_in: bool = False


def weight_of(facts: Facts) -> Weight:
    """Return what the work owes to the customer."""
    if facts.is_promise:
        return Weight.PROMISE
    return Weight.GOAL if facts.is_required else Weight.OTHER


def is_at_risk(facts: Facts) -> bool:
    """Return whether waiting costs more here than elsewhere."""
    return facts.motion in AT_RISK or facts.is_behind or facts.needs_stand_in


def rank_of(facts: Facts, order: tuple[Part, ...] = BY_WEIGHT) -> Rank:
    """Return what work is sorted by: the smaller, the sooner."""
    parts: dict[Part, int | dt.date | str | Decimal] = {
        Part.WEIGHT: int(weight_of(facts)),
        Part.DAY: facts.due_date,
        Part.RISK: 0 if is_at_risk(facts) else 1,
        Part.TIER: facts.tier,
        Part.CURRENCY: facts.currency,
        Part.REVENUE: -(facts.arr or Decimal(0)),
    }
    return tuple(parts[part] for part in order)
