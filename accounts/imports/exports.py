"""Accounts as a file, with the very columns that an import takes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.imports.columns import COLUMNS, OF_TEMPLATE
from accounts.models import Account, AccountImport
from toolkit.tables import Cell, FileKind, TableFile, write_table

FILE_NAME = "accounts"
AT_ONCE = 5000


def accounts_file(accounts: QuerySet[Account], *, kind: FileKind) -> TableFile:
    """Return accounts, in their order, as a file that imports again unchanged."""
    titles = [column.title for column in COLUMNS]
    return write_table(FILE_NAME, titles, _rows(accounts), kind=kind)


def template_file(*, kind: FileKind) -> TableFile:
    """Return an empty file with the five columns that are enough to begin with."""
    return write_table(FILE_NAME, [title for _field, title in OF_TEMPLATE], (), kind=kind)


def problems_file(account_import: AccountImport, *, kind: FileKind) -> TableFile:
    """Return what is wrong with the rows of a file."""
    titles = [_("Row"), _("Column"), _("Value"), _("Reason")]
    problems = account_import.problems.values_list("row", "column", "value", "reason")
    rows = (
        (Decimal(row), column, value, reason)
        for row, column, value, reason in problems.iterator(AT_ONCE)
    )
    return write_table("problems", titles, rows, kind=kind)


def _rows(accounts: QuerySet[Account]) -> Iterator[list[Cell | None]]:
    paths = [column.path for column in COLUMNS]
    for row in accounts.values_list(*paths).iterator(AT_ONCE):
        yield [_cell(value) for value in row]


def _cell(value: Any) -> Cell | None:
    """Return a value as a cell; an id as its text."""
    return value if value is None or isinstance(value, Cell) else str(value)
