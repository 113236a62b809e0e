"""Pages by key: any page costs the same, and nothing is counted."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, unquote
from uuid import UUID

from django.db.models import Model, Q, QuerySet

RowT = TypeVar("RowT", bound=Model)

PAGE_SIZE = 50
SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Key:
    """A NOT NULL column that rows are sorted by, ties by id, and how to read it from text."""

    column: str
    parse: Callable[[str], Any]
    descending: bool = False


BY_DUE_DATE = Key("due_date", dt.date.fromisoformat)
LATEST_FIRST = Key("due_date", dt.date.fromisoformat, descending=True)
LATEST_HELD_FIRST = Key("held_on", dt.date.fromisoformat, descending=True)
BY_NAME = Key("search_name", str)


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Some rows, and the cursor of those that follow; empty after the last."""

    rows: list[RowT]
    after: str = ""


def page_of(
    queryset: QuerySet[RowT], *keys: Key, after: str = "", size: int = PAGE_SIZE
) -> Page[RowT]:
    """Return the rows that follow the cursor ``after``; one that is not ours starts anew.

    They are sorted by all ``keys``, ties by id. All keys go in one direction.
    """
    sign = "-" if keys[0].descending else ""
    queryset = queryset.order_by(*(f"{sign}{key.column}" for key in keys), f"{sign}pk")
    if place := _read(after, keys):
        queryset = queryset.filter(_beyond(place, keys))
    rows = list(queryset[: size + 1])
    if len(rows) <= size:
        return Page(rows)
    return Page(rows[:size], _cursor(rows[size - 1], keys))


def _cursor(row: Model, keys: Sequence[Key]) -> str:
    values = [quoted(getattr(row, key.column)) for key in keys]
    return SEPARATOR.join([*values, str(row.pk)])


def quoted(value: Any) -> str:
    """Return a value as a part of a cursor."""
    return quote(str(value), safe=" ").replace(SEPARATOR, "%7E")


def _read(cursor: str, keys: Sequence[Key]) -> tuple[list[Any], UUID] | None:
    *values, pk = cursor.split(SEPARATOR)
    if len(values) != len(keys):
        return None
    try:
        texts = [unquote(value, errors="strict") for value in values]
        if any("\0" in text for text in texts):
            return None
        return [key.parse(text) for key, text in zip(keys, texts, strict=True)], UUID(pk)
    except (ValueError, ArithmeticError):
        return None


def _beyond(place: tuple[Sequence[Any], UUID], keys: Sequence[Key]) -> Q:
    """Return what lies beyond a place: by the last key, or equal there and beyond by the rest."""
    values, pk = place
    side = "lt" if keys[0].descending else "gt"
    beyond = Q(**{f"pk__{side}": pk})
    for key, value in reversed(list(zip(keys, values, strict=True))):
        further = Q(**{f"{key.column}__{side}": value})
        # The range once more, for the index.
        beyond = Q(**{f"{key.column}__{side}e": value}) & (further | beyond)
    return beyond
