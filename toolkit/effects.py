"""What a change leads to elsewhere: collected while it is made, for a preview or a receipt."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from django.db import transaction

EXAMPLES = 5

_collected: ContextVar[list["Effect"] | None] = ContextVar("effects", default=None)


class EffectKind(StrEnum):
    """What happens to the subject. What somebody worked on is kept and flagged."""

    ADDED = "added"
    MOVED = "moved"
    REMOVED = "removed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence, such as a check-in that moves; ``group`` is a market, for example."""

    kind: EffectKind
    group: str
    subject: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class GroupEffects:
    """The effects of one group, such as a market: how many of each kind, and the first few."""

    group: str
    added: int
    moved: int
    removed: int
    kept: int
    examples: tuple[Effect, ...]
    more: int


def report(effects: list[Effect]) -> None:
    """Hand effects to whoever collects them; nobody may."""
    collected = _collected.get()
    if collected is not None:
        collected.extend(effects)


def wanted() -> bool:
    """Tell whether anybody collects effects, so that they need to be worked out."""
    return _collected.get() is not None


@contextmanager
def collect() -> Iterator[list[Effect]]:
    """Collect the effects of what happens inside."""
    effects: list[Effect] = []
    token = _collected.set(effects)
    try:
        yield effects
    finally:
        _collected.reset(token)


def preview(change: Callable[[], Any]) -> list[Effect]:
    """Make a change, note its effects, and take all of it back.

    A preview made by the change itself cannot differ from it.
    """
    with collect() as effects, transaction.atomic():
        change()
        transaction.set_rollback(True)
    return effects


def summarize(effects: Iterable[Effect]) -> list[GroupEffects]:
    """Put effects together by group, in order of its name.

    One form may change several things, each with effects of its own: what counts is how all
    of them together differ from before.
    """
    subjects: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        subjects[effect.group, effect.subject].append(effect)
    groups: dict[str, list[Effect]] = defaultdict(list)
    for (group, subject), found in sorted(subjects.items()):
        groups[group].extend(_net(group, subject, found))
    return [_summary(group, found) for group, found in groups.items() if found]


def _net(group: str, subject: str, found: list[Effect]) -> Iterator[Effect]:
    """Pair the days that are gone with those that are new."""
    days: Counter[Any] = Counter()
    for effect in found:
        if effect.kind is not EffectKind.KEPT:
            days.update(_given(effect.after))
            days.subtract(_given(effect.before))
    gone, new = sorted((-days).elements()), sorted((+days).elements())
    for before, after in zip_longest(gone, new):
        yield Effect(_kind(before, after), group, subject, before, after)
    yield from dict.fromkeys(effect for effect in found if effect.kind is EffectKind.KEPT)


def _given(day: Any) -> list[Any]:
    return [] if day is None else [day]


def _kind(before: Any, after: Any) -> EffectKind:
    if before is None:
        return EffectKind.ADDED
    return EffectKind.REMOVED if after is None else EffectKind.MOVED


def _summary(group: str, found: list[Effect]) -> GroupEffects:
    count = Counter(effect.kind for effect in found)
    return GroupEffects(
        group=group,
        added=count[EffectKind.ADDED],
        moved=count[EffectKind.MOVED],
        removed=count[EffectKind.REMOVED],
        kept=count[EffectKind.KEPT],
        examples=tuple(found[:EXAMPLES]),
        more=max(0, len(found) - EXAMPLES),
    )
