"""Which guardrails concern an edition, and what they and the built-in rules find."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from governance.facts import EditionFacts
from governance.findings import Finding
from governance.guardrails.registry import Kind
from governance.vocabulary import Motion, Severity

STEP_DROPPED = "step_dropped"
STEP_MADE_OPTIONAL = "step_made_optional"
OUTCOME_CHANGED = "outcome_changed"
BUILT_IN = (STEP_DROPPED, STEP_MADE_OPTIONAL, OUTCOME_CHANGED)
"""What holds in every organization: the outcome owed to a customer is not local, nor its steps."""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A rule in force: where it holds, how grave it is to break it, and what it protects.

    Without ``motion`` and ``playbook`` it holds for all playbooks.
    """

    rule: Kind
    severity: Severity
    protects: str = ""
    id: UUID | None = None
    motion: Motion | None = None
    playbook: str = ""

    def concerns(self, facts: EditionFacts) -> bool:
        """Return whether it holds for an edition."""
        return self.motion in (None, facts.motion) and self.playbook in ("", facts.playbook)


def judge(facts: EditionFacts, guardrails: Iterable[Guardrail]) -> list[Finding]:
    """Return all that an edition breaks: the built-in rules first, then one guardrail by one."""
    findings = list(_built_in(facts))
    for guardrail in guardrails:
        if guardrail.concerns(facts):
            findings += (
                replace(
                    finding,
                    severity=guardrail.severity,
                    protects=guardrail.protects,
                    guardrail=guardrail.id,
                )
                for finding in guardrail.rule.judge(facts)
            )
    return [replace(finding, market=facts.market) for finding in findings]


def _built_in(facts: EditionFacts) -> Iterator[Finding]:
    steps = {step.key: step for step in facts.steps}
    for key, base in facts.base.items():
        step = steps.get(key)
        if base.required and step is None:
            yield Finding(STEP_DROPPED, step=key)
        if base.required and step is not None and not step.required:
            yield Finding(STEP_MADE_OPTIONAL, step=key, field="required", value=False, limit=True)
        if step is not None and step.values.get("outcome") != base.values.get("outcome"):
            yield Finding(
                OUTCOME_CHANGED,
                step=key,
                field="outcome",
                value=step.values.get("outcome"),
                limit=base.values.get("outcome"),
            )
