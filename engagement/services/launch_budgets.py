"""Keeping to contact budgets when runs are started."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engagement.run_plan import RunPlan, within_budget
from engagement.services.budgeting import Allowances, reach, taken_days
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


def within_budgets(
    wanted: Sequence[tuple[Wanted, int]],
    planned: list[Planned],
    *,
    steps: Mapping[UUID, Sequence[StepDocument]],
    owners: Mapping[UUID, Availability],
) -> list[tuple[Wanted, int]]:
    """Give accounts whose budget a plan would exceed one of their own; alike ones share it.

    New plans are added to those that are ``planned``. Two queries, one where no budget holds.
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
    days = [task.due_date for each in planned for task in each.plan.tasks]
    first, last = reach(days, set(limits.values()))
    taken = taken_days({pk: markets[pk] for pk in limits}, first=first, last=last)
    known: dict[tuple[Any, ...], int] = {}
    found = []
    for row, number in wanted:
        if row.pk in limits:
            limit, before = limits[row.pk], tuple(taken.get(row.pk, ()))
            key = (number, limit, before)
            if key not in known:
                plan = within_budget(
                    planned[number].plan,
                    steps[planned[number].edition.pk],
                    allowance=limit,
                    taken=before,
                    anchors=planned[number].anchors,
                    market=row.agreed.applied_to_market(working_time(markets[row.pk])),
                    owner=owners.get(row.owner_id) if row.owner_id else None,
                )
                known[key] = _number_of(plan, number, planned)
            number = known[key]
        found.append((row, number))
    return found


def _number_of(plan: RunPlan, number: int, planned: list[Planned]) -> int:
    """Return the number of a plan, the same one where nothing moved."""
    if plan is planned[number].plan:
        return number
    planned.append(replace(planned[number], plan=plan))
    return len(planned) - 1
