"""Values as PostgreSQL takes them, for statements over very many rows."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from regions.offsets import Move


def array_of(values: Iterable[UUID | dt.date | int | str | None]) -> str:
    """Return an array as PostgreSQL writes it, of values that need no quotes of their own.

    Ten times faster than a list, of which the driver looks at every value twice.
    """
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def instants(values: Iterable[dt.datetime]) -> str:
    """Return an array of instants."""
    return array_of(f'"{value}"' for value in values)


def moves_as_json(moves: Sequence[Move]) -> str | None:
    """Return why a day was moved, for a statement; None where it was not."""
    return orjson.dumps(moves_as_record(moves)).decode() if moves else None


def moves_as_record(moves: Sequence[Move]) -> list[dict[str, Any]] | None:
    """Return why a day was moved, as a task keeps it; None where it was not."""
    return [
        {
            "from": move.from_date.isoformat(),
            "to": move.to_date and move.to_date.isoformat(),
            "reason": str(move.reason),
            "names": move.names,
            **({"numbers": move.numbers} if move.numbers else {}),
        }
        for move in moves
    ] or None
