"""From the bytes of a file to a table."""

import re

from django.utils.translation import gettext as _

from toolkit.tables.cells import as_text
from toolkit.tables.csv_files import BYTE_ORDER_MARKS, DELIMITERS, csv_source
from toolkit.tables.limits import MOST_BYTES
from toolkit.tables.table import FileKind, Row, Source, Table, UnreadableTable, named_once
from toolkit.tables.xlsx_files import xlsx_source

_ZIP = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"{\\rtf",
)
# A text may hold some of these; bytes that are no text hold many.
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x7f]")
_LOOKED_AT = 4096
_MOST_CONTROLS = 0.05


def recognize(content: bytes) -> FileKind:
    """Tell how a table is stored, from what the file begins with and not from its name.

    :raises UnreadableTable: if it is no table, empty or too large.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableTable(
            "file",
            _("A file may have %(most)d megabytes.") % {"most": MOST_BYTES // 1_000_000},
        )
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableTable("file", _("This file is empty."))
    if content.startswith(_ZIP):
        return FileKind.XLSX
    if content.startswith(_OLD_WORKBOOK):
        raise UnreadableTable("file", _("Save this workbook as XLSX or CSV, and try again."))
    start = content[:_LOOKED_AT]
    controls = len(_CONTROL.findall(start)) / len(start)
    # What says that it is text is believed.
    binary = controls > _MOST_CONTROLS and not start.startswith(BYTE_ORDER_MARKS)
    if content.startswith(_OTHERS) or binary:
        raise UnreadableTable("file", _("This is not a table. Send a CSV or XLSX file."))
    return FileKind.CSV


def read_table(
    content: bytes, *, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> Table:
    """Read the header of a table; its rows follow when they are asked for.

    What is not told is found out, where that leaves no doubt.

    :raises UnreadableTable: if something has to be told, or the file cannot be read.
    """
    kind = recognize(content)
    source: Source
    sheets: tuple[str, ...] = ()
    if kind is FileKind.XLSX:
        source, sheets = xlsx_source(content, sheet=sheet)
        found = {"sheet": source.sheet}
    else:
        if delimiter and delimiter not in DELIMITERS:
            raise UnreadableTable(
                "delimiter", _("Choose one of the separators."), offers=list(DELIMITERS)
            )
        source = csv_source(content, encoding=encoding, delimiter=delimiter)
        found = {"encoding": source.encoding, "delimiter": source.delimiter}
    header = next(source.records(), None)
    titles = _titles(header)
    return Table(kind, named_once(titles), titles, source, sheets=sheets, **found)


def _titles(header: Row | None) -> tuple[str, ...]:
    if header is None:
        raise UnreadableTable("file", _("There is no table in this file."))
    if header.problem:
        raise UnreadableTable(
            "file", _("The first row cannot be read: %(reason)s") % {"reason": header.problem}
        )
    titles = [" ".join(as_text(cell).split()) for cell in header.cells]
    while titles and not titles[-1]:
        titles.pop()
    return tuple(titles)
