"""What a file of playbooks may say: every key, what it can be, and its default.

Steps, cadences and contact budgets take their fields from the models, so that none is forgotten.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from playbooks.changes import HEADER, TRANSLATIONS, Action, ReasonKind
from playbooks.code.nodes import Node, Scalar, Table
from playbooks.code.values import (
    REQUIRED,
    WRONG,
    Choice,
    Key,
    Kind,
    ListOf,
    Number,
    OrNull,
    Record,
    Report,
    TableOf,
    Text,
    Truth,
)
from playbooks.fields import empty_step
from playbooks.models import Cadence, ContactBudget, Playbook, PlaybookVersion, Step
from playbooks.models.step import STEP_FIELDS
from playbooks.validators import ATTRIBUTES, CONDITIONS, TRANSLATED, TRANSLATED_HEADER
from regions.choices import Weekday
from regions.validators import validate_language_tag

WEEKDAYS = {name.lower(): value for name, value in zip(Weekday.names, Weekday.values, strict=True)}
"""Weekdays as files name them, with the numbers that rows have."""

Field: TypeAlias = "models.Field[Any, Any]"


def kind_of(field: Field) -> Kind:
    """Return what the value of a model's field is in a file."""
    if isinstance(field, ArrayField):
        return ListOf(kind_of(field.base_field))
    if field.choices:
        values = tuple(str(value) for value, _label in field.flatchoices)
        return Choice(("", *values) if field.blank else values)
    if isinstance(field, models.BooleanField):
        return Truth()
    return Number() if isinstance(field, models.IntegerField) else Text()


def _field(model: type[models.Model], name: str) -> Field:
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


def _key(model: type[models.Model], name: str) -> Key:
    field = _field(model, name)
    optional = field.has_default() or field.blank
    return Key(name, kind_of(field), field.get_default() if optional else REQUIRED)


def _optional(names: Iterable[str], kind: Kind) -> tuple[Key, ...]:
    """Return keys that are not there by default, not even empty."""
    return tuple(Key(name, kind, None) for name in names)


CONDITION = Record(
    (
        *(
            Key(name, ListOf(Choice(known) if known else Text()), None)
            for name, known in CONDITIONS.items()
        ),
        Key(ATTRIBUTES, TableOf(ListOf(Text())), None),
    )
)

TRANSLATION = Record((*_optional(TRANSLATED, Text()), Key("checklist", ListOf(Text()), None)))
HEADER_TRANSLATION = Record(_optional(TRANSLATED_HEADER, Text()))
TRANSLATIONS_OF_STEP = TableOf(TRANSLATION, validate_language_tag)


def _step_kind(name: str) -> Kind:
    if name == "condition":
        return CONDITION
    if name == TRANSLATIONS:
        return TRANSLATIONS_OF_STEP
    return kind_of(_field(Step, name))


def _step_default(name: str) -> Any:
    if name in ("title", "outcome", "kind"):
        return REQUIRED
    return {} if name == TRANSLATIONS else empty_step()[name]


STEP_KEYS = tuple(Key(name, _step_kind(name), _step_default(name)) for name in STEP_FIELDS)

STEP = Record(
    (
        Key("key", Text()),
        *(key if key.name != "position" else Key("position", Number(), None) for key in STEP_KEYS),
    )
)
"""A step of the global version; without a position it stands ten behind the one before."""

ADDED_STEP = Record(STEP_KEYS)

REASON = Record(
    (
        Key("kind", Choice(tuple(ReasonKind))),
        Key("text", Text()),
        Key("evidence", Text(), ""),
    )
)

_PREFIX = f"{TRANSLATIONS}."

CHANGED_STEP = Record(
    tuple(
        Key(key.name, OrNull(key.kind) if key.name != TRANSLATIONS else key.kind, None)
        for key in STEP_KEYS
    ),
    open={_PREFIX: TableOf(OrNull(TRANSLATION), validate_language_tag)},
)
CHANGED_HEADER = Record(
    _optional(TRANSLATED_HEADER, Text()),
    open={_PREFIX: TableOf(OrNull(HEADER_TRANSLATION), validate_language_tag)},
)


class ChangeKind:
    """A change: what its fields are depends on what it does, and with which step."""

    _CHANGE = Record(
        (
            Key("step", Text()),
            Key("action", Choice(tuple(Action))),
            Key("reason", REASON),
        )
    )
    _WITH_FIELDS = {
        Action.SET.value: CHANGED_STEP,
        Action.ADD.value: ADDED_STEP,
    }

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        action, step = _written(node, "action"), _written(node, "step")
        fields = CHANGED_HEADER if step == HEADER and action == Action.SET else None
        fields = fields or self._WITH_FIELDS.get(action or "")
        keys = self._CHANGE.keys
        if fields:
            keys = (*keys, Key("fields", fields))
        elif action not in set(Action):
            # Whatever the fields are: what is done with them has to be said first.
            keys = (*keys, Key("fields", _Anything(), None))
        read = Record(keys).read(node, path, report)
        if fields and read is not WRONG and read.get("fields") == {} and not report.problems:
            return report.refuse(
                report.marks[f"{path}.fields"], f"{path}.fields", _("Name at least one field.")
            )
        return read


class _Anything:
    """What cannot be judged yet."""

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return nothing."""


def _written(node: Node, name: str) -> str | None:
    """Return the text of a key, if it is there and one."""
    if isinstance(node, Table):
        for key, value in node.entries:
            if isinstance(key, Scalar) and key.value == name and isinstance(value, Scalar):
                return value.value
    return None


LOCALIZATION = Record(
    (
        Key("region", Text(), ""),
        Key("market", Text(), ""),
        Key("note", Text(), ""),
        Key("changes", ListOf(ChangeKind()), ()),
    )
)

PLAYBOOK = Record(
    (
        Key("key", Text()),
        Key("name", Text()),
        Key("motion", kind_of(_field(Playbook, "motion"))),
        Key("goal", Text()),
        *(_key(PlaybookVersion, name) for name in ("tiers", "stages", "complexities")),
        _key(Playbook, "allows_several"),
        _key(Playbook, "on_market_move"),
        Key("change_note", Text(), ""),
        Key("steps", ListOf(STEP), ()),
        Key("localizations", ListOf(LOCALIZATION), ()),
    )
)

_PLACE = (Key("region", Text(), ""), Key("market", Text(), ""))


def _rule(model: type[models.Model], *names: str) -> Record:
    first = tuple(_key(model, name) for name in names if name in ("tier", "stage"))
    others = tuple(
        Key("weekdays", ListOf(Choice(tuple(WEEKDAYS))), ())
        if name == "weekdays"
        else _key(model, name)
        for name in names
        if name not in ("tier", "stage")
    )
    return Record((*first, *_PLACE, *others))


CADENCE = _rule(
    Cadence,
    *("tier", "stage", "title", "benefit", "every", "unit", "weekdays", "working_day", "mode"),
    *("channel", "duration_minutes", "tolerance_days", "reason", "source"),
)

CONTACT_BUDGET = _rule(ContactBudget, "tier", "most_touches", "period_days", "severity", "reason")

FILE = Record(
    (
        Key("format", Number()),
        Key("playbooks", ListOf(PLAYBOOK), None),
        Key("cadences", ListOf(CADENCE), None),
        Key("contact_budgets", ListOf(CONTACT_BUDGET), None),
    )
)
