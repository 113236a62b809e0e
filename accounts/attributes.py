"""Values of declared attributes: what an account may say, and how it is read."""

import difflib
import math
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from django.utils.translation import gettext as _

from accounts.choices import AttributeKind
from accounts.models import AccountAttribute
from toolkit.errors import InvalidInput

MOST = 50
"""As many attributes one account has, and as many an organization has in use."""
LONGEST = 200
LARGEST = 10**15
"""Beyond it a number is no longer exact everywhere."""

PATH = "attributes"
# Line breaks, other controls and lone surrogates: a value is one line of text.
_NO_LINE = {"Cc", "Cs", "Zl", "Zp"}

Value: TypeAlias = str | int | float | bool
Values: TypeAlias = dict[str, Value]


def declared() -> list[AccountAttribute]:
    """Load the attributes in use, by name."""
    return list(AccountAttribute.objects.filter(archived_at=None))


def checked(given: object, *, stored: Mapping[str, object]) -> Values:
    """Return the values that an account may be given instead of those ``stored``.

    What stays as it is stored is not judged again: its attribute may be archived meanwhile, or
    its choice gone. The declarations are loaded only where something changes.

    :raises InvalidInput: with the path of every value that cannot be taken.
    """
    if not isinstance(given, dict):
        raise InvalidInput({PATH: _("Give an object: a value for each key.")})
    changed = {
        key for key, value in given.items() if key not in stored or not _is_same(value, stored[key])
    }
    if not changed:
        return given
    if len(given) > MOST:
        said = _("An account has %(most)d attributes at most.")
        raise InvalidInput({PATH: said % {"most": MOST}})
    known = {attribute.key: attribute for attribute in declared()}
    errors = {
        f"{PATH}.{key}": reason
        for key in given
        if key in changed and (reason := _reason(key, given[key], known))
    }
    if errors:
        raise InvalidInput(errors)
    return {key: value.strip() if isinstance(value, str) else value for key, value in given.items()}


def in_words(values: Mapping[str, object], attributes: Iterable[AccountAttribute]) -> list[str]:
    """Return the values of some attributes for people, each with its name."""
    return [
        f"{attribute.name}: {_said(values[attribute.key])}"
        for attribute in attributes
        if attribute.key in values
    ]


def _reason(key: str, value: object, known: Mapping[str, AccountAttribute]) -> str:
    """Return why a value cannot be taken; nothing where it can."""
    attribute = known.get(key)
    if attribute is None:
        close = difflib.get_close_matches(key, known, n=1)
        hint = _("Did you mean %(name)s?") % {"name": close[0]} if close else ""
        return f"{_('No attribute in use has this key.')} {hint}".rstrip()
    match attribute.kind:
        case AttributeKind.NUMBER:
            return "" if _is_number(value) else _("Give a number of at most 15 digits.")
        case AttributeKind.BOOLEAN:
            return "" if isinstance(value, bool) else _("Give true or false.")
        case AttributeKind.CHOICE:
            return "" if _is_one_of(value, attribute.choices) else _choose(attribute.choices)
    return "" if _is_line(value) else _("Give one line of text, with 1 to 200 characters.")


def _is_same(value: object, stored: object) -> bool:
    # True equals 1 in Python, but not in JSON.
    return value == stored and isinstance(value, bool) == isinstance(stored, bool)


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) < LARGEST
    )


def _is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and 1 <= len(value.strip()) <= LONGEST
        and all(unicodedata.category(char) not in _NO_LINE for char in value)
    )


def _is_one_of(value: object, choices: Iterable[str]) -> bool:
    return isinstance(value, str) and value.strip() in choices


def _choose(choices: Iterable[str]) -> str:
    return _("Choose one of %(choices)s.") % {"choices": ", ".join(choices)}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
