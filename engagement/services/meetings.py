"""Meetings with customers: logged once, counted as a check-in when near enough, taken back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.days import reason_against
from accounts.models import Account
from accounts.services import require_in_use
from engagement import events
from engagement.choices import MeetingSource, Outcome
from engagement.models import Enrolment, Meeting, Task
from engagement.nearness import OpenCheckIn, counts_as
from engagement.schedule import CadenceMode
from engagement.services.actions import (
    UNDO_WITHIN,
    NothingToUndo,
    TaskAlreadyClosed,
    complete_task,
    undo_task,
)
from engagement.services.passes import lock_markets
from engagement.services.replanning import replan
from engagement.timing import agreed_with
from regions.working_time import working_time
from tenants.models import Membership
from toolkit.errors import InvalidInput
from toolkit.storage import store


@dataclass(frozen=True, slots=True)
class Logged:
    """A meeting as it is stored; ``is_new`` says whether it was not there before."""

    meeting: Meeting
    is_new: bool


@transaction.atomic
def log_meeting(
    meeting: Meeting,
    *,
    by: Membership | None,
    at: dt.datetime,
    source: MeetingSource = MeetingSource.HAND,
) -> Logged:
    """Note a meeting. It counts as the open check-in that it is near enough to, if there is one.

    Without one an elastic rhythm restarts from it. One that is older than the last contact moves
    nothing. The same external id twice is one meeting. ``at`` is UTC.

    :raises AccountArchived: for an account that nobody works on.
    :raises InvalidInput: for a day that is still to come, somebody of another account, or the
        external id of another account's meeting.
    """
    # One after the other: of two at once the second sees what the first one counted as.
    account = Account.objects.select_for_update(of=("self",), no_key=True).get(
        pk=meeting.account_id
    )
    if known := _known(meeting):
        return Logged(known, is_new=False)
    require_in_use(account)
    _check(meeting, working_time(account.market).today(at))
    meeting.source, meeting.logged_by, meeting.logged_at = source, by, at
    try:
        with transaction.atomic():
            store(meeting)
    except IntegrityError:
        # Somebody else sent the same for another account, at the same time.
        raise _taken() from None
    _count(meeting, account, by, at)
    meeting.save(update_fields=["task", "undo"])
    events.tell_meeting(meeting)
    return Logged(meeting, is_new=True)


@transaction.atomic
def undo_meeting(*, meeting: Meeting, by: Membership, at: dt.datetime) -> None:
    """Take a meeting back within ten minutes, with what it counted as.

    :raises NothingToUndo: if it is gone, too late, or another one was logged since.
    """
    Account.objects.select_for_update(no_key=True).get(pk=meeting.account_id)
    found = Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
    if found is None or at - found.logged_at > UNDO_WITHIN:
        raise NothingToUndo(
            _("There is nothing to undo: a meeting can be taken back for ten minutes.")
        )
    if Meeting.objects.filter(account=found.account_id, logged_at__gt=found.logged_at).exists():
        raise NothingToUndo(_("Another meeting was logged since: take that one back first."))
    if found.task:
        undo_task(task=found.task, by=by, at=at)  # the meeting goes with it
        return
    _put_back(found, at)
    found.delete()


def _known(meeting: Meeting) -> Meeting | None:
    if not meeting.external_id:
        meeting.external_id = None
        return None
    known = Meeting.objects.filter(external_id=meeting.external_id).first()
    if known and known.account_id != meeting.account_id:
        raise _taken()
    return known


def _taken() -> InvalidInput:
    return InvalidInput({"external_id": _("A meeting with another customer has this id.")})


def _check(meeting: Meeting, today: dt.date) -> None:
    if reason := reason_against(meeting.held_on):
        raise InvalidInput({"held_on": reason})
    if meeting.held_on > today:
        raise InvalidInput({"held_on": _("This day is still to come where the customer is.")})
    if meeting.contact and meeting.contact.account_id != meeting.account_id:
        raise InvalidInput({"contact": _("This contact belongs to another account.")})


def _count(meeting: Meeting, account: Account, by: Membership | None, at: dt.datetime) -> None:
    """Let the meeting be a check-in, or move the rhythm on."""
    enrolment = Enrolment.objects.filter(account=account).select_related("cadence").first()
    if enrolment is None:
        return
    task = _near_check_in(meeting, account, enrolment)
    if task:
        try:
            meeting.task = complete_task(
                task=task,
                by=by,
                at=at,
                outcome=Outcome.CONVERSATION,
                note=meeting.note,
                held_on=meeting.held_on,
            )
        except TaskAlreadyClosed:
            task = None  # somebody was quicker
    if task is None:
        _restart(meeting, account, at)


def _near_check_in(meeting: Meeting, account: Account, enrolment: Enrolment) -> Task | None:
    open_ones = {
        task.pk: task
        for task in Task.objects.check_ins()
        .to_do()
        .filter(account=account)
        .select_related("cadence")
        if task.work.is_contact
    }
    timing = agreed_with(account).applied_to(enrolment.cadence)
    found = counts_as(
        meeting.held_on,
        [OpenCheckIn(task.pk, task.nominal_date, task.due_date) for task in open_ones.values()],
        rhythm=timing.rhythm,
        tolerance=timing.tolerance,
        last_contact=enrolment.last_contact,
    )
    return open_ones[found] if found else None


def _restart(meeting: Meeting, account: Account, at: dt.datetime) -> None:
    """Note the contact; an elastic rhythm counts from it, unless somebody works on what is open."""
    lock_markets(account.market)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("cadence")
        .get(account=account)
    )
    last = enrolment.last_contact
    if last is not None and meeting.held_on <= last:
        return
    meeting.undo = {"last_contact": last}
    enrolment.last_contact = meeting.held_on
    enrolment.save(update_fields=["last_contact"])
    _replan(enrolment, account, at)


def _put_back(meeting: Meeting, at: dt.datetime) -> None:
    """Let the rhythm count from the contact before, unless there was another one since."""
    undo: dict[str, Any] | None = meeting.undo
    if undo is None:
        return
    lock_markets(meeting.account.market)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("cadence")
        .get(account=meeting.account_id)
    )
    if enrolment.last_contact != meeting.held_on:
        return
    last = undo["last_contact"]
    enrolment.last_contact = dt.date.fromisoformat(last) if last else None
    enrolment.save(update_fields=["last_contact"])
    _replan(enrolment, meeting.account, at)


def _replan(enrolment: Enrolment, account: Account, at: dt.datetime) -> None:
    touched = Task.objects.check_ins().to_do().filter(account=account, touched_at__isnull=False)
    cadence = enrolment.cadence
    counts = cadence.is_contact and cadence.mode == CadenceMode.ELASTIC
    if enrolment.is_active and counts and not touched.exists():
        replan(accounts=Account.objects.filter(pk=account.pk), now=at)
