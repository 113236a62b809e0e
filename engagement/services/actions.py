"""What people do with a task. Each action expects a state; the second of two is told."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from engagement import events
from engagement.choices import Outcome, Sentiment, TaskStatus
from engagement.models import Enrolment, Meeting, Task
from engagement.querysets import CLOSED, TO_DO
from engagement.services.by_hand import NextStep, make_task
from engagement.services.following import follow_closing, lock_run, take_back_closing
from engagement.services.notices import notice_hand_overs, notice_mentions
from engagement.services.rhythms import (
    PLACE_FIELDS,
    lock_enrolments,
    put_back,
    restart_rhythm,
    take_back_rhythms,
)
from engagement.timing import agreed_with, reason_against
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.working_time import working_time
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput, require_reason

UNDO_WITHIN = dt.timedelta(minutes=10)
TWO_WAY = (Outcome.CONVERSATION, Outcome.REPLY)
UNDOABLE_FIELDS = (
    "status",
    "due_date",
    "due_at",
    "owner_id",
    "outcome",
    "sentiment",
    "note",
    "reason",
    "closed_at",
    "closed_by_id",
    "touched_at",
    "needs_stand_in",
)


class TaskAlreadyClosed(DomainError):
    """Somebody else closed the task first."""

    def __init__(self, task: Task) -> None:
        self.task = task
        super().__init__(
            _("%(name)s closed this on %(when)s.")
            % {"name": task.closed_by or _("Somebody"), "when": _in_reader_zone(task.closed_at)}
            if task.closed_at
            else _("This is not open any more: it was planned anew.")
        )


class NothingToUndo(DomainError):
    """The last action on the task cannot be taken back (any more)."""


@transaction.atomic
def complete_task(
    *,
    task: Task,
    by: Membership | None,
    at: dt.datetime,
    outcome: str = "",
    sentiment: str = "",
    note: str = "",
    held_on: dt.date | None = None,
    next_step: NextStep | None = None,
) -> Task:
    """Mark a task done. A two-way contact, the default, restarts an elastic rhythm.

    ``at`` is UTC; ``held_on`` the customer's local day of the contact, if it was another than
    that of ``at``. An outcome without contact counts from the nominal date instead. A next step
    becomes a task of its own, for whoever had this one.

    :raises TaskAlreadyClosed: if somebody closed it first.
    :raises AccountArchived: for a next step with an account that nobody works with.
    :raises InvalidInput: for an unknown outcome or sentiment, or a next step on a day that is
        over, or not worked there.
    """
    if outcome and outcome not in Outcome.values:
        raise InvalidInput({"outcome": _("Choose one of the outcomes.")})
    if sentiment and sentiment not in Sentiment.values:
        raise InvalidInput({"sentiment": _("Choose one of the sentiments.")})
    locked = _lock_to_do(task)
    if not outcome and locked.work.is_contact:
        outcome = Outcome.CONVERSATION
    undo = _state(locked)
    _close(locked, TaskStatus.DONE, by, at)
    locked.outcome, locked.note = outcome or Outcome.INTERNAL, note
    locked.sentiment = sentiment
    undo |= _go_on(locked, at, contact=locked.outcome in TWO_WAY, held_on=held_on)
    if next_step is not None and by is not None:
        undo["follow_up"] = _follow_up(locked, next_step, by, at)
    if by is not None:
        notice_mentions(locked, by=by, at=at)
    return _save(locked, undo=undo, at=at, told="task.completed")


@transaction.atomic
def mark_not_applicable(*, task: Task, by: Membership, at: dt.datetime, reason: str) -> Task:
    """Close a task that does not make sense this time; the rhythm goes on.

    :raises TaskAlreadyClosed: if somebody closed it first.
    :raises InvalidInput: without a reason.
    """
    require_reason(reason)
    locked = _lock_to_do(task)
    undo = _state(locked)
    _close(locked, TaskStatus.NOT_APPLICABLE, by, at)
    locked.reason = reason
    undo |= _go_on(locked, at, contact=False)
    return _save(locked, undo=undo, at=at, told="task.not_applicable")


@transaction.atomic
def snooze_task(
    *, task: Task, by: Membership, at: dt.datetime, until: dt.date, reason: str
) -> Task:
    """Move a task to another day of its market, today or later.

    :raises TaskAlreadyClosed: if somebody closed it first.
    :raises InvalidInput: without a reason, or for a day that the market does not work.
    """
    require_reason(reason)
    locked = _lock_to_do(task)
    time = time_of(locked)
    check_day(until, time, at)
    undo = _state(locked)
    put_on_day(locked, until, time, reason)
    return _save(locked, undo=undo, at=at, told="task.moved")


@transaction.atomic
def hand_over_task(
    *, task: Task, by: Membership, at: dt.datetime, to: Membership, reason: str = ""
) -> Task:
    """Give a task to another member.

    :raises TaskAlreadyClosed: if somebody closed it first.
    :raises InvalidInput: if the member is inactive or owns it already.
    """
    locked = _lock_to_do(task)
    check_new_owner(locked, to)
    undo = _state(locked)
    locked.owner, locked.reason, locked.needs_stand_in = to, reason, False
    notice_hand_overs([locked], to=to, by=by, at=at)
    return _save(locked, undo=undo, at=at, told="task.handed_over")


@transaction.atomic
def undo_task(*, task: Task, by: Membership, at: dt.datetime) -> Task:
    """Take back the last action on a task, within ten minutes.

    :raises NothingToUndo: if there is none, or it is too late.
    """
    locked = _lock(task)
    undo = locked.undo
    if not undo or locked.touched_at is None or at - locked.touched_at > UNDO_WITHIN:
        raise NothingToUndo(
            _("There is nothing to undo: an action can be taken back for ten minutes.")
        )
    was_closed = locked.status in CLOSED
    put_task_back(locked, undo["task"], at)
    if "follow_up" in undo:
        _take_back_follow_up(undo["follow_up"])
    if was_closed and locked.run_id:
        take_back_closing(locked, undo.get("opened", ()))
    elif was_closed:
        take_back_rhythms([locked])
    Meeting.objects.filter(task=locked).delete()  # what it counted as is not done any more
    locked.undo = None
    locked.version += 1
    locked.save(force_update=True)
    return locked


def time_of(task: Task) -> MarketTime:
    """Return the working time by which a task goes, with the hours agreed with the customer."""
    return agreed_with(task.account).applied_to_market(working_time(task.due_market))


def check_day(until: dt.date, time: MarketTime, at: dt.datetime) -> None:
    """Check that a task can be moved to a day, at ``at`` (UTC).

    :raises InvalidInput: if it is over there, unknown, or not worked.
    """
    if reason := reason_against(until, time, at):
        raise InvalidInput({"until": reason})


def put_on_day(task: Task, until: dt.date, time: MarketTime, reason: str) -> None:
    """Put a task on a day of its market; the caller saves it."""
    task.status, task.reason = TaskStatus.SNOOZED, reason
    task.due_date, task.due_at = until, due_at(until, time.hours, time.zone)
    task.needs_stand_in = False


def check_new_owner(task: Task, to: Membership) -> None:
    """Check that a task can be given to a member.

    :raises InvalidInput: if the member is inactive or owns it already.
    """
    if not to.is_active:
        raise InvalidInput({"to": _("%(name)s is not active.") % {"name": to}})
    if task.owner_id == to.pk:
        raise InvalidInput({"to": _("%(name)s owns this already.") % {"name": to}})


def _in_reader_zone(at: dt.datetime) -> str:
    """Return an instant as the reader's clock shows it, with the name of the zone."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'SHORT_DATETIME_FORMAT')} ({local.tzname()})"


def _lock_to_do(task: Task) -> Task:
    locked = _lock(task)
    if locked.status not in TO_DO:
        raise TaskAlreadyClosed(locked)
    return locked


def _lock(task: Task) -> Task:
    if task.run_id:
        lock_run(task.run_id)
    found = (
        Task.objects.select_for_update(of=("self",))
        .select_related(
            *("account__market", "account__owner", "run__market"),
            *("cadence", "step", "owner", "closed_by"),
        )
        .filter(pk=task.pk)
        .first()
    )
    if found is None:
        raise TaskAlreadyClosed(task)
    return found


def _close(task: Task, status: TaskStatus, by: Membership | None, at: dt.datetime) -> None:
    task.status, task.closed_by, task.closed_at = status, by, at


def _save(task: Task, *, undo: dict[str, Any], at: dt.datetime, told: str) -> Task:
    task.undo, task.touched_at, task.is_flagged = undo, at, False
    task.version += 1
    task.full_clean(validate_unique=False)
    task.save(force_update=True)
    events.tell(told, task)
    return task


def _state(task: Task) -> dict[str, Any]:
    """Return what an undo needs: the task, and for a check-in the place of its enrolment."""
    state: dict[str, Any] = {"task": {name: getattr(task, name) for name in UNDOABLE_FIELDS}}
    if task.enrolment_id:
        state["enrolment"] = Enrolment.objects.values(*PLACE_FIELDS).get(pk=task.enrolment_id)
    return state


def _go_on(
    task: Task, at: dt.datetime, *, contact: bool, held_on: dt.date | None = None
) -> dict[str, Any]:
    """Let follow what follows a closed task; return what an undo needs beside its state."""
    if task.run_id:
        return {"opened": follow_closing(task, at)}
    for enrolment in lock_enrolments([task]).values():
        restart_rhythm(enrolment, task, at, contact=contact, held_on=held_on)
        enrolment.save(force_update=True)
    return {}


def _follow_up(task: Task, step: NextStep, by: Membership, at: dt.datetime) -> UUID:
    """Make the task of a next step; return its id."""
    had_it = task.owner if task.owner and task.owner.is_active else by
    try:
        made = make_task(
            account=task.account,
            title=step.title,
            due_date=step.due_date,
            owner=had_it,
            by=by,
            at=at,
        )
    except InvalidInput as error:
        raise InvalidInput(
            {f"next_step.{name}": said for name, said in error.errors.items()}
        ) from error
    return made.pk


def _take_back_follow_up(made: str) -> None:
    """Remove the task of a next step, unless somebody took it up or made a promise with it."""
    untouched = Task.objects.select_for_update(of=("self",)).filter(pk=made, version=1)
    for follow_up in untouched:
        if not follow_up.promises.exists():
            follow_up.delete()


def put_task_back(task: Task, values: dict[str, Any], at: dt.datetime) -> None:
    """Give a task the values that it had; planning still leaves it with a promise made since."""
    put_back(task, values)
    if task.touched_at is None and task.promises.exists():
        task.touched_at = at
