"""XLSX: sheets of typed cells. Formulas are never computed, and what they once gave is not taken.

Source: ECMA-376 part 1.
"""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from toolkit.tables.cells import BadCell, Cell, unescape
from toolkit.tables.limits import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHARED_BYTES,
    MOST_UNPACKED_BYTES,
)
from toolkit.tables.table import Row, UnreadableTable

ROWS_AT_ONCE = 500
_SHARED_TEXTS = "xl/sharedStrings.xml"
_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    DefusedXmlException,
    ParseError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
"""What a file that only looks like a workbook can lead the reader to raise."""

# How a text holds what XML cannot. Source: ECMA-376 part 1, 22.4.2.4 (ST_Xstring).
_HIDDEN = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_HIDE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxSource:
    """The rows of one sheet; once they were read to the end they are kept: reading is slow."""

    def __init__(self, workbook: Workbook, sheet: str) -> None:
        self.sheet = sheet
        self._workbook = workbook
        self._kept: list[Row] | None = None

    def records(self) -> Iterator[Row]:
        """Yield the rows that hold anything, the header first."""
        if self._kept is not None:
            yield from self._kept
            return
        rows: list[Row] = []
        for row in self._read():
            rows.append(row)
            yield row
        self._kept = rows

    def _read(self) -> Iterator[Row]:
        sheet = self._workbook[self.sheet]
        sheet.reset_dimensions()  # what it says of its size may be wrong
        rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1)
        empty: tuple[Any, ...] | None = None
        for number, cells in enumerate(_one_by_one(rows), start=1):
            if cells is empty:
                continue  # Every row that is not in the file is the same object.
            values = _trimmed(cells)
            if not values:
                empty = cells
                continue
            if number > MOST_ROWS + 1:
                raise UnreadableTable(
                    "file", _("A file may have %(most)d rows.") % {"most": MOST_ROWS}
                )
            if len(values) > MOST_COLUMNS:
                raise UnreadableTable(
                    "file", _("A file may have %(most)d columns.") % {"most": MOST_COLUMNS}
                )
            yield Row(number, values)


def xlsx_source(content: bytes, *, sheet: str = "") -> tuple[XlsxSource, tuple[str, ...]]:
    """Return a sheet, the first one unless told otherwise, and the names of all.

    :raises UnreadableTable: if the file is broken, unpacks to too much, or lacks the sheet.
    """
    _refuse_bomb(content)
    with _told_in_words():
        workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheets = tuple(each.title for each in workbook.worksheets)
    if not sheets:
        raise UnreadableTable("file", _("There is no table in this file."))
    if sheet and sheet not in sheets:
        raise UnreadableTable("sheet", _("There is no such sheet."), offers=sheets)
    return XlsxSource(workbook, sheet or sheets[0]), sheets


def hide(text: str) -> str:
    """Return ``text`` as a workbook can hold it: what XML cannot hold is written as its number."""
    return _TO_HIDE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def show(text: str) -> str:
    """Return the text that a workbook holds."""
    return _HIDDEN.sub(lambda found: chr(int(found[1], 16)), text)


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
    except _BROKEN as error:
        raise _unreadable() from error
    # Reading stops at the size that the archive declares, so that it cannot lie.
    if sum(parts.values()) > MOST_UNPACKED_BYTES or parts.get(_SHARED_TEXTS, 0) > MOST_SHARED_BYTES:
        raise UnreadableTable("file", _("This file unpacks to more than can be read."))


def _one_by_one(rows: "Iterator[tuple[Any, ...]]") -> "Iterator[tuple[Any, ...]]":
    while True:
        with _told_in_words():
            some = list(islice(rows, ROWS_AT_ONCE))
        if not some:
            return
        yield from some


@contextmanager
def _told_in_words() -> Iterator[None]:
    """Tell of a broken workbook what a person can do about it."""
    try:
        with warnings.catch_warnings():
            # Of drawings, print settings and the like, which nobody asked for.
            warnings.simplefilter("ignore")
            yield
    except UnreadableTable:
        raise
    except _BROKEN as error:
        raise _unreadable() from error


def _unreadable() -> UnreadableTable:
    return UnreadableTable("file", _("This workbook cannot be read. Save it as XLSX or CSV again."))


def _trimmed(cells: "tuple[Any, ...]") -> tuple[Cell, ...]:
    """Return the values up to the last one; none for an empty row."""
    width = len(cells)
    while width and cells[width - 1].value is None:
        width -= 1
    values = [_value(cell) for cell in cells[:width]]
    while values and values[-1] == "":
        values.pop()
    return tuple(values)


def _value(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    match cell.data_type:
        case "f":
            reason = _("A formula is not computed here: paste its value instead.")
            return BadCell("=…", reason)
        case "e":
            return BadCell(str(value), _("The spreadsheet could not compute this."))
    match value:
        case str():
            return _text(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            # The shortest text that means the same number, as a person would write it.
            return Decimal(repr(value))
        case dt.datetime() if value.time() == dt.time():
            return value.date()
        case dt.datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case dt.date():
            return value
        case _:
            return str(value)


def _text(value: str) -> Cell:
    text = show(value)
    if len(text) > LONGEST_CELL:
        reason = _("A cell may have %(most)d characters.") % {"most": LONGEST_CELL}
        return BadCell(text[:LONGEST_CELL], reason)
    if "\0" in text or not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        return BadCell("…", _("A character that cannot be stored."))
    return unescape(text)
