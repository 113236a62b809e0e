"""What the tiers hold of the revenue, and what other floors would make of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from accounts.choices import Tier
from accounts.models import Account
from accounts.tiers import Floors, TierProposal, proposal, proposed_floors, tier_of


@dataclass(frozen=True, slots=True)
class Revenue:
    """What one account brings."""

    account_id: UUID
    arr: Decimal
    tier: Tier


class Segments:
    """The active accounts whose revenue is known, read once, by currency."""

    @cached_property
    def revenues(self) -> dict[str, list[Revenue]]:
        """What each account brings, by currency."""
        rows = Account.objects.active().filter(arr__gt=0).order_by("currency")
        found: dict[str, list[Revenue]] = defaultdict(list)
        for pk, currency, arr, tier in rows.values_list("pk", "currency", "arr", "tier"):
            found[currency].append(Revenue(pk, arr or Decimal(0), Tier(tier)))
        return dict(found)

    def proposed_floors(self) -> dict[str, Floors]:
        """Return floors by currency that follow from the revenue."""
        return {
            currency: proposed_floors([each.arr for each in revenues])
            for currency, revenues in self.revenues.items()
        }

    def floors_in_force(self) -> dict[str, Floors]:
        """Return the floors that the tiers follow, for the currencies in which they do."""
        found: dict[str, Floors] = {}
        for currency, revenues in self.revenues.items():
            first, second = (
                [each.arr for each in revenues if each.tier == tier]
                for tier in (Tier.TIER_1, Tier.TIER_2)
            )
            if first and second:
                floors = min(first), min(second)
                if not self.changes({currency: floors}):
                    found[currency] = floors
        return found

    def counts(self, currency: str) -> tuple[int, ...]:
        """Return how many accounts each tier has now, from 1 to 3."""
        counted = Counter(each.tier for each in self.revenues.get(currency, ()))
        return tuple(counted[tier] for tier in Tier)

    def proposal(self, currency: str, floors: Floors) -> TierProposal:
        """Return what the tiers would hold with other floors."""
        return proposal(currency, [each.arr for each in self.revenues[currency]], floors)

    def changes(self, floors: Mapping[str, Floors]) -> dict[UUID, Tier]:
        """Return the accounts whose tier would change; in a currency without floors none does."""
        return {
            each.account_id: tier
            for currency in floors
            for each in self.revenues.get(currency, ())
            if (tier := tier_of(each.arr, currency, floors)) != each.tier
        }
