"""Reading tables from files, and writing them."""

import csv
import datetime as dt
import io
import time
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from toolkit.tables import (
    MOST_BYTES,
    BadCell,
    FileKind,
    Table,
    UnreadableTable,
    limits,
    read_table,
    write_table,
    xlsx_files,
)
from toolkit.tables.cells import escape, unescape

NAMES = "Name,City\r\nMüller,Zürich\r\n"
ROWS = [("Müller", "Zürich")]


def cells(table: Table) -> list[tuple[Any, ...]]:
    """Return the cells of every row, which all have to be readable."""
    rows = list(table.rows())
    assert not any(row.problem for row in rows)
    return [row.cells for row in rows]


def problems(content: bytes, **told: str) -> list[tuple[int, str]]:
    """Return the rows that cannot be taken, with the reason."""
    return [(row.number, row.problem) for row in read_table(content, **told).rows() if row.problem]


def refused(content: bytes, **told: str) -> UnreadableTable:
    """Return why a file cannot be read."""
    with pytest.raises(UnreadableTable) as caught:
        list(read_table(content, **told).rows())
    return caught.value


def workbook(*rows: Any, title: str = "Sheet") -> bytes:
    """Return a workbook as others write it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class TestAnEncoding:
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
    def test_is_recognized_where_it_is_unicode(self, codec: str) -> None:
        assert cells(read_table(NAMES.encode(codec))) == ROWS

    def test_is_recognized_by_either_mark_of_utf_16(self) -> None:
        content = b"\xfe\xff" + NAMES.encode("utf-16-be")
        table = read_table(content)
        assert (table.encoding, cells(table)) == ("utf-16-be", ROWS)

    def test_that_is_not_unicode_is_asked_for(self) -> None:
        error = refused(NAMES.encode("cp1252"))
        assert error.about == "encoding"
        assert error.offers[0] == "windows-1252"

    @pytest.mark.parametrize(
        ("name", "codec", "text"),
        [
            ("windows-1252", "cp1252", "Müller €"),
            ("windows-1250", "cp1250", "Știință"),
            ("windows-1256", "cp1256", "شركة"),
            ("shift_jis", "cp932", "株式会社"),
        ],
    )
    def test_that_is_told_is_used(self, name: str, codec: str, text: str) -> None:
        text = text.replace("Ș", "S").replace("ț", "t")  # which Windows-1250 lacks
        content = f"Name\n{text}\n".encode(codec)
        assert cells(read_table(content, encoding=name)) == [(text,)]

    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
    def test_of_utf_16_without_its_mark_is_asked_for(self, codec: str) -> None:
        content = "Name,City\r\nAcme,Lyon\r\n".encode(codec)
        error = refused(content)
        assert error.about == "encoding"
        assert codec in error.offers
        assert cells(read_table(content, encoding=codec)) == [("Acme", "Lyon")]

    def test_that_was_told_wrong_is_asked_for_again(self) -> None:
        assert refused(NAMES.encode("cp1252"), encoding="utf-8").about == "encoding"
        assert refused(NAMES.encode(), encoding="klingon").about == "encoding"

    def test_is_checked_to_the_last_byte(self) -> None:
        content = b"Name\n" + b"A\n" * 100_000 + "Müller\n".encode("cp1252")
        assert refused(content).about == "encoding"


class TestASeparator:
    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_is_found_out(self, mark: str) -> None:
        content = f"Name{mark}City\nA, B; C\tD{mark}Lyon\nAcme{mark}Paris\n"
        content = content.replace("A, B; C\tD", "Acme")
        table = read_table(content.encode())
        assert (table.delimiter, table.header) == (mark, ("Name", "City"))

    def test_is_that_of_most_rows(self) -> None:
        content = b"Name;ARR\nA;1,5\nB;2,5\nC;3\nD;1,000,000\n"
        assert read_table(content).delimiter == ";"

    def test_may_be_told(self) -> None:
        assert read_table(b"a,b\n1,2\n", delimiter=";").header == ("a,b",)
        assert refused(b"a,b\n", delimiter="x").about == "delimiter"

    def test_may_be_declared_by_a_spreadsheet(self) -> None:
        table = read_table(b"sep=;\r\na;b\r\n1;2,3\r\n")
        assert table.header == ("a", "b")
        assert [(row.number, row.cells) for row in table.rows()] == [(3, ("1", "2,3"))]

    def test_is_not_needed_for_one_column(self) -> None:
        assert cells(read_table(b"Name\nAcme\n")) == [("Acme",)]


class TestQuotes:
    def test_hold_separators_quotes_and_line_ends(self) -> None:
        content = b'Name,Note\r\n"A, Ltd","say ""hi""\r\nthere"\r\nB,c\r\n'
        table = read_table(content)
        assert cells(table) == [("A, Ltd", 'say "hi"\r\nthere'), ("B", "c")]
        assert [row.number for row in table.rows()] == [2, 3]

    def test_in_the_middle_of_a_cell_are_text(self) -> None:
        assert cells(read_table(b'Name,Size\nScreen,5" wide\n')) == [("Screen", '5" wide')]

    def test_that_do_not_match_spoil_their_row_only(self) -> None:
        content = b'a,b\n"x"y,1\n3,4\n'
        assert problems(content) == [(2, "The quotes of this row do not match.")]

    def test_left_open_are_told_with_their_row(self) -> None:
        assert problems(b'a,b\n1,2\n"3,4\n5,6\n') == [(3, "The quotes of this row do not match.")]


class TestLineEnds:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_are_those_of_any_system(self, end: str) -> None:
        assert cells(read_table(f"a,b{end}1,2{end}3,4".encode())) == [("1", "2"), ("3", "4")]

    def test_of_empty_lines_count_as_a_spreadsheet_counts(self) -> None:
        rows = list(read_table(b"a,b\n\n1,2\n,\n\n3,4\n").rows())
        assert [(row.number, row.cells[0]) for row in rows] == [(3, "1"), (6, "3")]


class TestRows:
    def test_with_other_cells_than_the_header_are_told(self) -> None:
        assert problems(b"a,b\n1\n1,2,3\n1,2,,\n") == [
            (2, "This row has 1 cells, the header has 2."),
            (3, "This row has 3 cells, the header has 2."),
        ]

    def test_with_a_nul_are_told(self) -> None:
        assert problems(b"a,b\nx\0,2\n" + b"1,2\n" * 50) == [
            (2, "A character that cannot be stored.")
        ]

    def test_with_a_cell_of_ten_megabytes_are_told(self) -> None:
        content = b'a,b\n"' + b"x" * 10_000_000 + b'",2\n3,4\n'
        (first, *_), good = problems(content), list(read_table(content).rows())[-1]
        assert first[0] == 2
        assert "Is a quote left open?" in first[1]
        assert good.cells == ("3", "4")

    def test_may_be_many_but_not_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("toolkit.tables.csv_files.MOST_ROWS", 3)
        assert len(cells(read_table(b"a\n1\n2\n3\n"))) == 3
        assert refused(b"a\n1\n2\n3\n4\n").about == "file"

    def test_may_have_many_columns_but_not_without_end(self) -> None:
        header = ",".join(map(str, range(limits.MOST_COLUMNS + 1)))
        assert refused(header.encode()).about == "file"
        assert refused(workbook(list(range(limits.MOST_COLUMNS + 1)))).about == "file"


class TestAHeader:
    def test_names_every_column_once(self) -> None:
        table = read_table(b"Name,Name,,Name (2),Name\n1,2,3,4,5\n")
        assert table.header == ("Name", "Name (2)", "#3", "Name (2) (2)", "Name (3)")
        assert table.titles == ("Name", "Name", "", "Name (2)", "Name")

    def test_ends_with_its_last_title(self) -> None:
        assert cells(read_table(b"a,b,,\n1,2,,\n")) == [("1", "2")]

    def test_may_stand_alone(self) -> None:
        assert cells(read_table(b"a,b\n")) == []

    def test_may_come_after_empty_lines(self) -> None:
        assert read_table(b"\n\na,b\n1,2\n").header == ("a", "b")

    def test_that_cannot_be_read_spoils_the_file(self) -> None:
        assert refused(b'"a"x,b\n1,2\n').about == "file"


class TestAFileThatIsNoTable:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xef\xbb\xbf",
            b" \r\n\r\n",
            b"\0\0\0\0",
            b"%PDF-1.7\n%\xe2\xe3",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
            b"PK\x03\x04 but no archive",
            bytes(range(1, 32)) * 20,
            bytes(range(256)) * 20,
        ],
    )
    def test_is_refused(self, content: bytes) -> None:
        assert refused(content).about in ("file", "encoding")

    def test_is_refused_if_it_is_too_large(self) -> None:
        assert "30 megabytes" in str(refused(b"x" * (MOST_BYTES + 1)))

    def test_is_an_archive_of_something_else(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("hello.txt", "hello")
        assert refused(stream.getvalue()).about == "file"


class TestAWorkbook:
    def test_has_typed_cells(self) -> None:
        content = workbook(
            ["Name", "ARR", "Day", "Moment", "Flag", "Id"],
            ["Acme", 12.5, dt.date(2026, 6, 5), dt.datetime(2026, 6, 5, 12, 30), True, 7],  # noqa: DTZ001
        )
        assert cells(read_table(content)) == [
            (
                "Acme",
                Decimal("12.5"),
                dt.date(2026, 6, 5),
                "2026-06-05 12:30:00",
                "TRUE",
                Decimal(7),
            )
        ]

    def test_has_rows_that_end_early(self) -> None:
        assert cells(read_table(workbook(["a", "b"], ["1"]))) == [("1", "")]

    def test_has_formulas_that_are_never_computed(self) -> None:
        (row,) = read_table(workbook(["a", "b"], ["=1+1", "x"])).rows()
        assert isinstance(row.cells[0], BadCell)
        assert row.cells[1] == "x"

    def test_has_values_that_it_could_not_compute(self) -> None:
        (row,) = read_table(workbook(["a"], ["#N/A"])).rows()
        assert isinstance(row.cells[0], BadCell)

    def test_has_sheets_of_which_the_first_is_read(self) -> None:
        book = Workbook()
        book.active.title = "One"  # type: ignore[union-attr]
        book.active.append(["a"])  # type: ignore[union-attr]
        book.create_sheet("Two").append(["b"])
        stream = io.BytesIO()
        book.save(stream)
        table = read_table(stream.getvalue())
        assert (table.header, table.sheet, table.sheets) == (("a",), "One", ("One", "Two"))
        assert read_table(stream.getvalue(), sheet="Two").header == ("b",)
        assert refused(stream.getvalue(), sheet="Three").offers == ["One", "Two"]

    def test_that_unpacks_to_very_much_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(xlsx_files, "MOST_UNPACKED_BYTES", 20_000)
        content = workbook(["a"], *[["x" * 100]] * 1000)
        assert len(content) < 20_000
        assert "unpacks to more" in str(refused(content))

    def test_with_very_many_shared_texts_is_refused(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/sharedStrings.xml", b" " * (limits.MOST_SHARED_BYTES + 1))
        assert len(stream.getvalue()) < 1_000_000
        assert "unpacks to more" in str(refused(stream.getvalue()))

    def test_with_entities_in_its_xml_is_refused(self) -> None:
        laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
        source = zipfile.ZipFile(io.BytesIO(workbook(["a"], ["b"])))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in source.namelist():
                archive.writestr(name, laughs if name == "xl/workbook.xml" else source.read(name))
        assert refused(stream.getvalue()).about == "file"

    def test_with_a_row_far_away_ends_at_once(self) -> None:
        book = Workbook()
        book.active.append(["a"])  # type: ignore[union-attr]
        book.active["A1048576"] = "far"  # type: ignore[index]
        stream = io.BytesIO()
        book.save(stream)
        begun = time.process_time()
        assert refused(stream.getvalue()).about == "file"
        assert time.process_time() - begun < 5

    def test_of_rows_with_gaps_keeps_their_numbers(self) -> None:
        book = Workbook()
        sheet = book.active
        for place, value in {"A2": "a", "C2": "c", "A1200": "1", "C3000": "3"}.items():
            sheet[place] = value  # type: ignore[index]
        sheet["B5"].number_format = "0.00"  # type: ignore[index]  # there, and empty
        stream = io.BytesIO()
        book.save(stream)
        table = read_table(stream.getvalue())
        assert table.header == ("a", "#2", "c")
        assert [(row.number, row.cells) for row in table.rows()] == [
            (1200, ("1", "", "")),
            (3000, ("", "", "3")),
        ]

    def test_that_was_cut_off_is_refused(self) -> None:
        content = workbook(["a"], ["b"])
        for length in (10, len(content) // 2, len(content) - 30):
            assert refused(content[:length]).about == "file"


class TestAFormula:
    @pytest.mark.parametrize(
        "text",
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠x"],
    )
    @pytest.mark.parametrize("kind", list(FileKind))
    def test_is_written_as_text_and_read_back_as_it_was(self, text: str, kind: FileKind) -> None:
        file = write_table("t", ["a", "b"], [(text, "x")], kind=kind)
        assert cells(read_table(file.content)) == [(text, "x")]
        if kind is FileKind.CSV:
            written = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
            assert written[1][0] == f"'{text}"

    @pytest.mark.parametrize("text", ["'", "''", "'=1", "''=1", "'quoted'"])
    def test_cannot_be_mistaken_for_a_text_with_an_apostrophe(self, text: str) -> None:
        assert unescape(escape(text)) == text

    @pytest.mark.parametrize("text", ["'twas", "it's", "O'Hara", "a=b"])
    def test_is_no_text_of_other_programs(self, text: str) -> None:
        assert unescape(text) == text

    def test_is_not_a_negative_number(self) -> None:
        file = write_table("t", ["a"], [(Decimal("-1.50"),)], kind=FileKind.CSV)
        assert b"\r\n-1.50\r\n" in file.content

    def test_is_no_formula_in_a_workbook(self) -> None:
        file = write_table("t", ["=A1"], [("=1+1",)], kind=FileKind.XLSX)
        archive = zipfile.ZipFile(io.BytesIO(file.content))
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet


class TestWriting:
    def test_begins_csv_with_the_mark_that_spreadsheets_look_for(self) -> None:
        assert write_table("t", ["a"], [], kind=FileKind.CSV).content == b"\xef\xbb\xbfa\r\n"
        without = write_table("t", ["a"], [], kind=FileKind.CSV, with_mark=False)
        assert without.content == b"a\r\n"

    def test_keeps_types_in_a_workbook(self) -> None:
        row = (Decimal("12.50"), dt.date(2026, 6, 5), "00123", None, "#N/A")
        file = write_table("t", list("abcde"), [row], kind=FileKind.XLSX)
        assert cells(read_table(file.content)) == [
            (Decimal("12.5"), dt.date(2026, 6, 5), "00123", "", "#N/A")
        ]

    def test_keeps_days_that_spreadsheets_count_wrong(self) -> None:
        row = (dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(1850, 1, 1))
        file = write_table("t", list("abc"), [row], kind=FileKind.XLSX)
        assert cells(read_table(file.content)) == [
            ("1900-02-28", dt.date(1900, 3, 1), "1850-01-01")
        ]


# What PostgreSQL can store: no NUL and no lone surrogates.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "=+-@'\"\t\r\n,;|＝＋－＠ \u00a0\u200f\u2028_x0041_#\ufeff\ufffe\uffff\x01\x0b\x1f\x85"
        ),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=20,
)
CELLS = st.one_of(
    TEXTS,
    st.decimals(0, 10**12, places=2).map(lambda number: number.quantize(Decimal("0.01"))),
    st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)),
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[Any]]:
    """Return rows of one width that hold something."""
    width = draw(st.integers(1, 6))
    row = st.lists(CELLS, min_size=width, max_size=width).filter(lambda row: row[0] != "")
    return draw(st.lists(row, max_size=8))


def as_read(cell: Any, kind: FileKind) -> Any:
    """Return a cell as it is read back: CSV has texts only, a workbook compares by value."""
    if kind is FileKind.CSV and not isinstance(cell, str):
        return format(cell, "f") if isinstance(cell, Decimal) else cell.isoformat()
    if isinstance(cell, dt.date) and cell < dt.date(1900, 3, 1):
        return cell.isoformat()
    return cell


@pytest.mark.parametrize("kind", list(FileKind))
@settings(max_examples=1000, deadline=None)
@given(rows=tables())
def test_a_table_comes_back_as_it_was_written(kind: FileKind, rows: list[list[Any]]) -> None:
    header = [f"column {number}" for number in range(len(rows[0]) if rows else 1)]
    file = write_table("table", header, rows, kind=kind)
    table = read_table(file.content, **({"delimiter": ","} if kind is FileKind.CSV else {}))
    assert table.header == tuple(header)
    assert cells(table) == [tuple(as_read(cell, kind) for cell in row) for row in rows]


@settings(max_examples=1000, deadline=None)
@given(text=TEXTS)
def test_escaping_is_undone(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not escape(text).lstrip().startswith(("=", "+", "-", "@"))
