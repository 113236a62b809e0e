"""Two versions or two editions side by side, step by step. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from playbooks.changes import Origin, StepDocument

TIMING_FIELDS = frozenset({"anchor", "anchor_step", "offset", "unit", "roll"})


class Difference(StrEnum):
    """How a step differs from its counterpart."""

    SAME = "same"
    CHANGED = "changed"
    ONLY_LEFT = "only_left"
    ONLY_RIGHT = "only_right"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field on both sides, with who says so; a step that is missing has None."""

    name: str
    left: Any
    right: Any
    left_origin: Origin | None = None
    right_origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class StepDifference:
    """A step on both sides, and its fields that differ."""

    key: str
    difference: Difference
    left: StepDocument | None
    right: StepDocument | None
    fields: tuple[FieldDifference, ...] = ()

    @property
    def title(self) -> str:
        """What the step is called, on the left if it is there."""
        step = self.left or self.right
        return str(step.fields.get("title", "")) if step else ""

    @property
    def changes_timing(self) -> bool:
        """Whether it falls on another day."""
        return any(each.name in TIMING_FIELDS for each in self.fields)


def compare(
    left: Iterable[StepDocument], right: Iterable[StepDocument]
) -> tuple[StepDifference, ...]:
    """Return every step of both sides, in the order of the left, what is new where it belongs."""
    lefts, rights = _by_key(left), _by_key(right)
    in_order = sorted((rights | lefts).values(), key=lambda step: step.position)
    return tuple(_compare(step.key, lefts.get(step.key), rights.get(step.key)) for step in in_order)


def _by_key(steps: Iterable[StepDocument]) -> dict[str, StepDocument]:
    return {step.key: step for step in steps}


def _compare(key: str, left: StepDocument | None, right: StepDocument | None) -> StepDifference:
    if left is None or right is None:
        missing = Difference.ONLY_RIGHT if left is None else Difference.ONLY_LEFT
        return StepDifference(key, missing, left, right)
    fields = tuple(_differences(left, right))
    difference = Difference.CHANGED if fields else Difference.SAME
    return StepDifference(key, difference, left, right, fields)


def _differences(left: StepDocument, right: StepDocument) -> Iterable[FieldDifference]:
    for name in dict.fromkeys((*left.fields, *right.fields)):
        one, other = left.fields.get(name), right.fields.get(name)
        if one != other:
            yield FieldDifference(name, one, other, left.origins.get(name), right.origins.get(name))
