"""From the rows of a file to values, by the columns that were mapped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.imports.columns import BY_FIELD, Column, Field, WhenEmpty
from accounts.imports.values import Formats, Unfit
from toolkit.tables import BadCell, Row, Table
from toolkit.tables.cells import as_text

LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot be taken; without a column it is the row as a whole."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """The values of a row by field; None stands for an empty cell."""

    number: int
    values: dict[Field, Any]


class RowReader:
    """Reads the mapped columns of a table."""

    def __init__(self, table: Table, mapping: dict[Field, int], formats: Formats) -> None:
        self._table = table
        self._formats = formats
        self._columns = [(field, index, BY_FIELD[field]) for field, index in mapping.items()]
        self._titles = {field: table.header[index] for field, index in mapping.items()}
        self.fields = frozenset(mapping)

    def rows(self) -> Iterator[tuple[ReadRow, list[Problem]]]:
        """Yield every row, with what is wrong with it; its other values are read all the same."""
        for row in self._table.rows():
            if row.problem:
                yield ReadRow(row.number, {}), [Problem(row.number, "", "", row.problem)]
            else:
                yield self._read(row)

    def problem(self, row: ReadRow, field: Field, reason: str) -> Problem:
        """Return a problem of a row with one of its values."""
        value = row.values.get(field)
        text = "" if value is None else str(getattr(value, "value", value))
        return Problem(row.number, self._titles.get(field, ""), text[:LONGEST_SHOWN], reason)

    def _read(self, row: Row) -> tuple[ReadRow, list[Problem]]:
        values: dict[Field, Any] = {}
        problems: list[Problem] = []
        for field, index, column in self._columns:
            cell = row.cells[index]
            if not isinstance(cell, str) or cell.strip():
                try:
                    values[field] = column.read(cell, self._formats)
                    continue
                except Unfit as error:
                    reason = str(error)
            elif column.when_empty is WhenEmpty.IS_REFUSED:
                reason = _("This must not be empty.")
            else:
                values[field] = None
                continue
            problems.append(self._unfit(row, column, index, reason))
        return ReadRow(row.number, values), problems

    def _unfit(self, row: Row, column: Column, index: int, reason: str) -> Problem:
        cell = row.cells[index]
        shown = cell.shown if isinstance(cell, BadCell) else as_text(cell)
        return Problem(row.number, self._titles[column.field], shown[:LONGEST_SHOWN], reason)
