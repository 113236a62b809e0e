"""How often a customer is touched, by an edition and by cadences together. Pure.

Touches of a playbook lie on the plain calendar of the checks; a cadence adds as many as may fall
into a window of its period at worst.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from governance.facts import EditionFacts, StepFacts
from governance.findings import Finding
from governance.vocabulary import Severity

BUDGET_EXCEEDED = "budget_exceeded"
RHYTHM_EXCEEDS_BUDGET = "rhythm_exceeds_budget"

_DAYS_OF_UNIT = {"days": 1.0, "weeks": 7.0, "months": 30.4}


@dataclass(frozen=True, slots=True)
class Budget:
    """The most touches that a customer of a tier gets in any ``period_days`` in a row."""

    tier: str
    most_touches: int
    period_days: int
    severity: Severity = Severity.WARNING
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CadenceLoad:
    """How often a cadence touches a customer: ``touches`` in every so many units."""

    every: int
    unit: str
    touches: int = 1

    @property
    def by_day(self) -> float:
        """How many touches fall on a day in the long run."""
        return self.touches / (self.every * _DAYS_OF_UNIT[self.unit])

    def most_in(self, days: int) -> int:
        """Return how many touches may fall into any ``days`` in a row."""
        period = self.every * _DAYS_OF_UNIT[self.unit]
        return math.ceil(days * self.touches / period)


def judge_budget(
    facts: EditionFacts, budget: Budget, cadences: Sequence[CadenceLoad] = ()
) -> list[Finding]:
    """Return where an edition, with the cadences beside it, touches a customer too often.

    ``cadences`` are those that may hold while the edition is carried out: the busiest one counts.
    """
    rhythm = max((cadence.most_in(budget.period_days) for cadence in cadences), default=0)
    found: list[Finding] = []
    for steps in _by_anchor(_touching(facts.steps, budget.tier)).values():
        worst = _busiest(steps, budget.period_days)
        if worst and len(worst) + rhythm > budget.most_touches:
            found.append(
                Finding(
                    BUDGET_EXCEEDED,
                    budget.severity,
                    step=worst[0].key,
                    field=budget.tier,
                    value=len(worst) + rhythm,
                    limit=[budget.most_touches, budget.period_days],
                    market=facts.market,
                    guardrail=budget.id,
                )
            )
    return found


def judge_rhythm(cadence: CadenceLoad, budget: Budget, *, market: str = "") -> list[Finding]:
    """Return whether a cadence alone touches a customer too often."""
    touches = cadence.most_in(budget.period_days)
    if touches <= budget.most_touches:
        return []
    return [
        Finding(
            RHYTHM_EXCEEDS_BUDGET,
            budget.severity,
            field=budget.tier,
            value=touches,
            limit=[budget.most_touches, budget.period_days],
            market=market,
            guardrail=budget.id,
        )
    ]


def _touching(steps: Iterable[StepFacts], tier: str) -> Iterable[StepFacts]:
    """Return the steps in which a customer of the tier hears from us."""
    for step in steps:
        tiers = step.values.get("condition", {}).get("tiers") or [tier]
        if step.is_contact and tier in tiers:
            yield step


def _by_anchor(steps: Iterable[StepFacts]) -> dict[str, list[StepFacts]]:
    anchors: dict[str, list[StepFacts]] = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step.day, step.key)):
        anchors[step.anchor].append(step)
    return anchors


def _busiest(steps: Sequence[StepFacts], days: int) -> Sequence[StepFacts]:
    """Return the steps of the window that holds the most of them, the earliest of several."""
    best: Sequence[StepFacts] = ()
    first = 0
    for last, step in enumerate(steps):
        while step.day - steps[first].day >= days:
            first += 1
        if last + 1 - first > len(best):
            best = steps[first : last + 1]
    return best
