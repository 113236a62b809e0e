"""Digital steps carry themselves out: the message goes out, the task is done, the run goes on.

What a step sends is judged twice: for all that are due at once, and once more with its task
locked, so that who said no a moment ago is not written.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.consents import lock_address
from accounts.querysets import is_active
from engagement import events
from engagement.choices import MessageHold, Outcome, RunStatus, TaskStatus
from engagement.digest import latest_today
from engagement.models import Run, SentMessage, Task
from engagement.sending import Hold
from engagement.services.actions import TaskAlreadyClosed, complete_task
from engagement.services.judging_messages import Judged, MessageJudge
from outbox.models import Letter
from outbox.services import keep_letters, stop_letters
from regions.hours import due_at
from tenants.context import acting_for
from tenants.letters import send as send_letters
from tenants.models import Membership
from toolkit.errors import DomainError

MOST_JUDGED = 200
"""How many digital steps are looked at in one transaction."""
OPTED_OUT = "Its reader wants no such messages any more."


class _NotNow(Exception):
    """What was judged a moment ago does not hold any more."""


class MessageTakenBack(DomainError):
    """What an automatic message was to do is done by a person now."""


def send_due_messages(*, organization_id: UUID, now: dt.datetime) -> int:
    """Send what digital steps are due to send; return how many messages.

    A series of transactions: call this outside of one. Two workers at once send each message
    once. ``now`` is UTC.
    """
    with acting_for(organization_id, door="worker"):
        take_back_undelivered(now=now)
    sent, after = 0, None
    while True:
        with acting_for(organization_id, door="worker"):
            tasks = _due(now, after)
            ready = _look_at(tasks, now)
        for task_id in ready:
            with acting_for(organization_id, door="worker"):
                sent += send_message(task_id, now=now)
        if len(tasks) < MOST_JUDGED:
            return sent
        after = tasks[-1].pk


def send_message(task_id: UUID, *, now: dt.datetime) -> bool:
    """Send the message of one digital step and close its task; return whether it was sent.

    All of it happens, or nothing. ``now`` is UTC.
    """
    try:
        with transaction.atomic():
            _send(task_id, now)
    except (TaskAlreadyClosed, _NotNow):
        return False
    return True


def message_of_task(task: Task, *, now: dt.datetime) -> Judged | None:
    """Return what a step would send, and what stands in the way; None for one without words."""
    found = Task.objects.for_messages().filter(pk=task.pk, step__isnull=False).first()
    if found is None or found.step is None or not found.step.fields["message"]:
        return None
    return MessageJudge([found], now).judge(found)


def hold_in_words(hold: Hold | None) -> str:
    """Return what keeps a message back, in the reader's language; empty for nothing."""
    return str(MessageHold(hold.value).label) if hold else ""


def send_test(judged: Judged, *, to: Membership) -> None:
    """Send a member the very message that a contact would get, without the contact's way out."""
    send_letters([judged.draft_for(to.email, is_test=True)])


@transaction.atomic
def keep_with_a_person(letter: Letter) -> None:
    """Refuse to send a message again: its step came back to a person, who has it in hand.

    :raises MessageTakenBack: if the letter carried out a digital step.
    """
    if SentMessage.objects.filter(letter=letter).exists():
        raise MessageTakenBack(_("Its step came back to a person, who sees to it."))


def stop_messages(address: str) -> None:
    """Stop what is on its way to an address; its tasks ask for a person with the next look."""
    mine = SentMessage.objects.filter(to__iexact=address, letter__sent_at=None)
    letters = Letter.objects.filter(pk__in=list(mine.values_list("letter", flat=True)))
    stop_letters(letters, reason=OPTED_OUT)


@transaction.atomic
def take_back_undelivered(*, now: dt.datetime) -> int:
    """Open the tasks again whose messages nobody will deliver any more; return how many.

    Where the run has ended for good the task stays closed, and says what happened. ``now`` is UTC.
    """
    lost = SentMessage.objects.filter(
        letter__parked_at__isnull=False,
        task__status=TaskStatus.DONE,
        task__outcome=Outcome.SENT,
        task__hold="",
    )
    tasks = [message.task for message in lost.select_related("task").order_by("task__run", "pk")]
    return sum(_take_back(task, now) for task in tasks)


def _due(now: dt.datetime, after: UUID | None) -> list[Task]:
    """Return the digital steps whose day may have come, by id."""
    tasks = (
        Task.objects.to_do()
        .digital()
        .filter(
            is_active("account__"), run__status=RunStatus.ACTIVE, due_date__lte=latest_today(now)
        )
    )
    if after is not None:
        tasks = tasks.filter(pk__gt=after)
    return list(tasks.for_messages().order_by("pk")[:MOST_JUDGED])


def _look_at(tasks: Sequence[Task], now: dt.datetime) -> list[UUID]:
    """Note what stands in the way of which; return those that may go now."""
    judge = MessageJudge(tasks, now)
    come = [task for task in tasks if task.due_date <= judge.time_of(task).today(now)]
    judged = [judge.judge(task) for task in come]
    changed: dict[str, list[UUID]] = defaultdict(list)
    waiting: list[Task] = []
    for each in judged:
        hold = each.hold.value if each.hold else ""
        if hold == Hold.BUDGET and each.day is not None:
            waiting.append(_moved(each, judge))
        elif hold != each.task.hold:
            changed[hold].append(each.task.pk)
    for hold, ids in changed.items():
        Task.objects.to_do().filter(pk__in=ids).update(hold=hold, version=F("version") + 1)
    _move(waiting)
    return [each.task.pk for each in judged if each.may_go]


def _moved(judged: Judged, judge: MessageJudge) -> Task:
    """Give a task the first day on which its customer may be contacted once more."""
    task, time = judged.task, judge.time_of(judged.task)
    assert judged.day is not None
    task.hold, task.due_date = Hold.BUDGET.value, judged.day
    task.due_at = due_at(judged.day, time.hours, time.zone)
    return task


def _move(tasks: Sequence[Task]) -> None:
    """Store new days, of those that nobody closed or changed meanwhile."""
    if not tasks:
        return
    ids = [task.pk for task in tasks]
    there = Task.objects.to_do().select_for_update(of=("self",)).filter(pk__in=ids)
    versions = dict(there.order_by("pk").values_list("pk", "version"))
    fresh = [task for task in tasks if versions.get(task.pk) == task.version]
    for task in fresh:
        task.version += 1
    Task.objects.bulk_update(fresh, ["hold", "due_date", "due_at", "version"])
    events.tell("task.moved", *fresh)


def _send(task_id: UUID, now: dt.datetime) -> None:
    """Close the task, which locks it, and send what it still has to send.

    :raises _NotNow: if it may not go after all.
    :raises TaskAlreadyClosed: if somebody was faster.
    """
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        raise _NotNow
    done = complete_task(task=task, by=None, at=now, outcome=Outcome.SENT)
    contact = done.account.contacts.filter(is_primary=True).first()
    if contact is not None:
        lock_address(contact.email)
    judged = _judge_locked(task_id, now)
    if not judged.may_go or judged.contact is None:
        raise _NotNow
    draft = judged.draft_for_contact()
    (letter,) = keep_letters([draft])
    SentMessage.objects.create(
        task=done,
        letter=letter,
        to=draft.to,
        contact_name=judged.contact.name,
        language=draft.language,
        sent_at=now,
    )
    # What was sent is not taken back.
    Task.objects.filter(pk=done.pk).update(undo=None, hold="")


def _judge_locked(task_id: UUID, now: dt.datetime) -> Judged:
    """Judge a task that is being closed; that is no touch before its own message is one.

    :raises _NotNow: if it is no digital step of a customer any more.
    """
    tasks = Task.objects.for_messages().filter(is_active("account__"), pk=task_id)
    found = tasks.first()
    if found is None or not found.sends_itself or found.due_date > latest_today(now):
        raise _NotNow
    return MessageJudge([found], now, leave_out=task_id).judge(found)


def _take_back(lost: Task, now: dt.datetime) -> bool:
    """Open a task again whose message was lost, as far as its run still is under way."""
    assert lost.run_id is not None
    run = Run.objects.select_for_update(no_key=True).get(pk=lost.run_id)
    task = Task.objects.select_for_update(of=("self",)).get(pk=lost.pk)
    if task.status != TaskStatus.DONE or task.hold:
        return False
    if run.status == RunStatus.DONE:
        _go_on(run)
    judged = message_of_task(task, now=now)
    opted_out = judged is not None and judged.hold is Hold.OPTED_OUT
    task.hold = Hold.OPTED_OUT.value if opted_out else Hold.REFUSED.value
    if run.status in (RunStatus.ACTIVE, RunStatus.PAUSED):
        is_held = run.status == RunStatus.PAUSED
        task.status = TaskStatus.PAUSED if is_held else TaskStatus.OPEN
        task.closed_at, task.outcome = None, ""
    task.version += 1
    task.save(force_update=True)
    return True


def _go_on(run: Run) -> None:
    """Let a run that was done go on, unless the same playbook was started anew since."""
    before = run.status, run.ended_at
    run.status, run.ended_at = RunStatus.ACTIVE.value, None
    try:
        with transaction.atomic():
            run.save(force_update=True, update_fields=["status", "ended_at"])
    except IntegrityError:
        run.status, run.ended_at = before
