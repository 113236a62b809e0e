"""From resolved steps to the facts that guardrails judge. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from governance.facts import EditionFacts, StepFacts
from governance.vocabulary import Motion, Stakeholder, StepKind
from playbooks.changes import StepDocument, nested
from playbooks.checks import PLAIN_START, plain_days
from playbooks.schedule import Anchor, root_anchor
from regions.dimensions import Side

_WORKING_DAYS = 5


def edition_facts(
    steps: Sequence[StepDocument],
    *,
    playbook: str,
    motion: Motion,
    base: Mapping[str, StepFacts],
    market: str = "",
    sides: Iterable[Side] = (),
) -> EditionFacts:
    """Return the facts of what one market carries out; ``base`` are those of the global steps."""
    return EditionFacts(
        playbook=playbook,
        motion=motion,
        steps=step_facts(steps),
        base=base,
        market=market,
        sides=frozenset(sides),
    )


def step_facts(steps: Sequence[StepDocument]) -> tuple[StepFacts, ...]:
    """Return the facts of steps whose references are in order."""
    by_key = {step.key: step for step in steps}
    days = plain_days(steps)
    return tuple(_facts(step, by_key, days[step.key]) for step in steps)


def _facts(step: StepDocument, steps: Mapping[str, StepDocument], day: dt.date) -> StepFacts:
    fields = step.fields
    return StepFacts(
        key=step.key,
        kind=StepKind(fields["kind"]),
        anchor=root_anchor(step.key, steps) or Anchor.RUN_START,
        day=(day - PLAIN_START).days,
        business_day=_business_days(day),
        owner_role=fields["owner_role"],
        required=fields["required"],
        stakeholders=frozenset(map(Stakeholder, fields["stakeholders"])),
        values=nested(fields),
    )


def _business_days(day: dt.date) -> int:
    """Return how many working days lie between the plain start, a Monday, and a working day."""
    weeks, rest = divmod((day - PLAIN_START).days, 7)
    return weeks * _WORKING_DAYS + min(rest, _WORKING_DAYS)
