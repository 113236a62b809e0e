"""What a check found. Pure; the words are made where it is shown (``governance.wording``)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from governance.vocabulary import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold: where, what was found, and what the rule allows.

    ``rule`` is the rule's stable code; ``step`` and ``field`` are empty where it concerns all.
    ``protects`` is the organization's own sentence on what the rule is for, and ``guardrail`` the
    row that holds it; built-in rules have neither.
    """

    rule: str
    severity: Severity = Severity.ERROR
    step: str = ""
    field: str = ""
    value: Any = None
    limit: Any = None
    market: str = ""
    protects: str = ""
    guardrail: UUID | None = None


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that stop publishing."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
