"""From a table to the bytes of a file; no text in it runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from toolkit.tables.cells import Cell, as_text, escape
from toolkit.tables.table import FileKind
from toolkit.tables.xlsx_writing import xlsx

_MEDIA_TYPES = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BYTE_ORDER_MARK = "\ufeff"


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
    content = _csv(header, rows, with_mark) if kind == FileKind.CSV else xlsx(name, header, rows)
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
