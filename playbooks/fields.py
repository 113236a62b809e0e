"""The fields of a step, as files, programs and localizations write them: checked one by one.

The model says what a field may be; here nothing is converted that merely looks right.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playbooks.changes import HEADER, HEADER_FIELDS, TRANSLATIONS, flattened
from playbooks.models.step import STEP_FIELDS, Step
from playbooks.validators import TRANSLATED, TRANSLATED_HEADER, validate_translation
from regions.validators import validate_language_tag

ANY_STEP = "step"

LOCKED_FIELDS = frozenset({"outcome"})
"""What no localization changes: the outcome is owed everywhere."""

_TYPES: tuple[tuple[type[models.Field[Any, Any]], type], ...] = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.CharField, str),
    (models.TextField, str),
    (models.JSONField, dict),
    (ArrayField, list),
)

_WORDS: Mapping[type, Any] = {
    bool: gettext_lazy("Give true or false."),
    int: gettext_lazy("Give a whole number."),
    str: gettext_lazy("Give a text."),
    dict: gettext_lazy("Give an object."),
    list: gettext_lazy("Give a list."),
}


@cache
def empty_step() -> Mapping[str, Any]:
    """Return what each field of a step is where nothing is said of it."""
    known: dict[str, Any] = {field.name: field for field in Step._meta.local_fields}
    return {name: known[name].get_default() for name in STEP_FIELDS if name != TRANSLATIONS}


def read_step(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a whole step, defaults included.

    :raises ValidationError: by field, for what is unknown, missing or cannot be taken.
    """
    read, errors = _read_all(ANY_STEP, values)
    for name in ("title", "outcome", "kind"):
        if not values.get(name) and name not in errors:
            errors[name] = [ValidationError(_("A step needs this."), code="required")]
    if errors:
        raise ValidationError(cast("dict[str, Any]", errors))
    return {**empty_step(), TRANSLATIONS: {}, **read}


def read_change(step: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a localization sets of a step, each translation as a field of its own.

    None sets a field to empty.

    :raises ValidationError: by field, for what is unknown, locked or cannot be taken.
    """
    whole = isinstance(values.get(TRANSLATIONS), Mapping)
    read, errors = _read_all(step, flattened(values) if whole else values, changing=True)
    if errors:
        raise ValidationError(cast("dict[str, Any]", errors))
    return read


def read_field(step: str, name: str, value: Any) -> Any:
    """Return what a localization sets one field of a step to.

    :raises ValidationError: under its name, if it is unknown, locked or cannot be taken.
    """
    read, errors = _read_all(step, {name: value}, changing=True)
    if errors:
        raise ValidationError(cast("dict[str, Any]", errors))
    return read[name]


def _read_all(
    step: str, values: Mapping[str, Any], *, changing: bool = False
) -> tuple[dict[str, Any], dict[str, list[ValidationError]]]:
    read: dict[str, Any] = {}
    errors: dict[str, list[ValidationError]] = {}
    for name, value in values.items():
        try:
            read[name] = _read_one(step, name, value, changing=changing)
        except ValidationError as error:
            errors[name] = error.error_list
    return read, errors


def _read_one(step: str, name: str, value: Any, *, changing: bool) -> Any:
    language = name.removeprefix(f"{TRANSLATIONS}.")
    if changing and language != name:
        return _read_translation(step, language, value)
    if changing and name == TRANSLATIONS:
        raise ValidationError(_("Name the language: %(example)s.") % {"example": f"{name}.fr"})
    if step == HEADER:
        return _read_header(name, value)
    if name not in STEP_FIELDS:
        raise unknown(name, STEP_FIELDS)
    field = cast("models.Field[Any, Any]", Step._meta.get_field(name))
    if changing and value is None:
        return _emptied(field)
    return _clean(field, value)


def _read_translation(step: str, language: str, value: Any) -> Any:
    validate_language_tag(language)
    if value is not None:
        validate_translation(value, TRANSLATED_HEADER if step == HEADER else TRANSLATED)
    return value


def _read_header(name: str, value: Any) -> Any:
    if name not in HEADER_FIELDS:
        raise unknown(name, (*HEADER_FIELDS, f"{TRANSLATIONS}.fr"))
    if not isinstance(value, str) or not value or len(value) > TRANSLATED_HEADER[name]:
        raise ValidationError(_("Give a text."))
    return value


def unknown(name: str, known: tuple[str, ...]) -> ValidationError:
    """Return the refusal of a field that nothing knows, with the nearest that is known."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = _("Did you mean %(name)s?") % {"name": close[0]} if close else ""
    return ValidationError(f"{_('Unknown field.')} {hint}".rstrip(), code="unknown_field")


def _emptied(field: "models.Field[Any, Any]") -> None:
    """Return nothing, for a field that can be empty.

    :raises ValidationError: for one that cannot.
    """
    if not field.blank:
        raise ValidationError(_("This cannot be empty."))


def _clean(field: "models.Field[Any, Any]", value: Any) -> Any:
    _check_type(field, value)
    if isinstance(field, ArrayField):
        for each in value:
            _check_type(field.base_field, each)
            _check_choice(field.base_field, each)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise ValidationError(_("Give %(most)d characters at most.") % {"most": field.max_length})
    _check_choice(field, value)
    return field.clean(value, None)


def _check_type(field: "models.Field[Any, Any]", value: Any) -> None:
    """Refuse a value of another type than the field's own: no text for a number, no 1 for true.

    :raises ValidationError: if it is.
    """
    wanted = next(python for kind, python in _TYPES if isinstance(field, kind))
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ValidationError(_WORDS[wanted])


def _check_choice(field: "models.Field[Any, Any]", value: Any) -> None:
    """Refuse what is none of a field's choices, with those that there are and the nearest.

    :raises ValidationError: if it is none.
    """
    known = [str(choice) for choice, _label in field.flatchoices]
    if not known or value in known or value == "":
        return
    close = difflib.get_close_matches(value, known, n=1)
    hint = _("Did you mean %(name)s?") % {"name": close[0]} if close else ""
    said = _("Choose one of %(known)s.") % {"known": ", ".join(known)}
    raise ValidationError(f"{said} {hint}".rstrip(), code="invalid_choice")
