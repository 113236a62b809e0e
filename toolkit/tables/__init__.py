"""Tables in files: CSV and XLSX, read with every oddity named, written so that nothing runs."""

from toolkit.tables.cells import BadCell, Cell
from toolkit.tables.csv_files import DELIMITERS, ENCODINGS
from toolkit.tables.limits import MOST_BYTES, MOST_ROWS
from toolkit.tables.reading import read_table, recognize
from toolkit.tables.table import FileKind, Row, Table, UnreadableTable
from toolkit.tables.writing import TableFile, write_table

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "MOST_BYTES",
    "MOST_ROWS",
    "BadCell",
    "Cell",
    "FileKind",
    "Row",
    "Table",
    "TableFile",
    "UnreadableTable",
    "read_table",
    "recognize",
    "write_table",
]
