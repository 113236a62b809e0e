"""The days of steps that count from the end of another: known once that one is closed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from engagement.choices import Outcome, TaskStatus
from engagement.models import Task
from engagement.run_plan import TaskPlanner
from engagement.services.budgeting import Customer, Room
from engagement.services.wishes import Wish, grant
from engagement.timing import agreed_with
from playbooks.documents import edition_step
from playbooks.schedule import Anchor, schedule, timing_of
from regions.shared_days import Availability
from regions.working_time import working_time
from talent.services import availabilities


class Opened(NamedTuple):
    """A task that opened, its state before, and the task whose closing opened it."""

    task: Task
    before: dict[str, Any]
    closed: Task


def give_days(opened: Sequence[Opened], closed: Sequence[Task], at: dt.datetime) -> None:
    """Give a day to the tasks that count from the end of the one that was closed at ``at`` (UTC).

    It counts from that day where the customer is, suits the owner, and keeps to the contact budget.
    ``closed`` are all that were closed then. The caller saves the tasks. A number of queries that
    does not grow with them, none where no day is new.
    """
    counting = [each for each in opened if _counts_from_its_end(each)]
    if not counting:
        return
    owners = availabilities({each.task.owner_id for each in counting if each.task.owner_id})
    wishes = [_wish(each, owners, at) for each in counting]
    grant(wishes, _room(wishes, closed, at))


def _counts_from_its_end(opened: Opened) -> bool:
    assert opened.task.step is not None
    assert opened.closed.step is not None
    timing = timing_of(edition_step(opened.task.step))
    return timing.anchor is Anchor.STEP_END and timing.step == opened.closed.step.key


def _wish(opened: Opened, owners: Mapping[UUID, Availability], at: dt.datetime) -> Wish:
    task, closed = opened.task, opened.closed
    assert task.step is not None
    assert closed.step is not None
    assert closed.run is not None
    step = edition_step(task.step)
    market = agreed_with(closed.account).applied_to_market(working_time(closed.run.market))
    today = market.today(at)
    days = partial(
        schedule,
        [step],
        anchors={},
        calendar=market.calendar,
        today=today,
        ended={closed.step.key: today},
    )
    (scheduled,) = days(quiet=market.quiet)
    if scheduled.date is None:
        # A quiet period skips contacts, but not one that others led to.
        (scheduled,) = days()
    owner = owners.get(task.owner_id) if task.owner_id else None
    planned = TaskPlanner(market, owner, today).task(step, scheduled, ())
    task.moves = None
    return Wish(task, step, planned, market, owner)


def _room(wishes: Sequence[Wish], closed: Sequence[Task], at: dt.datetime) -> Room:
    """Return the room for them; what was closed just now counts on the day on which it was."""
    wanted = {wish.task.account_id for wish in wishes}
    of_them = [task for task in closed if task.account_id in wanted]
    room = Room(
        {task.account_id: Customer.of(task.account) for task in of_them},
        days=[wish.planned.due_date for wish in wishes],
        leave_out=[task.pk for task in (*of_them, *(wish.task for wish in wishes))],
    )
    for task in of_them:
        reached = task.status == TaskStatus.DONE and task.outcome != Outcome.INTERNAL
        if reached and task.work.is_contact:
            room.take(task.account_id, working_time(task.account.market).today(at))
    return room
