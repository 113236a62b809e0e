"""What a person did in the last minutes, remembered in the session so that it can be undone."""

import datetime as dt
from uuid import UUID

from django.http import HttpRequest

from engagement.models import Task
from engagement.services import UNDO_WITHIN

SESSION_KEY = "recent_tasks"
MOST = 10


def remember(request: HttpRequest, task: Task, at: dt.datetime) -> None:
    """Note that the person acted on ``task``."""
    others = _kept(request, at, without=task)
    request.session[SESSION_KEY] = [[str(task.pk), at.isoformat()], *others][:MOST]


def forget(request: HttpRequest, task: Task, at: dt.datetime) -> None:
    """Drop ``task``: it was taken back."""
    request.session[SESSION_KEY] = _kept(request, at, without=task)


def task_ids(request: HttpRequest, now: dt.datetime) -> list[UUID]:
    """Return the tasks acted on lately, the last one first."""
    return [UUID(pk) for pk, _at in _kept(request, now)]


def _kept(request: HttpRequest, now: dt.datetime, without: Task | None = None) -> list[list[str]]:
    gone = str(without.pk) if without else ""
    return [
        [pk, at]
        for pk, at in request.session.get(SESSION_KEY, [])
        if pk != gone and now - dt.datetime.fromisoformat(at) <= UNDO_WITHIN
    ]
