"""What people do with a run: hold it, let it go on, or end it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement import events
from engagement.choices import UNDER_WAY, RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.querysets import TO_DO, UNDONE, TaskQuerySet
from engagement.services.following import lock_run
from playbooks.schedule import Anchor
from regions.hours import due_at
from regions.working_time import working_time
from toolkit.errors import DomainError, require_reason
from toolkit.storage import StaleVersion, store


class RunEnded(DomainError):
    """A run that is done or cancelled stays so."""


class NotPaused(DomainError):
    """Only a paused run is resumed."""


class AlreadyPaused(DomainError):
    """The run is paused."""


@transaction.atomic
def pause_run(run: Run, *, at: dt.datetime, reason: str) -> Run:
    """Hold a run: its tasks leave the lists until it goes on.

    :raises RunEnded: if it has ended.
    :raises AlreadyPaused: if somebody was faster.
    :raises InvalidInput: without a reason.
    """
    require_reason(reason)
    lock_under_way(run)
    if run.status == RunStatus.PAUSED:
        raise AlreadyPaused(_("This run is paused already."))
    _tasks(run, TO_DO).update(status=TaskStatus.PAUSED, version=F("version") + 1)
    _settle_actions(run)
    run.status, run.reason = RunStatus.PAUSED.value, reason
    run.paused_on = working_time(run.market).today(at)
    return store(run)


@transaction.atomic
def resume_run(run: Run, *, at: dt.datetime) -> Run:
    """Let a paused run go on: what was not done moves by the working days that it was held.

    :raises RunEnded: if it has ended.
    :raises NotPaused: if it is under way.
    """
    lock_under_way(run)
    if run.status != RunStatus.PAUSED or run.paused_on is None:
        raise NotPaused(_("This run is not paused."))
    time = working_time(run.market)
    held = time.calendar.working_days_between(run.paused_on, time.today(at))
    for task in _tasks(run, UNDONE):
        if task.status == TaskStatus.PAUSED:
            task.status = TaskStatus.OPEN
        if held:
            task.due_date = time.calendar.shift(task.due_date, held)
            task.due_at = due_at(task.due_date, time.hours, time.zone)
        task.version += 1
        task.save(force_update=True, update_fields=["status", "due_date", "due_at", "version"])
    if held and Anchor.RUN_START in run.anchors:
        # What is planned anew later counts from it.
        start = dt.date.fromisoformat(run.anchors[Anchor.RUN_START])
        run.anchors[Anchor.RUN_START.value] = time.calendar.shift(start, held).isoformat()
    run.status, run.paused_on, run.reason = RunStatus.ACTIVE.value, None, ""
    return store(run)


@transaction.atomic
def cancel_run(run: Run, *, at: dt.datetime, reason: str) -> Run:
    """End a run before its time; what was done stays done, the rest is cancelled with it.

    :raises RunEnded: if it has ended.
    :raises InvalidInput: without a reason.
    """
    require_reason(reason)
    lock_under_way(run)
    for task in _tasks(run, UNDONE).select_for_update(of=("self",)).order_by("pk"):
        task.status, task.reason = TaskStatus.CANCELLED, reason
        task.version += 1
        task.save(force_update=True, update_fields=["status", "reason", "version"])
    _settle_actions(run)
    run.status, run.reason = RunStatus.CANCELLED.value, reason
    run.ended_at, run.paused_on = at, None
    events.tell_run("run.ended", {run.account_id: run.pk})
    return store(run)


def _tasks(run: Run, statuses: Iterable[str]) -> TaskQuerySet:
    """Return tasks of a run as they are now, whatever was loaded with it."""
    return Task.objects.filter(run=run, status__in=statuses)


def _settle_actions(run: Run) -> None:
    """What people did with the tasks before the run was held or ended is not taken back any more.

    Otherwise a task would open again in a run that rests.
    """
    Task.objects.filter(run=run, undo__isnull=False).update(undo=None)


def lock_under_way(run: Run) -> None:
    """Let one at a time change a run.

    :raises StaleVersion: if somebody else did meanwhile.
    :raises RunEnded: if it has ended.
    """
    locked = lock_run(run.pk)
    if locked.status not in UNDER_WAY:
        raise RunEnded(
            _("This run has ended: it is %(status)s.") % {"status": locked.get_status_display()}
        )
    if locked.version != run.version:
        raise StaleVersion(run)
