"""How far a market has moved from the global playbook, at a glance. Pure.

There are two traps: nothing localized anywhere, and everything everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from playbooks.changes import PRESENCE, TRANSLATIONS, Level, StepDocument
from playbooks.comparison import TIMING_FIELDS
from playbooks.resolution import Resolved


@dataclass(frozen=True, slots=True)
class Drift:
    """How many steps of an edition were changed, added and dropped, and how many fall elsewhere.

    ``translated`` steps speak another language and are the same otherwise; ``share`` is the
    part of all steps, 0 to 1, that are not the global ones.
    """

    steps: int
    changed: int
    added: int
    dropped: int
    timing: int
    translated: int

    @property
    def share(self) -> float:
        """The part of the global and local steps that differ from the global version."""
        known = self.steps + self.dropped
        return (self.changed + self.added + self.dropped) / known if known else 0.0


def drift_of(edition: Resolved) -> Drift:
    """Return how far an edition is from the global version that it was resolved from."""
    added = [step for step in edition.steps if _is_added(step)]
    local = {step.key: set(_local_fields(step)) for step in edition.steps if not _is_added(step)}
    return Drift(
        steps=len(edition.steps),
        changed=sum(1 for names in local.values() if _meant(names)),
        added=len(added),
        dropped=len(edition.dropped),
        timing=sum(1 for names in local.values() if names & TIMING_FIELDS),
        translated=sum(1 for names in local.values() if names and not _meant(names)),
    )


def _is_added(step: StepDocument) -> bool:
    """Return whether a localization added the step: even what it does is not the global word."""
    return all(origin.level is not Level.GLOBAL for origin in step.origins.values())


def _local_fields(step: StepDocument) -> Iterable[str]:
    """Return the fields that are not the global ones; a step brought back is the global one."""
    return (
        name
        for name, origin in step.origins.items()
        if origin.level is not Level.GLOBAL and name != PRESENCE
    )


def _meant(names: set[str]) -> bool:
    """Return whether more than the language differs."""
    return any(not name.startswith(f"{TRANSLATIONS}.") for name in names)
