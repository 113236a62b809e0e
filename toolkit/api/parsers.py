"""JSON as RFC 8259 and PostgreSQL both can hold it."""

import json
from collections.abc import Mapping
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
        """Return the parsed body."""
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
            raise _too_deep() from None
        except ValueError as error:
            raise ParseError(
                _("This is not JSON that can be taken: %(reason)s") % {"reason": error}
            ) from None
        _check(value, path="", depth=0)
        return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"duplicate key {next(key for key in keys if keys.count(key) > 1)!r}")
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _bounded_int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number has too many digits")
    return int(text)


def _bounded_float(text: str) -> float:
    value = float(text)
    if len(text) > LONGEST_NUMBER or value in (float("inf"), float("-inf")):
        raise ValueError("a number has too many digits")
    return value


def _check(value: Any, *, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, path)
            _check(item, path=f"{path}.{key}" if path else key, depth=depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, path=f"{path}[{index}]", depth=depth + 1)


def _check_text(text: str, path: str) -> None:
    if "\0" in text or not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        place = path.encode("ascii", "replace").decode()
        raise ParseError(_("A character that cannot be stored: %(path)s") % {"path": place or "$"})


def _too_deep() -> ParseError:
    return ParseError(_("JSON nested deeper than %(levels)s.") % {"levels": DEEPEST})
