"""What people do with a run: hold it, let it go on, or end it."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement import events
from engagement.choices import UNDER_WAY, RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.querysets import TO_DO, UNDONE, TaskQuerySet
from engagement.run_plan import PlannedTask, TaskStart
from engagement.services.budgeting import Customer, Room
from engagement.services.following import lock_run
from engagement.services.wishes import DAY_FIELDS, Wish, grant
from engagement.timing import agreed_with
from playbooks.documents import edition_step
from playbooks.schedule import Anchor
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.working_time import working_time
from talent.services import availabilities
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
    time = agreed_with(run.account).applied_to_market(working_time(run.market))
    held = time.calendar.working_days_between(run.paused_on, time.today(at))
    tasks = list(_tasks(run, UNDONE).select_related("step"))
    for task in tasks:
        if task.status == TaskStatus.PAUSED:
            task.status = TaskStatus.OPEN
        task.version += 1
    if held:
        _put_off(run, tasks, held, time)
    Task.objects.bulk_update(tasks, ["status", "version", *DAY_FIELDS])
    if held and (start := run.anchor_dates.get(Anchor.RUN_START)):
        # What is planned anew later counts from it.
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


def _put_off(run: Run, tasks: Sequence[Task], days: int, time: MarketTime) -> None:
    """Move tasks by working days, and on to later ones where the contact budget is full."""
    owners = availabilities({task.owner_id for task in tasks if task.owner_id})
    wishes = []
    for task in tasks:
        assert task.step is not None
        day = time.calendar.shift(task.due_date, days)
        planned = PlannedTask(
            key=task.step.key,
            start=TaskStart.OPEN,
            nominal=task.nominal_date,
            due_date=day,
            due_at=due_at(day, time.hours, time.zone),
            needs_stand_in=task.needs_stand_in,
        )
        owner = owners.get(task.owner_id) if task.owner_id else None
        wishes.append(Wish(task, edition_step(task.step), planned, time, owner, run.anchor_dates))
    room = Room(
        {run.account_id: Customer.of(run.account)},
        days=[wish.planned.due_date for wish in wishes],
        leave_out=[task.pk for task in tasks],
    )
    grant(wishes, room)


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
