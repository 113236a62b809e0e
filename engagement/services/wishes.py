"""Days for tasks that there are already, within the contact budgets of their customers."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engagement.models import Task
from engagement.run_plan import PlannedTask
from engagement.services.arrays import moves_as_record
from engagement.services.budgeting import Room
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor
from regions.market_time import MarketTime
from regions.shared_days import Availability

DAY_FIELDS = ("nominal_date", "due_date", "due_at", "moves", "needs_stand_in")
"""What of a task says on which day it is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A task with the day that it would have if nobody else was in touch with the customer."""

    task: Task
    step: StepDocument
    planned: PlannedTask
    market: MarketTime
    owner: Availability | None
    anchors: Mapping[Anchor, dt.date] = field(default_factory=dict)


def grant(wishes: Iterable[Wish], room: Room) -> None:
    """Put tasks on the days they would have, or later ones that have room, the earliest first.

    What moved them is added to what the task says of its day. The caller saves them.
    """
    for wish in sorted(wishes, key=lambda each: (each.planned.due_date, each.task.pk)):
        task = wish.task
        (found,) = room.keep(
            task.account_id,
            [wish.planned],
            [wish.step],
            anchors=wish.anchors,
            market=wish.market,
            owner=wish.owner,
        )
        task.nominal_date, task.due_date, task.due_at = found.nominal, found.due_date, found.due_at
        task.needs_stand_in = found.needs_stand_in
        task.moves = [*(task.moves or ()), *(moves_as_record(found.moves) or ())] or None
