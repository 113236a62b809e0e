"""JSON as RFC 8259 and PostgreSQL both can hold it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32
LONGEST_NUMBER = 40
LARGEST_BODY = 1_000_000


class BodyTooLarge(APIException):
    """The body has more bytes than a reasonable one."""

    status_code = 413
    default_detail = gettext_lazy("This is too long; send less at once.")
    default_code = "too_large"


class BodyRefused(ParseError):
    """What lies at ``path`` in a body cannot be taken; no path is the whole body."""

    def __init__(self, reason: str, *, path: str, code: str) -> None:
        super().__init__(reason)
        self.extensions = {"errors": [{"path": path, "detail": reason, "code": code}]}


Path = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Stands for what cannot be taken until it is known where: members are read before parents.

    ``at`` leads on from there.
    """

    reason: str
    code: str
    at: Path = ()


class StrictJSONParser(JSONParser):
    """Refuse what another reader would understand otherwise, or the database cannot store.

    That is: duplicate keys, NUL, lone surrogates, ``NaN``, numbers of more than 40 digits,
    nesting deeper than 32, and more than a million bytes.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body.

        :raises BodyRefused: with the path of what cannot be taken.
        :raises BodyTooLarge: if there is more than that.
        """
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            value = json.loads(
                body.decode("utf-8"),
                object_pairs_hook=_without_duplicates,
                parse_constant=_refuse_constant,
                parse_int=_bounded_int,
                parse_float=_bounded_float,
            )
        except RecursionError:
            raise _too_deep(()) from None
        except ValueError as error:
            reason = _("This is not JSON that can be taken: %(reason)s") % {"reason": error}
            raise BodyRefused(reason, path="", code="no_json") from None
        _check(value, ())
        return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Unfit:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    keys = [key for key, _value in pairs]
    double = next(key for key, count in Counter(keys).items() if count > 1)
    return _Unfit(_("Give this once."), "duplicate_key", at=(double,))


def _refuse_constant(name: str) -> _Unfit:
    return _Unfit(_("%(name)s is not a JSON number.") % {"name": name}, "no_number")


def _bounded_int(text: str) -> int | _Unfit:
    return int(text) if len(text) <= LONGEST_NUMBER else _too_long()


def _bounded_float(text: str) -> float | _Unfit:
    value = float(text)
    return value if len(text) <= LONGEST_NUMBER and isfinite(value) else _too_long()


def _too_long() -> _Unfit:
    return _Unfit(_("This number has too many digits."), "too_many_digits")


def _check(value: Any, path: Path) -> None:
    """Go through all of a body.

    :raises BodyRefused: for the first thing that cannot be taken.
    """
    if len(path) > DEEPEST:
        raise _too_deep(path)
    if isinstance(value, _Unfit):
        raise BodyRefused(value.reason, path=_written(path + value.at), code=value.code)
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, path)
            _check(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, (*path, index))


def _check_text(text: str, path: Path) -> None:
    if "\0" in text or not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        reason = _("A character that cannot be stored.")
        raise BodyRefused(reason, path=_written(path), code="unstorable_character")


def _too_deep(path: Path) -> BodyRefused:
    reason = _("JSON nested deeper than %(levels)s.") % {"levels": DEEPEST}
    return BodyRefused(reason, path=_written(path), code="too_deep")


def _written(path: Path) -> str:
    """Return a path as errors name it, in characters that an answer can carry."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".").encode("utf-8", "replace").decode()
