"""A list as a file: what its filters leave, in order, and nothing that the list would not show."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from toolkit.fields import MinutesField
from toolkit.tables import Cell, FileKind, write_table

MOST_EXPORTED = 50_000
DAYS = ("from", "until")

Line = Sequence[Cell | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was chosen beside the filters of the list; a day is included."""

    year: int
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A table to take along; ``asks`` is "days" or "year" where it needs to know them."""

    name: str
    title: Any
    header: tuple[Any, ...]
    lines: Callable[[models.QuerySet[Any], Asked], Iterable[Line]]
    asks: str = ""
    narrow: Callable[[models.QuerySet[Any], Asked], models.QuerySet[Any]] = lambda rows, _: rows


class TooManyRows(Exception):
    """The list is longer than a file may be."""


def fields_export(admin: Any, name: str, title: Any, fields: Sequence[str]) -> Export:
    """Return an export of fields and of methods of an admin, named as in lists."""

    def lines(rows: models.QuerySet[Any], _asked: Asked) -> Iterable[Line]:
        return ([_cell(field, row, admin) for field in fields] for row in rows)

    labels = (label_for_field(field, admin.model, admin) for field in fields)
    return Export(name, title, tuple(capfirst(str(label)) for label in labels), lines)


def file_of(
    export: Export, rows: models.QuerySet[Any], asked: Asked, kind: FileKind
) -> HttpResponse:
    """Answer with the file.

    :raises TooManyRows: for more than ``MOST_EXPORTED`` rows or lines.
    """
    found = export.narrow(rows, asked)[: MOST_EXPORTED + 1]
    if len(found) > MOST_EXPORTED:
        raise TooManyRows
    lines = list(export.lines(found, asked))
    if len(lines) > MOST_EXPORTED:
        raise TooManyRows
    file = write_table(export.name, [str(title) for title in export.header], lines, kind=kind)
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
        },
    )


def asked_of(request: HttpRequest, *, today: dt.date) -> tuple[str, FileKind, Asked]:
    """Take off the address what is not the list's own; the rest are its filters."""
    values = request.GET.copy()
    taken = {name: values.pop(f"_{name}", [""])[-1] for name in ("what", "as", "year", *DAYS)}
    request.GET = values  # type: ignore[assignment]  # the list reads its filters there
    kind = FileKind.XLSX if taken["as"] == FileKind.XLSX else FileKind.CSV
    year = taken["year"] if taken["year"].isascii() and taken["year"].isdecimal() else ""
    number = int(year[:4] or today.year)
    first, last = (_day(taken[name]) for name in DAYS)
    return taken["what"], kind, Asked(number, first, last)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _cell(name: str, row: models.Model, admin: Any) -> Cell | None:
    field, _attribute, value = lookup_field(name, row, admin)
    return in_cell(value, field)


def in_cell(value: Any, field: Any = None) -> Cell | None:
    """Return a value as a table holds it: choices in words, instants in UTC."""
    base = getattr(field, "base_field", field)
    choices = dict(getattr(base, "flatchoices", ()))
    match value:
        case None | "":
            return None
        case list():
            return ", ".join(str(choices.get(each, each)) for each in value)
        case _ if value in choices:
            return str(choices[value])
        case bool():
            return _("yes") if value else _("no")
        case int() if isinstance(field, MinutesField):
            return field.in_words(value)
        case int():
            return Decimal(value)
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat(timespec="seconds")
        case Decimal() | dt.date():
            return value
    return str(value)
