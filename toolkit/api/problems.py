"""Errors as problem details. Source: RFC 9457."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from toolkit.errors import DomainError, InvalidInput

MEDIA_TYPE = "application/problem+json"

# Source: PostgreSQL documentation, appendix A.
FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
CHECK_VIOLATION = "23514"

# How the frameworks call errors that belong to no single field.
NO_FIELD = ("non_field_errors", "__all__")


def problem(
    status: int, detail: str, *, code: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Return the body of a problem."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error with a problem; leave the rest to be a 500."""
    error = _as_api_exception(error)
    if isinstance(error, DomainError):
        body = problem(409, str(error), code=error.code)
        return Response(body, status=409, content_type=MEDIA_TYPE)
    response = exception_handler(error, context)
    if response is None:
        return None
    assert isinstance(error, exceptions.APIException)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten(error.detail))
        body = problem(400, errors[0]["detail"], code="invalid", errors=errors)
    else:
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else "error"
        body = problem(response.status_code, str(error.detail), code=code)
    response.data = body
    response.content_type = MEDIA_TYPE
    return response


def _as_api_exception(error: Exception) -> Exception:
    match error:
        case InvalidInput():
            return exceptions.ValidationError(error.errors)
        case ValidationError():
            detail = error.message_dict if hasattr(error, "error_dict") else error.messages
            return exceptions.ValidationError(detail)
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case DataError():
            return exceptions.ValidationError(_("A value is out of range."), code="out_of_range")
        case ProtectedError():
            return InUse()
        case IntegrityError():
            return _of_integrity(error)
        case _:
            return error


def _of_integrity(error: IntegrityError) -> Exception:
    answers: dict[str, Exception] = {
        UNIQUE_VIOLATION: AlreadyExists(),
        FOREIGN_KEY_VIOLATION: InUse(),
        CHECK_VIOLATION: exceptions.ValidationError(_("These values do not go together.")),
    }
    return answers.get(getattr(error.__cause__, "sqlstate", ""), error)


class AlreadyExists(exceptions.APIException):
    """The write would make a second one of something that exists once."""

    status_code = 409
    default_detail = gettext_lazy("This already exists.")
    default_code = "already_exists"


class InUse(exceptions.APIException):
    """Other rows still point to what was to be removed, or at what no longer is there."""

    status_code = 409
    default_detail = gettext_lazy("Other records need this, or it needs one that is gone.")
    default_code = "in_use"


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield one entry for each message, with the path of its field."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            step = "" if key in NO_FIELD else str(key)
            yield from _flatten(value, f"{path}.{step}" if path and step else path or step)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, f"{path}[{index}]" if nested else path)
    else:
        yield {"path": path, "detail": str(detail), "code": getattr(detail, "code", "invalid")}
