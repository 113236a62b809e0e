"""Keeping to contact budgets when runs are started, or move."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engagement.choices import RunStatus
from engagement.run_move import Fate
from engagement.run_plan import PlannedTask, RunPlan, within_budget
from engagement.services.budgeting import Allowances, Customer, Room, reach, taken_days
from engagement.services.move_planning import Move, MovePlanner
from engagement.services.passes import lock_markets
from engagement.services.reading import Wanted
from playbooks.changes import StepDocument
from playbooks.models import Edition
from playbooks.schedule import Anchor
from regions.shared_days import Availability
from regions.working_time import working_time


@dataclass(frozen=True, slots=True)
class Planned:
    """What accounts share whose tasks fall on the same days."""

    edition: Edition
    start: dt.date
    anchors: Mapping[Anchor, dt.date]
    by_hand: tuple[str, ...]
    plan: RunPlan


def launches_within_budgets(
    wanted: Sequence[tuple[Wanted, int]],
    planned: list[Planned],
    *,
    steps: Mapping[UUID, Sequence[StepDocument]],
    owners: Mapping[UUID, Availability],
    is_preview: bool,
) -> list[tuple[Wanted, int]]:
    """Give accounts whose budget a plan would exceed one of their own; alike ones share it.

    New plans are added to those that are ``planned``. Two queries, one where no budget holds.
    Unless it is a preview, nobody else plans for these customers until the transaction ends.
    """
    allowances = Allowances()
    if not allowances.are_set:
        return list(wanted)
    markets = {row.pk: planned[number].edition.market for row, number in wanted}
    limits = {
        row.pk: limit
        for row, _number in wanted
        if (limit := allowances.of(markets[row.pk], row.facts.tier))
    }
    if not limits:
        return list(wanted)
    if not is_preview:
        lock_markets(*{markets[pk].pk: markets[pk] for pk in limits}.values())
    days = [task.due_date for each in planned for task in each.plan.tasks]
    first, last = reach(days, set(limits.values()))
    taken = taken_days({pk: markets[pk] for pk in limits}, first=first, last=last)
    known: dict[tuple[Any, ...], int] = {}
    found = []
    for row, number in wanted:
        if row.pk in limits:
            limit, before = limits[row.pk], tuple(taken.get(row.pk, ()))
            owner = owners.get(row.owner_id) if row.owner_id else None
            key = (number, limit, before)
            if key not in known:
                tasks = within_budget(
                    planned[number].plan.tasks,
                    steps[planned[number].edition.pk],
                    allowance=limit,
                    taken=before,
                    anchors=planned[number].anchors,
                    market=row.agreed.applied_to_market(working_time(markets[row.pk])),
                    owner=owner,
                )
                known[key] = _number_of(tasks, number, planned)
            number = known[key]
        found.append((row, number))
    return found


def _number_of(tasks: tuple[PlannedTask, ...], number: int, planned: list[Planned]) -> int:
    """Return the number of a plan with such tasks, the same one where nothing moved."""
    each = planned[number]
    if tasks == each.plan.tasks:
        return number
    planned.append(replace(each, plan=replace(each.plan, tasks=tasks)))
    return len(planned) - 1


def moves_within_budgets(planner: MovePlanner, moves: Sequence[Move]) -> list[Move]:
    """Return moves whose new days keep to the budgets of their customers.

    What a move leaves on its day keeps it. A held run is let be: nobody is contacted in it. Two
    queries, one where no budget holds and none where no day is new.
    """
    turning = {
        move.run.pk: move
        for move in moves
        if move.run.status == RunStatus.ACTIVE and any(line.planned for line in move.plan.lines)
    }
    room = Room(
        {move.run.account_id: Customer.of(move.run.account) for move in turning.values()},
        days=[line.after for move in turning.values() for line in move.plan.lines if line.after],
        leave_out=[pk for move in turning.values() for pk in _leaving(move)],
    )
    return [_within(room, planner, move) if move.run.pk in turning else move for move in moves]


def _leaving(move: Move) -> list[UUID]:
    """Return the tasks that leave their day: those that get a new one, and those that go."""
    leaving = {
        line.key
        for line in move.plan.lines
        if line.planned is not None or line.fate is Fate.DROPPED
    }
    return [task.pk for task in move.known.tasks if task.step and task.step.key in leaving]


def _within(room: Room, planner: MovePlanner, move: Move) -> Move:
    kept = room.keep(
        move.run.account_id,
        [line.planned for line in move.plan.lines if line.planned is not None],
        planner.steps(move.to),
        anchors=move.anchors,
        market=move.known.wanted.agreed.applied_to_market(working_time(move.market)),
        owner=move.known.owner,
    )
    return replace(move, plan=move.plan.on_days({task.key: task for task in kept}))
