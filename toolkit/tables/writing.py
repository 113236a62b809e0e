"""From a table to the bytes of a file; no text in it runs as a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from toolkit.tables.cells import Cell, as_text, escape
from toolkit.tables.table import FileKind
from toolkit.tables.xlsx_files import hide

_MEDIA_TYPES = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BYTE_ORDER_MARK = "\ufeff"
# Before this day the calendar of spreadsheets is off by one: 29 February 1900 never was.
_FIRST_DATE = dt.date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table, ready to be sent."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def write_table(
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell | None]],
    *,
    kind: FileKind,
    with_mark: bool = True,
) -> TableFile:
    """Write a table; ``name`` is that of the file, without its ending.

    CSV is UTF-8, with the byte order mark by which spreadsheets know it. Reading the file gives
    the same cells; None is an empty one.
    """
    content = _csv(header, rows, with_mark) if kind == FileKind.CSV else _xlsx(name, header, rows)
    return TableFile(f"{name}.{kind}", _MEDIA_TYPES[kind], content)


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell | None]], with_mark: bool) -> bytes:
    stream = io.BytesIO()
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    if with_mark:
        text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow([escape(title) for title in header])
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    text.flush()
    return stream.getvalue()


def _plain(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return escape(cell) if isinstance(cell, str) else as_text(cell)


def _xlsx(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell | None]]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_typed(sheet, title) for title in header])
    for row in rows:
        sheet.append([_typed(sheet, cell) for cell in row])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _typed(sheet: Any, cell: Cell | None) -> Any:
    match cell:
        case None | "":
            return None
        case Decimal():
            return cell
        case dt.date() if cell >= _FIRST_DATE:
            return cell
    text = hide(escape(cell) if isinstance(cell, str) else as_text(cell))
    if not text.startswith("#"):
        return text
    # An error by its looks, such as #N/A, is a text like any other.
    typed = WriteOnlyCell(sheet, text)
    typed.data_type = "s"
    return typed
