"""A table as it was read: a header, and rows with the numbers that a spreadsheet shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext as _

from toolkit.errors import InvalidInput
from toolkit.tables.cells import Cell


class FileKind(StrEnum):
    """How a table is stored."""

    CSV = "csv"
    XLSX = "xlsx"


class UnreadableTable(InvalidInput):
    """The file cannot be read as it is; ``about`` says what would have to be told.

    That is ``encoding``, ``delimiter`` or ``sheet``, or ``file`` where nothing helps. ``offers``
    are the answers that would do.
    """

    def __init__(self, about: str, reason: str, *, offers: Sequence[str] = ()) -> None:
        self.about, self.offers = about, list(offers)
        super().__init__({about: reason})


@dataclass(frozen=True, slots=True)
class Row:
    """A row with as many cells as the header, or with a reason why it cannot be taken."""

    number: int
    cells: tuple[Cell, ...]
    problem: str = ""


class Source(Protocol):
    """A file that can be read from the start as often as needed."""

    def records(self) -> Iterator[Row]:
        """Yield the rows that hold anything, the header first."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a file. ``header`` names every column once, whatever the file says."""

    kind: FileKind
    header: tuple[str, ...]
    titles: tuple[str, ...]
    """The header as the file has it."""
    source: Source = field(repr=False)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, from the start each time.

        :raises UnreadableTable: if there are too many.
        """
        records = self.source.records()
        next(records, None)
        width = len(self.header)
        # A sheet has no row ends: what is missing there is empty. In CSV it is missing.
        padding = ("",) * width if self.kind is FileKind.XLSX else ()
        for row in records:
            yield row if row.problem else _fitted(row, width, padding)


def named_once(titles: Sequence[str]) -> tuple[str, ...]:
    """Return a name for every column: a second “Name” is “Name (2)”, an empty one its number."""
    names: list[str] = []
    for number, title in enumerate(titles, 1):
        wanted = name = title or f"#{number}"
        again = 2
        while name in names:
            name, again = f"{wanted} ({again})", again + 1
        names.append(name)
    return tuple(names)


def _fitted(row: Row, width: int, padding: tuple[Cell, ...]) -> Row:
    """Let a row end where the header does, where only empty cells are in the way."""
    cells = row.cells + padding[len(row.cells) :]
    while len(cells) > width and cells[-1] == "":
        cells = cells[:-1]
    if len(cells) == width:
        return Row(row.number, cells)
    reason = _("This row has %(cells)d cells, the header has %(columns)d.") % {
        "cells": len(cells),
        "columns": width,
    }
    return Row(row.number, cells, reason)
