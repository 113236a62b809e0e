"""Writes that name the version they change. Source: RFC 9110 section 13 and RFC 6585."""

import re
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request

ANY = "*"
CONDITIONAL_METHODS = ("PUT", "PATCH", "DELETE")

_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LIST = re.compile(rf"\s*{_TAG.pattern}(\s*,\s*{_TAG.pattern})*\s*")


class VersionRequired(exceptions.APIException):
    """A write that does not say which version it changes may undo somebody's work."""

    status_code = 428
    default_detail = gettext_lazy(
        "Say which version you change: send If-Match with the ETag that you read."
    )
    default_code = "precondition_required"


class StaleEdit(exceptions.APIException):
    """The row is no longer the one that was read. Source: RFC 9110 section 13.1.1."""

    status_code = 412
    default_detail = gettext_lazy("Somebody else changed this after you read it. Read it again.")
    default_code = "stale_edit"

    def __init__(
        self, instance: models.Model, detail: str | None = None, **extensions: Any
    ) -> None:
        super().__init__(detail)
        self.instance = instance
        self.extensions = extensions


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


def check_if_match(request: Request, instance: models.Model) -> None:
    """Compare a row with the versions that the request may change.

    An action by POST expects a state of its own, so that there the header may be left out.

    :raises VersionRequired: if an update or removal names none.
    :raises StaleEdit: if the row has another one.
    """
    text = request.headers.get("If-Match")
    if text is None:
        if request.method in CONDITIONAL_METHODS:
            raise VersionRequired
        return
    # Weak tags stay in the list and match nothing: the comparison is the strong one.
    if text.strip() != ANY and etag(instance.version) not in _tags(text):  # type: ignore[attr-defined]
        raise StaleEdit(instance)


def _tags(text: str) -> list[str]:
    """Return the entity tags of a header.

    :raises ValidationError: if it is no list of them.
    """
    if not _LIST.fullmatch(text):
        reason = _("Send the ETag as you read it, with its quotes.")
        raise exceptions.ValidationError({"If-Match": reason})
    return [match[0] for match in _TAG.finditer(text)]
