"""Steps and changes to test the rules of playbooks with, and strategies that draw them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from playbooks.changes import (
    HEADER,
    Action,
    Change,
    Fields,
    Layer,
    Level,
    Reason,
    ReasonKind,
    StepDocument,
    global_step,
)
from playbooks.fields import empty_step
from playbooks.resolution import Resolved, resolve

HEAD = global_step(HEADER, {"name": "Onboarding", "goal": "It runs."})
REASON = Reason(ReasonKind.CULTURE, "A visit comes before a call here.", "Own figures", "42")
KEYS = ("kickoff", "training", "survey", "review", "visit", "thanks")


def step(key: str = "kickoff", **fields: Any) -> StepDocument:
    """Return a step of a global version: a call two working days after the start."""
    defaults = {"title": f"Do {key}", "outcome": f"{key} is done.", "kind": "call", "offset": 2}
    return global_step(key, {**empty_step(), **defaults, **fields})


def sets(step: str, field: str, value: Any, **values: Any) -> Change:
    """Return the change of one field."""
    return Change(Action.SET, step, values.pop("reason", REASON), field, value, **values)


def adds(step: str, **fields: Any) -> Change:
    """Return the addition of a step."""
    defaults = {"title": f"Do {step}", "outcome": f"{step} is done.", "kind": "call"}
    return Change(Action.ADD, step, REASON, value=defaults | fields)


def drops(step: str) -> Change:
    """Return that a step is left out."""
    return Change(Action.DROP, step, REASON)


def restores(step: str) -> Change:
    """Return that a step is brought back."""
    return Change(Action.RESTORE, step, REASON)


def region(*changes: Change) -> Layer:
    """Return the localization of a region."""
    return Layer(Level.REGION, changes)


def market(*changes: Change) -> Layer:
    """Return the localization of a market."""
    return Layer(Level.MARKET, changes)


def laid(steps: Iterable[StepDocument], *layers: Layer) -> Resolved:
    """Return what layers make of steps."""
    return resolve(HEAD, steps, layers, empty=empty_step())


def fields_of(resolved: Resolved, key: str) -> Fields:
    """Return the fields of a step that is there."""
    found = resolved.find(key)
    assert found, key
    return found.fields


VALUES = {
    "offset": st.integers(-5, 20),
    "title": st.sampled_from(["Call", "Visit", "Write"]),
    "position": st.integers(1, 4).map(lambda each: each * 10),
    "checklist": st.lists(st.sampled_from(["agenda", "slides"]), max_size=2),
    "tone": st.sampled_from([None, "", "formal", "plain"]),
    "translations.fr": st.sampled_from([None, {"title": "Appel"}, {"title": "Visite"}]),
}
"""Some fields of each kind, and values for them."""

GLOBAL_VALUES = {name: values for name, values in VALUES.items() if "." not in name} | {
    "tone": st.sampled_from(["", "formal", "plain"])
}


@st.composite
def versions(draw: st.DrawFn) -> tuple[StepDocument, ...]:
    """Draw the steps of a global version."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
    return tuple(step(key, **draw(st.fixed_dictionaries(GLOBAL_VALUES))) for key in keys)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Change, ...]:
    """Draw the changes of a localization, which may or may not fit; each place at most once."""
    drawn: dict[tuple[str, str], Change] = {}
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        whole = draw(st.sampled_from([None, None, adds, drops, restores]))
        if whole:
            drawn[key, ""] = whole(key)
        for name in draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3)):
            drawn[key, name] = sets(key, name, draw(VALUES[name]))
    return tuple(drawn.values())
