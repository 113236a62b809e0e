"""Pages by key: any page costs the same, and nothing is counted."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
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
    queryset: QuerySet[RowT], key: Key, *, after: str = "", size: int = PAGE_SIZE
) -> Page[RowT]:
    """Return the rows that follow the cursor ``after``; one that is not ours starts anew."""
    sign = "-" if key.descending else ""
    queryset = queryset.order_by(f"{sign}{key.column}", f"{sign}pk")
    if place := _read(after, key):
        queryset = queryset.filter(_beyond(place, key))
    rows = list(queryset[: size + 1])
    if len(rows) <= size:
        return Page(rows)
    last = rows[size - 1]
    return Page(rows[:size], f"{getattr(last, key.column)}{SEPARATOR}{last.pk}")


def _read(cursor: str, key: Key) -> tuple[Any, UUID] | None:
    value, _, pk = cursor.rpartition(SEPARATOR)
    try:
        return (key.parse(value), UUID(pk)) if "\0" not in value else None
    except ValueError:
        return None


def _beyond(place: tuple[Any, UUID], key: Key) -> Q:
    value, pk = place
    beyond = "lt" if key.descending else "gt"
    column = key.column
    return Q(**{f"{column}__{beyond}e": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk})
    )
