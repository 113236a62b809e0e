"""What a change leads to elsewhere: collected while it is made, for a preview or a receipt."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

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
