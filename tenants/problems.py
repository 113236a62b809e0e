"""Errors of the API as only tenants can tell them: with who was faster, and when."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from tenants.audit_trail import last_change
from toolkit.api import problems
from toolkit.api.preconditions import StaleEdit
from toolkit.storage import StaleVersion


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as the toolkit does; a stale edit with who changed the row, and when."""
    if isinstance(error, StaleVersion | StaleEdit) and error.instance is not None:
        error = _with_last_change(error.instance)
    return problems.handle(error, context)


def _with_last_change(instance: models.Model) -> StaleEdit:
    change = last_change(instance)
    if change is None:
        return StaleEdit(instance)
    who, at = change
    local = timezone.localtime(at)
    when = f"{formats.date_format(local, 'SHORT_DATETIME_FORMAT')} ({local.tzname()})"
    said = _("%(who)s changed this on %(when)s, after you read it. Read it again.")
    return StaleEdit(
        instance, said % {"who": who, "when": when}, changed_by=who, changed_at=_as_json(at)
    )


def _as_json(at: dt.datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
