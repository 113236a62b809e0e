"""Contact budgets: every write, and how often editions and cadences together touch a customer."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.choices import Stage, Tier
from governance.facts import EditionFacts
from governance.findings import Finding
from governance.vocabulary import Severity
from playbooks.budget import Budget, CadenceLoad, judge_budget
from playbooks.models import Cadence, ContactBudget
from regions.models import Market
from toolkit.errors import InvalidInput
from toolkit.storage import store

WhatT = TypeVar("WhatT")
FoundT = TypeVar("FoundT")


def save_budget(budget: ContactBudget) -> ContactBudget:
    """Save a new or changed contact budget; playbooks are judged by it from now on.

    :raises InvalidInput: for one of a region or market without a reason.
    """
    if (budget.region_id or budget.market_id) and not budget.reason.strip():
        raise InvalidInput({"reason": _("Say why it differs from the global budget.")})
    return store(budget)


def remove_budget(budget: ContactBudget) -> None:
    """Remove a contact budget; the next wider one holds instead."""
    budget.delete()


class ContactRules:
    """The budgets and cadences of the organization, each loaded once, when first asked."""

    @property
    def has_budgets(self) -> bool:
        """Whether anything limits how often customers are touched."""
        return bool(self._budgets)

    def judge(
        self,
        facts: EditionFacts,
        market: Market | None,
        *,
        tiers: Iterable[str] = (),
        stages: Iterable[str] = (),
    ) -> list[Finding]:
        """Return where an edition, with the cadences beside it, touches a customer too often.

        ``tiers`` and ``stages`` are those of its audience; none is all.
        """
        found: list[Finding] = []
        for tier in tiers or Tier.values:
            budget = self.budget(market, tier)
            if budget:
                loads = [self.load(market, tier, stage) for stage in stages or Stage.values]
                found.extend(judge_budget(facts, budget, [load for load in loads if load]))
        return found

    def budget(self, market: Market | None, tier: str) -> Budget | None:
        """Return the budget of a tier that holds in a market, or for everywhere."""
        return _most_specific(self._budgets, market, tier)

    def load(self, market: Market | None, tier: str, stage: str) -> CadenceLoad | None:
        """Return how often the cadence that holds in a market touches customers."""
        return _most_specific(self._loads, market, (tier, stage))

    @cached_property
    def _budgets(self) -> Mapping[tuple[UUID | None, str], Budget]:
        return {
            (row.market_id or row.region_id, row.tier): Budget(
                row.tier, row.most_touches, row.period_days, Severity(row.severity), row.pk
            )
            for row in ContactBudget.objects.all()
        }

    @cached_property
    def _loads(self) -> Mapping[tuple[UUID | None, tuple[str, str]], CadenceLoad]:
        return {
            (row.market_id or row.region_id, (row.tier, row.stage)): load_of(row)
            for row in Cadence.objects.filter(archived_at=None)
        }


def load_of(cadence: Cadence) -> CadenceLoad:
    """Return how often a cadence touches a customer: never, where it is internal."""
    touches = max(1, len(cadence.weekdays)) if cadence.unit == "weeks" else 1
    return CadenceLoad(cadence.every, cadence.unit, touches if cadence.is_contact else 0)


def _most_specific(
    rows: Mapping[tuple[UUID | None, WhatT], FoundT], market: Market | None, what: WhatT
) -> FoundT | None:
    places = (market.pk, market.region_id, None) if market else (None,)
    return next((rows[place, what] for place in places if (place, what) in rows), None)
