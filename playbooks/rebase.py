"""Moving a localization to a newer version of what it rests on. Pure.

Untouched fields follow, changed ones stay. A field is in conflict when the base changed it since,
and the localization changed it too, to something else: a person settles that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from playbooks.changes import PRESENCE, Action, Change, StepDocument, flattened
from playbooks.resolution import Resolved


class ConflictKind(StrEnum):
    """How the new base and a localization disagree."""

    CHANGED_BOTH = "changed_both"
    STEP_GONE = "step_gone"
    ADDED_BOTH = "added_both"


class Choice(StrEnum):
    """How a person settles a conflict; a value of one's own is the third way."""

    LOCAL = "local"
    BASE = "base"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that the base and the localization both changed.

    ``before`` and ``after`` are what the old and the new base say, ``local`` what the
    localization says.
    """

    kind: ConflictKind
    step: str
    field: str = PRESENCE
    before: Any = None
    after: Any = None
    local: Any = None

    @property
    def place(self) -> tuple[str, str]:
        """What of the playbook it concerns."""
        return self.step, self.field


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person decided on one conflict; ``author`` and ``since`` sign a value of her own."""

    choice: Choice
    value: Any = None
    author: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Rebased:
    """The changes as they rest on the new base, and the conflicts that nobody settled."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


def rebase(
    changes: Iterable[Change],
    *,
    before: Resolved,
    after: Resolved,
    settled: Mapping[tuple[str, str], Settlement] | None = None,
) -> Rebased:
    """Return the changes of a localization as they rest on a new base.

    ``before`` and ``after`` are the old and the new base, resolved without the localization.
    """
    changes = tuple(changes)
    restored = {change.step for change in changes if change.action is Action.RESTORE}
    added = {change.step for change in changes if change.action is Action.ADD}
    kept: list[Change] = []
    conflicts: dict[tuple[str, str], Conflict] = {}
    for change in changes:
        if _is_moot(change, after):
            continue
        conflict = find_conflict(change, before, after, restored=restored, added=added)
        settlement = (settled or {}).get(conflict.place) if conflict else None
        if conflict is None:
            kept.append(change)
        elif settlement is None or not _can_settle(conflict, settlement):
            conflicts[conflict.place] = conflict
            kept.append(change)
        else:
            kept.extend(_settle(change, settlement))
    return Rebased(tuple(kept), tuple(conflicts.values()))


def find_conflict(
    change: Change,
    before: Resolved,
    after: Resolved,
    *,
    restored: Collection[str] = (),
    added: Collection[str] = (),
) -> Conflict | None:
    """Return how one change disagrees with the new base, or None.

    ``restored`` are the steps that the localization brings back, ``added`` those that it adds.
    """
    old = _step(before, change.step, restored)
    new = _step(after, change.step, restored)
    match change.action:
        case Action.DROP:
            return None
        case Action.ADD:
            return None if old else _conflict_of_addition(change, new)
    if new is None and change.step in added:
        return None
    if new is None:
        return Conflict(ConflictKind.STEP_GONE, change.step, local=change.value)
    if change.action is Action.RESTORE:
        return None
    was, is_now = (old.fields.get(change.field) if old else None), new.fields.get(change.field)
    if _same(was, is_now) or _same(is_now, change.value) or _same(was, change.value):
        return None
    return Conflict(ConflictKind.CHANGED_BOTH, change.step, change.field, was, is_now, change.value)


def _is_moot(change: Change, after: Resolved) -> bool:
    """Return whether the new base did it itself: the step is gone, back again, or there as well."""
    there = after.find(change.step)
    match change.action:
        case Action.DROP:
            return there is None
        case Action.RESTORE:
            return there is not None
        case Action.ADD:
            return there is not None and _adds_the_same(change, there)
    return False


def _same(one: Any, other: Any) -> bool:
    """Return whether two values of a field mean the same; whatever is empty does."""
    return one == other or not (one or other)


def _step(resolved: Resolved, key: str, restored: Collection[str]) -> StepDocument | None:
    """Return a step of a base; one that was dropped, if the localization brings it back."""
    step = resolved.find(key)
    if step is None and key in restored and key in resolved.dropped:
        return resolved.dropped[key][0]
    return step


def _conflict_of_addition(change: Change, new: StepDocument | None) -> Conflict | None:
    if new is None:
        return None
    local = flattened(change.value or {})
    return Conflict(ConflictKind.ADDED_BOTH, change.step, after=dict(new.fields), local=local)


def _adds_the_same(change: Change, there: StepDocument) -> bool:
    local = flattened(change.value or {})
    return all(_same(there.fields.get(name), value) for name, value in local.items())


def _can_settle(conflict: Conflict, settlement: Settlement) -> bool:
    """Return whether the choice is one: a step that is gone, or is there twice, has no third way.

    What the base dropped cannot be kept by changing it; a step added on both sides keeps one key.
    """
    if conflict.kind is ConflictKind.CHANGED_BOTH:
        return True
    return settlement.choice is Choice.BASE


def _settle(change: Change, settlement: Settlement) -> list[Change]:
    match settlement.choice:
        case Choice.LOCAL:
            return [change]
        case Choice.VALUE:
            return [
                replace(
                    change,
                    value=settlement.value,
                    author=settlement.author,
                    since=settlement.since,
                )
            ]
    return []
