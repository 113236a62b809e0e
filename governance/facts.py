"""What guardrails judge: the facts of one playbook as one market would carry it out.

Pure and frozen; ``playbooks`` fills it. Days are counted on a plain calendar (Monday to Friday, no
holidays), so that a verdict never depends on the year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from governance.vocabulary import CONTACT_KINDS, Motion, Stakeholder, StepKind
from regions.dimensions import Side

RUN_START = "run_start"
"""The anchor from which a run counts unless a step says otherwise."""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step. ``day`` and ``business_day`` are signed distances from ``anchor``.

    ``values`` are all its fields as JSON knows them, by the names that playbooks use.
    """

    key: str
    kind: StepKind
    anchor: str = RUN_START
    day: int = 0
    business_day: int = 0
    owner_role: str = ""
    required: bool = False
    stakeholders: frozenset[Stakeholder] = frozenset()
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_contact(self) -> bool:
        """Whether the customer hears from us."""
        return self.kind in CONTACT_KINDS


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """A resolved playbook: of one market, or the global version (``market`` is empty).

    ``steps`` are in their order. ``base`` are the steps of the global version by key, against
    which locks are judged; ``sides`` is what the market's confirmed profile says.
    """

    playbook: str
    motion: Motion
    steps: tuple[StepFacts, ...]
    base: Mapping[str, StepFacts] = field(default_factory=lambda: MappingProxyType({}))
    market: str = ""
    sides: frozenset[Side] = frozenset()
