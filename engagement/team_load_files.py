"""The load of a team as a file."""

from collections.abc import Iterator
from decimal import Decimal

from engagement.load import Span
from engagement.team_load import Load, TeamLoad
from toolkit.tables import Cell, FileKind, TableFile, write_table

FILE_NAME = "workload"
TITLES = (
    *("of", "name", "span", "from", "to", "tasks", "expected_check_ins", "minutes"),
    "capacity_minutes",
)


def team_load_file(load: TeamLoad, *, kind: FileKind) -> TableFile:
    """Return what the reader may see, one row for each day, each week and what is overdue."""
    groups = [("person", load.people), ("region", load.regions), ("market", load.markets)]
    rows = (row for of, loads in groups for each in loads or () for row in _rows(of, each))
    return write_table(FILE_NAME, TITLES, rows, kind=kind)


def _rows(of: str, load: Load) -> Iterator[list[Cell | None]]:
    name = str(load.subject) if load.subject else None
    late, minutes = Decimal(load.overdue), Decimal(load.overdue_minutes)
    yield [of, name, "overdue", None, None, late, None, minutes, None]
    spans = [("day", load.outlook.days), ("week", load.outlook.weeks)]
    for word, found in spans:
        for span in found:
            yield [of, name, word, *_cells(span)]


def _cells(span: Span) -> list[Cell | None]:
    capacity = None if span.capacity is None else Decimal(span.capacity)
    figures = [Decimal(value) for value in (span.tasks, span.expected, span.minutes)]
    return [span.start, span.end, *figures, capacity]
