"""What people do with many tasks at once: an answer for each, and ten minutes to take it back.

The number of queries does not depend on the number of tasks. What one refuses leaves the others.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from engagement import events
from engagement.choices import BulkAction, Outcome, TaskStatus
from engagement.models import Task, TaskBatch
from engagement.querysets import TaskQuerySet
from engagement.services.actions import (
    TWO_WAY,
    UNDOABLE_FIELDS,
    TaskAlreadyClosed,
    check_day,
    check_new_owner,
    put_on_day,
    time_of,
)
from engagement.services.following import follow_closings, lock_runs_of
from engagement.services.notices import notice_hand_overs, notice_mentions
from engagement.services.rhythms import (
    PLACE_FIELDS,
    lock_enrolments,
    restart_rhythm,
    undo_of,
)
from engagement.services.written import write_places, write_tasks
from engagement.shifting import MOST_DAYS, moved_by
from regions.calendars import CalendarRangeError
from regions.working_time import prepare_working_times
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput, require_reason
from toolkit.storage import store

MOST_TASKS = 1000
KEPT_FOR = dt.timedelta(days=1)
"""How long a batch is remembered; what it did is in the audit trail for good."""

_TAKES: dict[str, frozenset[str]] = {
    BulkAction.COMPLETE: frozenset({"outcome", "note"}),
    BulkAction.HAND_OVER: frozenset({"to", "reason"}),
    BulkAction.SNOOZE: frozenset({"until", "reason"}),
    BulkAction.SHIFT: frozenset({"days", "reason"}),
    BulkAction.NOT_APPLICABLE: frozenset({"reason"}),
}
_TOLD = {
    BulkAction.COMPLETE: "task.completed",
    BulkAction.HAND_OVER: "task.handed_over",
    BulkAction.SNOOZE: "task.moved",
    BulkAction.SHIFT: "task.moved",
    BulkAction.NOT_APPLICABLE: "task.not_applicable",
}
_CLOSES = {
    BulkAction.COMPLETE: TaskStatus.DONE,
    BulkAction.NOT_APPLICABLE: TaskStatus.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done with many tasks; ``until`` is a local day of each market."""

    action: BulkAction
    outcome: str = ""
    note: str = ""
    to: Membership | None = None
    until: dt.date | None = None
    days: int | None = None
    reason: str = ""


class TooManyTasks(InvalidInput):
    """More tasks than are changed at once."""

    def __init__(self, field: str) -> None:
        most = {"most": MOST_TASKS}
        super().__init__({field: _("At most %(most)d tasks at once: narrow the list.") % most})


class NotThere(DomainError):
    """The task is not in a place where the member works."""


def ids_of(tasks: TaskQuerySet, *, field: str = "filter") -> list[UUID]:
    """Return the tasks of a list, to act on all of them.

    :raises TooManyTasks: if there are more than can be changed at once.
    """
    found = list(tasks.order_by("due_date", "pk").values_list("pk", flat=True)[: MOST_TASKS + 1])
    if len(found) > MOST_TASKS:
        raise TooManyTasks(field)
    return found


@transaction.atomic
def act_on_tasks(
    *,
    ids: Sequence[UUID],
    deed: Deed,
    by: Membership,
    at: dt.datetime,
    places: Collection[UUID] | None = None,
) -> TaskBatch:
    """Do one thing with many tasks and return what became of each. ``at`` is UTC.

    ``places`` are the markets in which the member may write; None for all.

    :raises InvalidInput: if the deed lacks something, or has what it does not take.
    :raises TooManyTasks: if there are more than can be changed at once.
    """
    check_deed(deed)
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_TASKS:
        raise TooManyTasks("ids")
    batch = TaskBatch(action=deed.action, made_by=by, made_at=at)
    lock_runs_of(wanted)
    locked = _lock_to_do(wanted)
    refused = _say_why_not(wanted, locked)
    prepare_working_times(task.due_market for task in locked)
    done: list[Task] = []
    for task in locked:
        try:
            _do(task, deed, by, at, places)
        except DomainError as error:
            refused[str(task.pk)] = str(error)
        else:
            undo_of(task)["batch"] = str(batch.pk)
            done.append(task)
    if deed.action in _CLOSES:
        _go_on(done, at)
    write_tasks(done)
    _tell(deed.action, done)
    if deed.to is not None:
        notice_hand_overs(done, to=deed.to, by=by, at=at)
    notice_mentions(*(done if deed.note else ()), by=by, at=at)
    batch.done, batch.refused = [str(task.pk) for task in done], refused
    TaskBatch.objects.forgettable(made_by=by.pk, before=at - KEPT_FOR).delete()
    return store(batch)


def check_deed(deed: Deed) -> None:
    """Check that a deed says all that it needs, and nothing else.

    :raises InvalidInput: for what is missing, too much, or wrong.
    """
    given = {
        name
        for name in ("outcome", "note", "to", "until", "days", "reason")
        if getattr(deed, name) not in (None, "")
    }
    if extra := sorted(given - _TAKES[deed.action]):
        raise InvalidInput(dict.fromkeys(extra, _("This action does not take it.")))
    if deed.outcome and deed.outcome not in Outcome.values:
        raise InvalidInput({"outcome": _("Choose one of the outcomes.")})
    if deed.action == BulkAction.HAND_OVER:
        _check_owner_to_be(deed.to)
    elif deed.action != BulkAction.COMPLETE:
        require_reason(deed.reason)
    if deed.action == BulkAction.SNOOZE and deed.until is None:
        raise InvalidInput({"until": _("Choose a day.")})
    if deed.action == BulkAction.SHIFT and not 1 <= (deed.days or 0) <= MOST_DAYS:
        raise InvalidInput({"days": _("From 1 to %(most)d working days.") % {"most": MOST_DAYS}})


def _check_owner_to_be(to: Membership | None) -> None:
    if to is None:
        raise InvalidInput({"to": _("Choose who takes them.")})
    if not to.is_active:
        raise InvalidInput({"to": _("%(name)s is not active.") % {"name": to}})


def _lock_to_do(ids: Sequence[UUID]) -> list[Task]:
    """Lock what is still to be done, in the order of the ids: batches wait for one another."""
    tasks = Task.objects.select_for_update(of=("self",)).filter(pk__in=ids).to_do()
    tasks = tasks.select_related("account__market", "run__market", "cadence", "step", "owner")
    return list(tasks.prefetch_related("account__agreements").order_by("pk"))


def _say_why_not(ids: Sequence[UUID], locked: Iterable[Task]) -> dict[str, str]:
    """Return for each task that is not to be done any more what became of it."""
    there = {task.pk for task in locked}
    missing = [pk for pk in ids if pk not in there]
    if not missing:
        return {}
    closed = Task.objects.filter(pk__in=missing).select_related("closed_by").in_bulk()
    gone = _("There is no such task here.")
    return {str(pk): str(TaskAlreadyClosed(closed[pk])) if pk in closed else gone for pk in missing}


def _do(
    task: Task, deed: Deed, by: Membership, at: dt.datetime, places: Collection[UUID] | None
) -> None:
    """Change one task in memory.

    :raises DomainError: if it cannot be done with this one.
    """
    if places is not None and task.account.market_id not in places:
        raise NotThere(_("You do not work in this market."))
    before = {name: getattr(task, name) for name in UNDOABLE_FIELDS}
    match deed.action:
        case BulkAction.HAND_OVER:
            assert deed.to is not None
            check_new_owner(task, deed.to)
            task.owner, task.reason, task.needs_stand_in = deed.to, deed.reason, False
        case BulkAction.SNOOZE | BulkAction.SHIFT:
            time = time_of(task)
            day = _day_for(task, deed, at)
            check_day(day, time, at)
            put_on_day(task, day, time, deed.reason)
        case _:
            _close(task, deed, by, at)
    task.undo, task.touched_at, task.is_flagged = {"task": before}, at, False
    task.version += 1


def _day_for(task: Task, deed: Deed, at: dt.datetime) -> dt.date:
    if deed.until is not None:
        return deed.until
    time = time_of(task)
    quiet = time.quiet if task.work.is_contact else ()
    try:
        return moved_by(
            task.due_date,
            deed.days or 0,
            today=time.today(at),
            calendar=time.calendar,
            quiet=quiet,
        )
    except CalendarRangeError:
        raise InvalidInput({"days": _("The holidays of that year are not known.")}) from None


def _close(task: Task, deed: Deed, by: Membership, at: dt.datetime) -> None:
    task.status, task.closed_by, task.closed_at = _CLOSES[deed.action], by, at
    if deed.action == BulkAction.NOT_APPLICABLE:
        task.reason = deed.reason
        return
    usual = Outcome.CONVERSATION if task.work.is_contact else Outcome.INTERNAL
    task.outcome, task.note = deed.outcome or usual, deed.note


def _go_on(closed: Sequence[Task], at: dt.datetime) -> None:
    """Let follow what follows closed tasks, and keep what an undo needs."""
    if any(task.run_id for task in closed):
        states, _opened = follow_closings(closed, at)
        for task in closed:
            if task.pk in states:
                undo_of(task)["opened"] = states[task.pk]
    check_ins = [task for task in closed if task.enrolment_id]
    enrolments = lock_enrolments(check_ins)
    for task in check_ins:
        enrolment = enrolments[task.enrolment_id]
        undo_of(task)["enrolment"] = {name: getattr(enrolment, name) for name in PLACE_FIELDS}
        contact = task.status == TaskStatus.DONE and task.outcome in TWO_WAY
        restart_rhythm(enrolment, task, at, contact=contact)
    write_places(enrolments.values())


def _tell(action: BulkAction, tasks: Sequence[Task]) -> None:
    if tasks:
        events.tell(_TOLD[action], *tasks)
