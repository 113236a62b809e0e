"""What a person did in the last minutes, remembered in the session so that it can be undone."""

import datetime as dt
from uuid import UUID

from django.http import HttpRequest

from engagement.models import Task, TaskBatch
from engagement.services import UNDO_WITHIN

SESSION_KEY = "recent_tasks"
BATCH_KEY = "recent_batch"
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


def remember_batch(request: HttpRequest, batch: TaskBatch) -> None:
    """Note that the person acted on many tasks at once."""
    request.session[BATCH_KEY] = [str(batch.pk), batch.made_at.isoformat(), len(batch.done)]


def forget_batch(request: HttpRequest) -> None:
    """Drop it: it was taken back."""
    request.session.pop(BATCH_KEY, None)


def batch(request: HttpRequest, now: dt.datetime) -> tuple[UUID, int] | None:
    """Return the last batch that can be taken back, and how many tasks it changed."""
    pk, at, count = request.session.get(BATCH_KEY, ["", now.isoformat(), 0])
    if not count or now - dt.datetime.fromisoformat(at) > UNDO_WITHIN:
        return None
    return UUID(pk), count


def _kept(request: HttpRequest, now: dt.datetime, without: Task | None = None) -> list[list[str]]:
    gone = str(without.pk) if without else ""
    return [
        [pk, at]
        for pk, at in request.session.get(SESSION_KEY, [])
        if pk != gone and now - dt.datetime.fromisoformat(at) <= UNDO_WITHIN
    ]
