"""The audit trail, as a person reads it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenants.audit_trail import actor_of, with_names
from tenants.choices import AuditAction
from tenants.models import AuditEntry
from toolkit.fields import MinutesField

MOST_SHOWN = 100
# They change with every save and say nothing by themselves.
UNINTERESTING = frozenset(
    {"id", "organization_id", "version", "calendar_revision", "search_name", "created_at"}
)
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row, before and after, in words; None where it was empty."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One audit entry: what happened to what, by whom, when, through which door."""

    at: dt.datetime
    who: str
    door: str
    action: str
    thing: str
    changes: tuple[Change, ...]


def thing_of(entry: AuditEntry) -> str:
    """Return what kind of thing an entry is about."""
    model = _model_of(entry)
    return str(model._meta.verbose_name) if model else entry.table


def history_of(
    instance: models.Model, parts: Iterable[tuple[type[models.Model], str]]
) -> list[HistoryLine]:
    """Return the latest changes of a row and of its ``parts``, newest first.

    Each part is a model and the column by which its rows point to ``instance``.
    """
    wanted = Q(table=instance._meta.db_table, row_id=instance.pk)
    for model, column in parts:
        rows = model._default_manager.filter(**{column: instance.pk}).values("pk")
        table = Q(table=model._meta.db_table)
        wanted |= table & Q(row_id__in=rows)
        # A row that is gone is known by what its last entry says of it.
        wanted |= table & Q(**{"action": AuditAction.DELETE, f"before__{column}": str(instance.pk)})
    entries = with_names(AuditEntry.objects.filter(wanted)).order_by("-id")[:MOST_SHOWN]
    return Reader(list(entries), without=str(instance.pk)).lines()


def changes_since(instance: models.Model, version: int) -> list[HistoryLine]:
    """Return what was changed in a row after its ``version``, newest first."""
    entries = AuditEntry.objects.filter(
        table=instance._meta.db_table, row_id=instance.pk, after__version__gt=version
    )
    return Reader(list(with_names(entries).order_by("-id")[:MOST_SHOWN])).lines()


class Reader:
    """Puts audit entries into words; what they point to is loaded once for all of them."""

    def __init__(self, entries: Sequence[AuditEntry], *, without: str = "") -> None:
        """Leave out the value ``without``, which every part repeats."""
        self._entries = entries
        self._without = without

    def lines(self) -> list[HistoryLine]:
        """Return in words each entry that says something."""
        told = ((entry, tuple(self.changes(entry))) for entry in self._entries)
        return [
            HistoryLine(
                at=entry.at,
                who=actor_of(entry),
                door=entry.door,
                action=entry.get_action_display(),
                thing=thing_of(entry),
                changes=changes,
            )
            for entry, changes in told
            if changes or entry.action != AuditAction.UPDATE
        ]

    def changes(self, entry: AuditEntry) -> list[Change]:
        """Return the fields that an entry is about."""
        model = _model_of(entry)
        before, after = entry.before or {}, entry.after or {}
        return [
            Change(
                _label(model, column),
                self._in_words(model, column, before.get(column)),
                self._in_words(model, column, after.get(column)),
            )
            for column in sorted(before | after)
            if self._is_worth_saying(column, before.get(column), after.get(column))
        ]

    def _is_worth_saying(self, column: str, before: Any, after: Any) -> bool:
        given = [value for value in (before, after) if value not in EMPTY]
        return column not in UNINTERESTING and bool(given) and given != [self._without]

    def _in_words(self, model: type[models.Model] | None, column: str, value: Any) -> str | None:
        if value in EMPTY:
            return None
        field = _field(model, column)
        if isinstance(field, models.ForeignKey):
            return self._names.get(str(value), str(value))
        if isinstance(field, MinutesField):
            return field.in_words(value)
        if isinstance(value, dict):
            return "; ".join(f"{name}: {each}" for name, each in value.items())
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        base = getattr(field, "base_field", field)
        choices = dict(base.flatchoices) if base is not None else {}
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(choices.get(each, each) if choices else each) for each in values)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Return the names of all rows that the entries point to, one query for each model."""
        wanted: dict[type[models.Model], set[UUID]] = defaultdict(set)
        for entry in self._entries:
            for values in (entry.before or {}, entry.after or {}):
                for column, value in values.items():
                    field = _field(_model_of(entry), column)
                    if isinstance(field, models.ForeignKey) and value:
                        wanted[field.related_model].add(UUID(value))
        return {
            str(pk): str(row)
            for model, ids in wanted.items()
            for pk, row in model._default_manager.select_related().in_bulk(ids).items()
        }


def _model_of(entry: AuditEntry) -> type[models.Model] | None:
    return next((model for model in apps.get_models() if model._meta.db_table == entry.table), None)


def _field(model: type[models.Model] | None, column: str) -> models.Field[Any, Any] | None:
    fields = model._meta.concrete_fields if model else ()
    return next((field for field in fields if field.column == column), None)


def _label(model: type[models.Model] | None, column: str) -> str:
    field = _field(model, column)
    return capfirst(str(field.verbose_name)) if field else column
