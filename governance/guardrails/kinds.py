"""Guardrails on what an edition holds: its steps, their fields, whom they reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from governance.facts import EditionFacts, StepFacts
from governance.findings import Finding
from governance.guardrails.parameters import Name, Number, OneOf, Problem, Whole, Words, taken
from governance.guardrails.registry import Standalone, register
from governance.vocabulary import Stakeholder, StepField, StepKind
from regions.dimensions import Side

PERCENT = 100


@register
@dataclass(frozen=True)
class StepRequired(Standalone):
    """A step is there and is not optional."""

    kind: ClassVar[str] = "step_required"
    step: str = taken(Name())

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield one finding if it is missing or optional."""
        found = next((step for step in facts.steps if step.key == self.step), None)
        if found is None:
            yield Finding(self.kind, step=self.step)
        elif not found.required:
            yield Finding(self.kind, step=self.step, field="required", value=False, limit=True)


@dataclass(frozen=True)
class _OnAField:
    """A rule on one field, of all steps, of one step, or of the steps of one kind."""

    field: StepField = taken(OneOf(StepField))
    step: str | None = taken(Name(), None)
    step_kind: StepKind | None = taken(OneOf(StepKind), None)

    def problems(self) -> Mapping[str, Problem]:
        """Refuse a step and a kind at once."""
        return {"step_kind": Problem("not_both")} if self.step and self.step_kind else {}

    def _concerns(self, step: StepFacts) -> bool:
        if self.step is not None:
            return step.key == self.step
        return self.step_kind is None or step.kind is self.step_kind


@register
@dataclass(frozen=True)
class FieldLocked(_OnAField):
    """A field stays as the global playbook has it.

    The steps of a kind are those that have it in the global playbook: a changed kind does not
    open the lock.
    """

    kind: ClassVar[str] = "field_locked"

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each step that differs from its base."""
        for step in facts.steps:
            base = facts.base.get(step.key)
            if base is None or not self._concerns(base):
                continue
            value, locked = step.values.get(self.field), base.values.get(self.field)
            if value != locked:
                yield Finding(
                    self.kind, step=step.key, field=self.field.value, value=value, limit=locked
                )


@register
@dataclass(frozen=True)
class FieldBounded(_OnAField):
    """A field stays between two numbers, or among some values; an empty field is not judged."""

    kind: ClassVar[str] = "field_bounded"
    minimum: float | None = taken(Number(), None)
    maximum: float | None = taken(Number(), None)
    allowed: tuple[str, ...] | None = taken(Words(), None)

    def problems(self) -> Mapping[str, Problem]:
        """Ask for one bound at least, in the right order, and not for both ways at once."""
        low, high = self.minimum, self.maximum
        if self.allowed is None and low is None and high is None:
            return {"": Problem("no_bound")}
        if self.allowed is not None and (low is not None or high is not None):
            return {"allowed": Problem("not_both")}
        if low is not None and high is not None and low > high:
            return {"maximum": Problem("below_minimum")}
        return super().problems()

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each step whose value lies outside."""
        for step in facts.steps:
            value = step.values.get(self.field)
            if value in (None, "", []) or not self._concerns(step) or self._fits(value):
                continue
            yield Finding(
                self.kind, step=step.key, field=self.field.value, value=value, limit=self._limit()
            )

    def _fits(self, value: Any) -> bool:
        if self.allowed is not None:
            several = isinstance(value, list | tuple | set | frozenset)
            return all(each in self.allowed for each in (value if several else [value]))
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        above = self.minimum is None or value >= self.minimum
        return above and (self.maximum is None or value <= self.maximum)

    def _limit(self) -> dict[str, Any]:
        if self.allowed is not None:
            return {"allowed": list(self.allowed)}
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return {name: bound for name, bound in bounds.items() if bound is not None}


@register
@dataclass(frozen=True)
class ExpansionShare(Standalone):
    """Not too many of the steps look for expansion."""

    kind: ClassVar[str] = "expansion_share"
    most_percent: int = taken(Whole(0, 100))

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield one finding if more do; its value is the share in percent."""
        total = len(facts.steps)
        selling = sum(step.kind is StepKind.EXPANSION for step in facts.steps)
        if selling * PERCENT > self.most_percent * total:
            share = round(selling * PERCENT / total, 1)
            yield Finding(self.kind, field="kind", value=share, limit=self.most_percent)


@register
@dataclass(frozen=True)
class OwnerRole(Standalone):
    """Every step says which role owns it."""

    kind: ClassVar[str] = "owner_role"

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield a finding for each step without one."""
        for step in facts.steps:
            if not step.owner_role.strip():
                yield Finding(self.kind, step=step.key, field="owner_role")


@dataclass(frozen=True)
class _Reached(Standalone):
    """Where the market's profile has a side, a step reaches somebody."""

    kind: ClassVar[str]
    side: ClassVar[Side]
    whom: ClassVar[Stakeholder]

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield one finding if none does."""
        if self.side in facts.sides and not any(
            self.whom in step.stakeholders for step in facts.steps
        ):
            yield Finding(self.kind, field="stakeholders", limit=self.whom.value)


@register
@dataclass(frozen=True)
class SponsorReached(_Reached):
    """Where decisions are hierarchical, a step reaches a senior sponsor."""

    kind: ClassVar[str] = "sponsor_reached"
    side: ClassVar[Side] = Side.HIERARCHICAL
    whom: ClassVar[Stakeholder] = Stakeholder.SENIOR_SPONSOR


@register
@dataclass(frozen=True)
class GroupGathered(_Reached):
    """Where a group decides, a step gathers it."""

    kind: ClassVar[str] = "group_gathered"
    side: ClassVar[Side] = Side.GROUP
    whom: ClassVar[Stakeholder] = Stakeholder.GROUP
