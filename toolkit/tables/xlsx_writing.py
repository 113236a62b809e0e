"""A workbook of one sheet, written row by row: openpyxl takes ten times as long.

Source: ECMA-376 parts 1 (SpreadsheetML) and 2 (packages).
"""

import datetime as dt
import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from xml.sax.saxutils import escape as as_xml
from xml.sax.saxutils import quoteattr

from openpyxl.utils import get_column_letter

from toolkit.tables.cells import Cell, as_text, escape
from toolkit.tables.xlsx_files import hide

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_CONTENT_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>
</Types>"""

_PACKAGE_RELATIONS = f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"""

_WORKBOOK_RELATIONS = f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{_DOCUMENT}/styles" Target="styles.xml"/>
</Relationships>"""

# Style 0 is plain, 1 a day as in ISO 8601, 2 the header's.
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""

_SHEET_VIEW = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_FIRST_SERIAL = dt.date(1899, 12, 30)
# Before this day the calendar of spreadsheets is off by one: 29 February 1900 never was.
_FIRST_DAY = dt.date(1900, 3, 1)
_DAY, _HEADER = 1, 2
_IN_MEMORY = 10_000_000
"""Bytes of rows; more of them wait on the disk."""


def xlsx(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell | None]]) -> bytes:
    """Return a workbook with one sheet: texts as texts, numbers as numbers, days as days."""
    letters = [get_column_letter(number) for number in range(1, len(header) + 1)]
    count = 1
    # The size of the sheet stands before its rows: without it, readers look for it to the end.
    stream = io.BytesIO()
    with (
        SpooledTemporaryFile(_IN_MEMORY) as body,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        body.write(_row(1, letters, header, text_style=_HEADER))
        for count, row in enumerate(rows, 2):
            body.write(_row(count, letters, row))
        body.seek(0)
        size = f"A1:{letters[-1]}{count}" if letters else "A1"
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _PACKAGE_RELATIONS)
        archive.writestr("xl/workbook.xml", _workbook(name))
        archive.writestr("xl/_rels/workbook.xml.rels", _WORKBOOK_RELATIONS)
        archive.writestr("xl/styles.xml", _STYLES)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            head = f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="{size}"/>{_SHEET_VIEW}'
            sheet.write(f"{head}<sheetData>".encode())
            shutil.copyfileobj(body, sheet)
            sheet.write(b"</sheetData></worksheet>")
    return stream.getvalue()


def _workbook(name: str) -> str:
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        f'<sheet name={quoteattr(name[:31])} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _row(
    number: int, letters: list[str], cells: Sequence[Cell | None], *, text_style: int = 0
) -> bytes:
    inner = "".join(_cells(number, letters, cells, text_style))
    return f'<row r="{number}">{inner}</row>'.encode()


def _cells(
    number: int, letters: list[str], cells: Sequence[Cell | None], text_style: int
) -> Iterator[str]:
    for letter, cell in zip(letters, cells, strict=True):
        if cell is None or cell == "":
            continue
        place = f"{letter}{number}"
        if isinstance(cell, Decimal):
            yield f'<c r="{place}"><v>{cell:f}</v></c>'
        elif isinstance(cell, dt.date) and cell >= _FIRST_DAY:
            yield f'<c r="{place}" s="{_DAY}"><v>{(cell - _FIRST_SERIAL).days}</v></c>'
        else:
            text = as_xml(hide(escape(cell) if isinstance(cell, str) else as_text(cell)))
            yield (
                f'<c r="{place}" s="{text_style}" t="inlineStr">'
                f'<is><t xml:space="preserve">{text}</t></is></c>'
            )
