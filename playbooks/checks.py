"""What a playbook must be in itself, whatever the guardrails say. Pure.

Every finding names the step and the field, so that a person finds the place.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from governance.findings import Finding
from playbooks.changes import TRANSLATIONS, StepDocument
from playbooks.placeholders import PLACEHOLDERS, BadTemplate, placeholders_in
from playbooks.schedule import Anchor, root_anchor, schedule, timing_of
from regions.calendars import WorkingCalendar, WorkingWeek
from regions.offsets import Unit

NO_STEPS = "no_steps"
UNKNOWN_STEP = "unknown_step"
CYCLE = "cycle"
ANCHOR_INCOMPLETE = "anchor_incomplete"
TOO_FAR = "too_far"
DUE_BEFORE = "due_before"
UNKNOWN_PLACEHOLDER = "unknown_placeholder"
BAD_TEMPLATE = "bad_template"
UNKNOWN_ROLE = "unknown_role"
UNKNOWN_ATTRIBUTE = "unknown_attribute"

PLAIN_CALENDAR = WorkingCalendar(
    weeks=(WorkingWeek(dt.date(1999, 1, 1), frozenset({1, 2, 3, 4, 5})),),
    first_day=dt.date(1999, 1, 1),
    last_day=dt.date(2013, 12, 31),
)
"""Monday to Friday without holidays, on which playbooks are judged."""

PLAIN_START = dt.date(2006, 1, 2)
"""A Monday, with room for every distance in both directions."""

FARTHEST_DAYS = 5 * 365
"""How far a step may lie from the event that it counts from, through the ends of other steps."""

_STARTS = tuple(PLAIN_START + dt.timedelta(days=days) for days in range(28))

_LONGEST = MappingProxyType(
    {Unit.BUSINESS_DAYS: 1.4, Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 31.0}
)
"""How many days each unit takes at most, on the plain calendar and in the long run."""

_LONGEST_ROLL = 3
"""How many days a day off may move a step on the plain calendar."""


def check_steps(
    steps: Sequence[StepDocument],
    *,
    roles: Iterable[str] | None = None,
    attributes: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """Return all that cannot be right in the steps of a version or an edition.

    ``roles`` and ``attributes`` are the codes and keys that the organization knows; None leaves
    them unchecked.
    """
    if not steps:
        return (Finding(NO_STEPS),)
    by_key = {step.key: step for step in steps}
    found = [
        *_unknown_steps(by_key),
        *_incomplete_anchors(steps),
        *_cycles(by_key),
        *(Finding(TOO_FAR, step=key, field="offset") for key in _far_steps(by_key)),
        *_placeholders(steps),
        *_unknown_roles(steps, roles),
        *_unknown_attributes(steps, attributes),
    ]
    if not found:
        found.extend(_due_before(steps))
    return tuple(found)


def _unknown_steps(steps: Mapping[str, StepDocument]) -> Iterator[Finding]:
    for step in steps.values():
        for key in step.fields["depends_on"]:
            if key not in steps:
                yield _unknown(UNKNOWN_STEP, step, "depends_on", key, steps)
        other = step.fields["anchor_step"]
        if other and other not in steps:
            yield _unknown(UNKNOWN_STEP, step, "anchor_step", other, steps)


def _incomplete_anchors(steps: Iterable[StepDocument]) -> Iterator[Finding]:
    """Find steps that count from the end of a step without naming it, or name one in vain."""
    for step in steps:
        anchor, other = step.fields["anchor"], step.fields["anchor_step"]
        if (anchor == Anchor.STEP_END) != bool(other):
            yield Finding(ANCHOR_INCOMPLETE, step=step.key, field="anchor_step", value=other)


def _far_steps(steps: Mapping[str, StepDocument]) -> list[str]:
    """Return the steps whose distance from their event nobody plans, nor any calendar covers."""
    reach: dict[str, float] = {}
    return [key for key in steps if _reach(key, steps, reach) > FARTHEST_DAYS]


def _reach(key: str, steps: Mapping[str, StepDocument], known: dict[str, float]) -> float:
    """Return how many days a step lies from its event at most; in a ring, from where it closes."""
    if key not in steps:
        return 0
    if key not in known:
        known[key] = 0
        timing = timing_of(steps[key])
        own = abs(timing.offset.amount) * _LONGEST[timing.offset.unit] + _LONGEST_ROLL
        known[key] = own + _reach(timing.step, steps, known)
    return known[key]


def _cycles(steps: Mapping[str, StepDocument]) -> Iterator[Finding]:
    """Find steps that wait for each other, or count from each other's end, in a ring."""
    for name, edges in (("depends_on", _dependencies), ("anchor_step", _anchors)):
        graph = {
            key: [each for each in edges(step) if each in steps] for key, step in steps.items()
        }
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            # Named from where it is waited: the ring comes back to its beginning.
            ring = list(reversed(error.args[1]))
            yield Finding(CYCLE, step=ring[0], field=name, value=ring)


def _dependencies(step: StepDocument) -> Sequence[str]:
    keys: Sequence[str] = step.fields["depends_on"]
    return keys


def _anchors(step: StepDocument) -> Sequence[str]:
    return [step.fields["anchor_step"]] if step.fields["anchor_step"] else []


def _placeholders(steps: Iterable[StepDocument]) -> Iterator[Finding]:
    for step in steps:
        for field, template in _templates(step):
            try:
                names = placeholders_in(template)
            except BadTemplate as error:
                yield Finding(BAD_TEMPLATE, step=step.key, field=field, value=str(error))
                continue
            for name in names:
                if name not in PLACEHOLDERS:
                    yield _unknown(UNKNOWN_PLACEHOLDER, step, field, name, PLACEHOLDERS)


def _templates(step: StepDocument) -> Iterator[tuple[str, str]]:
    yield "message", step.fields["message"]
    for name, words in step.fields.items():
        if name.startswith(f"{TRANSLATIONS}.") and words and words.get("message"):
            yield name, words["message"]


def _unknown_roles(steps: Iterable[StepDocument], roles: Iterable[str] | None) -> Iterator[Finding]:
    if roles is None:
        return
    known = tuple(roles)
    for step in steps:
        role = step.fields["owner_role"]
        if role and role not in known:
            yield _unknown(UNKNOWN_ROLE, step, "owner_role", role, known)


def _unknown_attributes(
    steps: Iterable[StepDocument], attributes: Iterable[str] | None
) -> Iterator[Finding]:
    if attributes is None:
        return
    known = tuple(attributes)
    for step in steps:
        for key in step.fields["condition"].get("attributes", {}):
            if key not in known:
                yield _unknown(UNKNOWN_ATTRIBUTE, step, "condition", key, known)


def _due_before(steps: Sequence[StepDocument]) -> Iterator[Finding]:
    """Find steps that fall due before what they wait for, whatever the day of the start."""
    by_key = {step.key: step for step in steps}
    pairs = [
        (step.key, other)
        for step in steps
        for other in step.fields["depends_on"]
        if root_anchor(step.key, by_key) == root_anchor(other, by_key)
    ]
    if not pairs:
        return
    always = set(pairs)
    for start in _STARTS:
        days = plain_days(steps, start)
        always = {(key, other) for key, other in always if days[key] < days[other]}
        if not always:
            return
    for key, other in pairs:
        if (key, other) in always:
            yield Finding(DUE_BEFORE, step=key, field="offset", value=other)


def plain_days(
    steps: Sequence[StepDocument], start: dt.date = PLAIN_START
) -> Mapping[str, dt.date]:
    """Return on which day each step falls on a plain calendar, every anchor being ``start``.

    A step whose day nobody can tell, since its references are not in order or lead too far, falls
    on ``start``.
    """
    far = frozenset(_far_steps({step.key: step for step in steps}))
    planned = schedule(
        [step for step in steps if step.key not in far],
        anchors=dict.fromkeys(Anchor, start),
        calendar=PLAIN_CALENDAR,
        today=PLAIN_CALENDAR.first_day,
    )
    known = {each.key: each.date for each in planned}
    return MappingProxyType({step.key: known.get(step.key) or start for step in steps})


def _unknown(
    rule: str, step: StepDocument, field: str, value: str, known: Iterable[str]
) -> Finding:
    close = get_close_matches(value, list(known), n=1)
    return Finding(rule, step=step.key, field=field, value=value, limit=close[0] if close else None)
