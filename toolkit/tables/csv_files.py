"""CSV: encodings, separators and quotes. Source: RFC 4180, and what spreadsheets make of it."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toolkit.tables.cells import unescape
from toolkit.tables.limits import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from toolkit.tables.table import Row, UnreadableTable

ENCODINGS = {
    "utf-8": gettext_lazy("Unicode (UTF-8)"),
    "utf-16-le": gettext_lazy("Unicode (UTF-16, little-endian)"),
    "utf-16-be": gettext_lazy("Unicode (UTF-16, big-endian)"),
    "windows-1252": gettext_lazy("Western European (Windows-1252)"),
    "windows-1250": gettext_lazy("Central European (Windows-1250)"),
    "windows-1256": gettext_lazy("Arabic (Windows-1256)"),
    "shift_jis": gettext_lazy("Japanese (Shift JIS)"),
}
"""What a CSV file may be written in. Only Unicode is recognized; the others are asked for."""

DELIMITERS = {
    ",": gettext_lazy("Comma"),
    ";": gettext_lazy("Semicolon"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar"),
}
"""What may separate the cells."""

_CODECS = {"shift_jis": "cp932"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
BYTE_ORDER_MARKS = tuple(_MARKS)
_UNMARKED = ("utf-16-le", "utf-16-be")
_LEGACY = ("windows-1252", "windows-1250", "windows-1256", "shift_jis")
_PIECE = 1 << 20
_SAMPLE = 1 << 16
_SAMPLE_ROWS = 100
_DECLARATION = "sep="
_ODD_QUOTES = gettext_lazy("The quotes of this row do not match.")


@dataclass(frozen=True, slots=True)
class CsvSource:
    """The rows of a CSV file."""

    content: bytes = field(repr=False)
    encoding: str
    delimiter: str

    def records(self) -> Iterator[Row]:
        """Yield the rows that hold anything, the header first."""
        lines: Iterator[str] = iter(_opened(self.content, self.encoding))
        first = next(lines, "")
        number = 0
        # With a line “sep=;” in front some spreadsheets declare the separator.
        if first.lower().startswith(_DECLARATION):
            number = 1
        else:
            lines = chain([first], lines)
        records = _reader(lines, self.delimiter)
        while True:
            number += 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, (), _why(error))
                continue
            if any(cells):
                _refuse_endless(number, cells)
                yield _row(number, cells)


def csv_source(content: bytes, *, encoding: str = "", delimiter: str = "") -> CsvSource:
    """Find out how a CSV file is written, where that leaves no doubt.

    :raises UnreadableTable: if the encoding has to be told, or is another than was told.
    """
    encoding = encoding or _recognized(content)
    _check_encoding(content, encoding)
    return CsvSource(content, encoding, delimiter or _sniff(content, encoding))


def _recognized(content: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    nulls = content[:_PIECE].count(0)
    if nulls * 4 > len(content[:_PIECE]):
        raise UnreadableTable(
            "encoding",
            _("This looks like UTF-16 without its mark. Say how the file is encoded."),
            offers=[each for each in _UNMARKED if _decodes(content, each)],
        )
    return "utf-8"


def _check_encoding(content: bytes, encoding: str) -> None:
    if encoding not in ENCODINGS:
        raise UnreadableTable("encoding", _("Choose one of the encodings."), offers=list(ENCODINGS))
    if _decodes(content, encoding):
        return
    offers = [each for each in _LEGACY if each != encoding and _decodes(content, each)]
    if not offers:
        raise UnreadableTable("file", _("This is not a table. Send a CSV or XLSX file."))
    reason = _("The file is not written in %(encoding)s. Say how it is encoded.")
    raise UnreadableTable("encoding", reason % {"encoding": ENCODINGS[encoding]}, offers=offers)


def _decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(_CODECS.get(encoding, encoding))()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _opened(content: bytes, encoding: str) -> io.TextIOWrapper:
    """Open the text behind the byte order mark; line ends stay as they are."""
    mark = next((mark for mark, name in _MARKS.items() if name == encoding), b"")
    stream = io.BytesIO(content)
    if mark and content.startswith(mark):
        stream.seek(len(mark))
    return io.TextIOWrapper(stream, encoding=_CODECS.get(encoding, encoding), newline="")


def _reader(text: Iterator[str], delimiter: str) -> "Iterator[list[str]]":
    return csv.reader(text, delimiter=delimiter, strict=True)


def _sniff(content: bytes, encoding: str) -> str:
    """Return the separator that gives most rows as many cells as the first one has."""
    sample = _opened(content, encoding).read(_SAMPLE)
    if sample.lower().startswith(_DECLARATION) and sample[4:5] in DELIMITERS:
        return sample[4]
    whole = len(sample) < _SAMPLE
    scores = {mark: _score(sample, mark, whole=whole) for mark in DELIMITERS}
    return max(scores, key=lambda mark: scores[mark])


def _score(sample: str, delimiter: str, *, whole: bool) -> tuple[float, int]:
    widths: list[int] = []
    records = _reader(io.StringIO(sample, newline=""), delimiter)
    for _number in range(_SAMPLE_ROWS):
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(cells):
            widths.append(len(cells))
    if not whole and len(widths) > 1:
        widths.pop()  # cut off by the end of the sample
    if not widths or widths[0] == 1:
        return (0, 0)
    return (Counter(widths)[widths[0]] / len(widths), widths[0])


def _row(number: int, cells: list[str]) -> Row:
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            return Row(number, (), _too_long())
        if "\0" in cell:
            return Row(number, (), _("A character that cannot be stored."))
    return Row(number, tuple(map(unescape, cells)))


def _refuse_endless(number: int, cells: list[str]) -> None:
    if number > MOST_ROWS + 1:
        raise UnreadableTable("file", _("A file may have %(most)d rows.") % {"most": MOST_ROWS})
    if number == 1 and len(cells) > MOST_COLUMNS:
        raise UnreadableTable(
            "file", _("A file may have %(most)d columns.") % {"most": MOST_COLUMNS}
        )


def _why(error: csv.Error) -> str:
    return _too_long() if "field limit" in str(error) else str(_ODD_QUOTES)


def _too_long() -> str:
    return _("A cell may have %(most)d characters. Is a quote left open?") % {"most": LONGEST_CELL}
