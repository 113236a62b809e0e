"""What a change leads to elsewhere, drawn once for many changes.

A service tells of its change by ``draw``. Alone that happens at once; where many changes are made
together, what they lead to is gathered and drawn at the end, each thing once.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)

Gathered: TypeAlias = dict[Callable[[list[Any]], None], dict[Any, None]]

_gathered: ContextVar[Gathered | None] = ContextVar("gathered", default=None)


def draw(consequence: Callable[[list[ItemT]], None], *items: ItemT) -> None:
    """Let ``consequence`` follow from ``items``: now, or with others like them at the end."""
    gathered = _gathered.get()
    if gathered is None:
        consequence(list(items))
    else:
        gathered.setdefault(consequence, {}).update(dict.fromkeys(items))


@contextmanager
def gathering() -> Iterator[None]:
    """Gather what the changes made inside lead to, and draw it at the end.

    One inside another hands over what it gathered; one that fails leads to nothing.
    """
    outer = _gathered.get()
    gathered: Gathered = {}
    token = _gathered.set(gathered)
    try:
        yield
        if outer is None:
            _draw(gathered)
    finally:
        _gathered.reset(token)
    for consequence, items in gathered.items():
        draw(consequence, *items)


def settle() -> None:
    """Draw now what was gathered so far: what comes next tells people that it is done."""
    _draw(_gathered.get() or {})


def _draw(gathered: Gathered) -> None:
    """Draw all consequences, those of consequences included."""
    while gathered:
        consequence = next(iter(gathered))
        consequence(list(gathered.pop(consequence)))
