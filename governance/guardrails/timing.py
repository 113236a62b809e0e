"""Guardrails on when: days are counted from each step's own anchor, never across anchors."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from governance.facts import RUN_START, EditionFacts, StepFacts
from governance.findings import Finding
from governance.guardrails.parameters import OneOf, Problem, Whole, taken
from governance.guardrails.registry import Standalone, register
from governance.vocabulary import StepKind

WEEK_DAYS = 7


@register
@dataclass(frozen=True)
class FirstContact(Standalone):
    """The customer hears from us within some business days of the start."""

    kind: ClassVar[str] = "first_contact"
    business_days: int = taken(Whole(0, 60))

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield one finding if the first contact comes later, or never."""
        contacts = [step for step in facts.steps if step.is_contact and step.anchor == RUN_START]
        if not contacts:
            yield Finding(self.kind, limit=self.business_days)
            return
        first = min(contacts, key=lambda step: step.business_day)
        if first.business_day > self.business_days:
            yield Finding(
                self.kind, step=first.key, value=first.business_day, limit=self.business_days
            )


@register
@dataclass(frozen=True)
class KindBefore:
    """Every step of one kind has a step of another kind before it.

    Steps with one anchor are compared by their day, others, and those of one day, by their order.
    """

    kind: ClassVar[str] = "kind_before"
    first: StepKind = taken(OneOf(StepKind))
    then: StepKind = taken(OneOf(StepKind))

    def problems(self) -> dict[str, Problem]:
        """Refuse a kind that would have to come before itself."""
        return {"then": Problem("same")} if self.first is self.then else {}

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each step that comes too early."""
        before = [(at, step) for at, step in enumerate(facts.steps) if step.kind is self.first]
        for at, step in enumerate(facts.steps):
            if step.kind is self.then and not any(
                _precedes(other, place, step, at) for place, other in before
            ):
                yield Finding(
                    self.kind, step=step.key, value=self.then.value, limit=self.first.value
                )


@register
@dataclass(frozen=True)
class TotalLength(Standalone):
    """No more than some days lie between the first and the last step of an anchor."""

    kind: ClassVar[str] = "total_length"
    most_days: int = taken(Whole(1, 3650))

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each anchor with more, at its last step."""
        for steps in _by_anchor(facts.steps):
            last = max(steps, key=lambda step: step.day)
            days = last.day - min(step.day for step in steps)
            if days > self.most_days:
                yield Finding(self.kind, step=last.key, value=days, limit=self.most_days)


@register
@dataclass(frozen=True)
class TouchesPerWeek(Standalone):
    """In any seven days the customer is contacted only so often."""

    kind: ClassVar[str] = "touches_per_week"
    most: int = taken(Whole(1, 50))

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each anchor with a fuller week, at the first step too many."""
        for steps in _by_anchor(step for step in facts.steps if step.is_contact):
            fullest = max(_weeks(steps), key=len)
            if len(fullest) > self.most:
                yield Finding(
                    self.kind, step=fullest[self.most].key, value=len(fullest), limit=self.most
                )


def _precedes(one: StepFacts, one_at: int, other: StepFacts, other_at: int) -> bool:
    if one.anchor == other.anchor and one.day != other.day:
        return one.day < other.day
    return one_at < other_at


def _by_anchor(steps: Iterable[StepFacts]) -> list[list[StepFacts]]:
    """Return the steps of each anchor, the anchors in the order in which they first appear."""
    found: dict[str, list[StepFacts]] = defaultdict(list)
    for step in steps:
        found[step.anchor].append(step)
    return list(found.values())


def _weeks(steps: list[StepFacts]) -> Iterator[list[StepFacts]]:
    """Yield, for each step, those of the seven days that begin with it."""
    in_time = sorted(steps, key=lambda step: step.day)
    for at, first in enumerate(in_time):
        yield [step for step in in_time[at:] if step.day < first.day + WEEK_DAYS]
