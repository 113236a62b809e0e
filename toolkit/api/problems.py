"""Errors as problem details. Source: RFC 9457."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, OperationalError, models
from django.db.models import ProtectedError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from toolkit.api.preconditions import StaleEdit
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion

MEDIA_TYPE = "application/problem+json"

# Source: PostgreSQL documentation, appendix A.
FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
CHECK_VIOLATION = "23514"
IN_EACH_OTHERS_WAY = ("40001", "40P01", "55P03")
"""Serialization failure, deadlock, lock not available."""

# How the frameworks call errors that belong to no single field.
NO_FIELD = ("non_field_errors", "__all__")


def problem(
    status: int,
    detail: str,
    *,
    code: str,
    errors: list[dict[str, str]] | None = None,
    **extensions: Any,
) -> dict[str, Any]:
    """Return the body of a problem; ``extensions`` are members that only some have."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **extensions,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def problem_response(body: dict[str, Any]) -> HttpResponse:
    """Return a problem as an answer, where no view is at hand to render it."""
    return HttpResponse(orjson.dumps(body), status=body["status"], content_type=MEDIA_TYPE)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error with a problem; leave the rest to be a 500."""
    error = _as_api_exception(error)
    if isinstance(error, DomainError):
        body = {**problem(409, str(error), code=error.code), **error.extensions}
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
        extensions = getattr(error, "extensions", {})
        body = problem(response.status_code, str(error.detail), code=code, **extensions)
    response.data = body
    response.content_type = MEDIA_TYPE
    return response


def _as_api_exception(error: Exception) -> Exception:
    match error:
        case StaleVersion(instance=models.Model() as instance):
            return StaleEdit(instance)
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
        case OperationalError() if _sqlstate(error) in IN_EACH_OTHERS_WAY:
            return Busy()
        case _:
            return error


def _of_integrity(error: IntegrityError) -> Exception:
    answers: dict[str, Exception] = {
        UNIQUE_VIOLATION: AlreadyExists(),
        FOREIGN_KEY_VIOLATION: InUse(),
        CHECK_VIOLATION: exceptions.ValidationError(_("These values do not go together.")),
    }
    return answers.get(_sqlstate(error), error)


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


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


class Busy(exceptions.APIException):
    """Two writes waited for each other, and this one gave way."""

    status_code = 409
    default_detail = gettext_lazy("Somebody else is changing the same things. Try again.")
    default_code = "busy"


def _below(path: str, key: str | int) -> str:
    """Return the path of a member of an object or, by its index, of a list."""
    if key in NO_FIELD:
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield one entry for each message, with the path of its field."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _flatten(value, _below(path, key))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, f"{path}[{index}]" if nested else path)
    else:
        yield {"path": path, "detail": str(detail), "code": getattr(detail, "code", "invalid")}
