"""From a global version and its localizations to the playbook that one market carries out. Pure.

The global version, then the region's localization, then the market's: later wins, field by field.
Absent means inherit, null means set to empty; lists are replaced whole, translations merge per
language. A field that a localization sets stays its own even where the value is that of its base.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from governance.findings import Finding
from playbooks.changes import (
    HEADER,
    PRESENCE,
    Action,
    Change,
    Fields,
    Layer,
    Origin,
    StepDocument,
    flattened,
)

STEP_IS_GONE = "step_is_gone"
STEP_EXISTS = "step_exists"
NOT_DROPPED = "not_dropped"
"""The rules of changes that fit nowhere."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A playbook as one place carries it out.

    ``steps`` are in their order; ``header`` holds the playbook's own fields. ``dropped`` are the
    steps left out, each with who left it out, and ``misfits`` the changes that fit nowhere.
    """

    header: StepDocument
    steps: tuple[StepDocument, ...]
    dropped: Mapping[str, tuple[StepDocument, Origin]]
    misfits: tuple[Finding, ...] = ()

    def find(self, key: str) -> StepDocument | None:
        """Return a step, or the header, by its key."""
        if key == HEADER:
            return self.header
        return next((step for step in self.steps if step.key == key), None)


def resolve(
    header: StepDocument,
    steps: Iterable[StepDocument],
    layers: Sequence[Layer] = (),
    *,
    empty: Fields | None = None,
) -> Resolved:
    """Return what a place makes of a global version.

    ``empty`` says what each field is when it is set to empty, and what a step that is added has
    where it says nothing.
    """
    state = _State({step.key: step for step in steps}, header, dict(empty or {}))
    for layer in layers:
        for change in sorted(layer.changes, key=_turn):
            state.apply(change, layer)
    ordered = tuple(sorted(state.steps.values(), key=lambda step: step.position))
    return Resolved(state.header, ordered, state.dropped, tuple(state.misfits))


_TURNS = (Action.RESTORE, Action.DROP, Action.ADD, Action.SET)


def _turn(change: Change) -> int:
    """Return when a change is carried out: whole steps first, then what is said of them."""
    return _TURNS.index(change.action)


class _State:
    """The steps so far, while layer after layer is laid over them."""

    def __init__(self, steps: dict[str, StepDocument], header: StepDocument, empty: Fields) -> None:
        self.steps = steps
        self.header = header
        self.empty = empty
        self.dropped: dict[str, tuple[StepDocument, Origin]] = {}
        self.misfits: list[Finding] = []

    def apply(self, change: Change, layer: Layer) -> None:
        origin = Origin(layer.level, change.reason, change.author, change.since)
        match change.action:
            case Action.SET:
                self._set(change, origin)
            case Action.ADD:
                self._add(change, origin)
            case Action.DROP:
                self._drop(change, origin)
            case Action.RESTORE:
                self._restore(change, origin)

    def _set(self, change: Change, origin: Origin) -> None:
        if change.step == HEADER:
            self.header = self._with(self.header, change, origin)
        elif change.step in self.steps:
            self.steps[change.step] = self._with(self.steps[change.step], change, origin)
        else:
            self._misfit(STEP_IS_GONE, change)

    def _add(self, change: Change, origin: Origin) -> None:
        if change.step in self.steps or change.step in self.dropped:
            self._misfit(STEP_EXISTS, change)
            return
        fields = {**self.empty, **flattened(change.value or {})}
        origins = dict.fromkeys(fields, origin)
        self.steps[change.step] = StepDocument(change.step, fields, origins)

    def _drop(self, change: Change, origin: Origin) -> None:
        step = self.steps.pop(change.step, None)
        if step is None:
            self._misfit(STEP_IS_GONE, change)
        else:
            self.dropped[change.step] = (step, origin)

    def _restore(self, change: Change, origin: Origin) -> None:
        if change.step not in self.dropped:
            self._misfit(NOT_DROPPED, change)
            return
        step, _dropped_by = self.dropped.pop(change.step)
        self.steps[change.step] = replace(step, origins={**step.origins, PRESENCE: origin})

    def _with(self, step: StepDocument, change: Change, origin: Origin) -> StepDocument:
        return replace(
            step,
            fields={**step.fields, change.field: self._value(change)},
            origins={**step.origins, change.field: origin},
        )

    def _value(self, change: Change) -> Any:
        return self.empty.get(change.field) if change.value is None else change.value

    def _misfit(self, rule: str, change: Change) -> None:
        self.misfits.append(Finding(rule, step=change.step, field=change.field))
