"""What starting an edition for an account makes: which steps become tasks, when, and which not.

Pure: no framework, no clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from engagement.contact_budget import Allowance, Contact, Later, keep
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor, ScheduledStep, is_contact, root_anchor, schedule, timing_of
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.offsets import Move, MoveReason, Roll
from regions.shared_days import DEFAULT_TOLERANCE, Availability, later_shared_days, share_day


class TaskStart(StrEnum):
    """How a step's task begins: to be done, or waiting for other steps."""

    OPEN = "open"
    WAITING = "waiting"


class LeftOut(StrEnum):
    """Why a step becomes no task."""

    CONDITION = "condition"
    PAST = "past"
    QUIET = "quiet"
    STEP = "step"


class IfPast(StrEnum):
    """What becomes of a step whose day is past at the start, as the step says."""

    DUE_NOW = "due_now"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What conditions ask of an account; what is not known is empty and fits no condition."""

    tier: str = ""
    stage: str = ""
    complexity: str = ""
    health: str = ""
    language: str = ""
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A step with the local day and UTC instant on which it falls due.

    ``nominal`` is the day that the offset names before owner and today move it. The days of a
    waiting task are those that it would have if everything went by the plan.
    """

    key: str
    start: TaskStart
    nominal: dt.date
    due_date: dt.date
    due_at: dt.datetime
    moves: tuple[Move, ...] = ()
    needs_stand_in: bool = False


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The tasks of a run, in the order of the steps, and the steps that become none.

    ``left_out`` says why, with the name of the condition that is not met, the day, the quiet
    period or the step that it counts from; ``past`` are the steps
    for whose sake the run must not start, ``missing`` the anchors whose dates are not known.
    """

    tasks: tuple[PlannedTask, ...]
    left_out: Mapping[str, tuple[LeftOut, str]]
    past: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def can_start(self) -> bool:
        """Whether the run may start, and has anything to do."""
        return bool(self.tasks) and not self.past and not self.missing


def unmet(condition: Mapping[str, Any], facts: AccountFacts) -> str | None:
    """Return the first part of a condition that an account does not meet, None if it meets all.

    A language is met by any of its regional forms: ``fr`` by ``fr-CA``.
    """
    asked = {
        "tiers": facts.tier,
        "stages": facts.stage,
        "complexities": facts.complexity,
        "health": facts.health,
    }
    for name, value in asked.items():
        if condition.get(name) and value not in condition[name]:
            return name
    if condition.get("languages") and not _speaks(facts.language, condition["languages"]):
        return "languages"
    for name, wanted in condition.get("attributes", {}).items():
        if wanted and not _has(facts.attributes.get(name), wanted):
            return f"attributes.{name}"
    return None


def plan_run(
    steps: Sequence[StepDocument],
    *,
    facts: AccountFacts,
    anchors: Mapping[Anchor, dt.date],
    market: MarketTime,
    owner: Availability | None,
    today: dt.date,
) -> RunPlan:
    """Return the tasks that an edition makes for accounts that share all that dates depend on.

    ``today`` is the market's local day.

    :raises CalendarRangeError: if a due date is not covered by the calendars.
    """
    left_out: dict[str, tuple[LeftOut, str]] = {}
    for step in steps:
        name = unmet(step.fields["condition"], facts)
        if name:
            left_out[step.key] = (LeftOut.CONDITION, name)
    by_key = {step.key: step for step in steps}
    wanted = [step for step in steps if step.key not in left_out]
    missing = {root_anchor(step.key, by_key) for step in wanted} - {*anchors, None}
    if missing:
        return RunPlan((), left_out, missing=tuple(sorted(str(each) for each in missing)))
    dates = schedule(
        steps, anchors=anchors, calendar=market.calendar, today=today, quiet=market.quiet
    )
    planner = TaskPlanner(market, owner, today)
    past: list[str] = []
    found: dict[str, tuple[StepDocument, ScheduledStep]] = {}
    for step, scheduled in zip(steps, dates, strict=True):
        if step.key in left_out:
            continue
        if scheduled.date is None:
            left_out[step.key] = without_day(scheduled)
        elif scheduled.date < today and step.fields["if_past"] == IfPast.SKIP:
            left_out[step.key] = (LeftOut.PAST, scheduled.date.isoformat())
        else:
            if scheduled.date < today and step.fields["if_past"] == IfPast.REFUSE:
                past.append(step.key)
            found[step.key] = (step, scheduled)
    tasks = tuple(planner.task(step, scheduled, found) for step, scheduled in found.values())
    return RunPlan(tasks, left_out, past=tuple(past))


def within_budget(
    tasks: Sequence[PlannedTask],
    steps: Iterable[StepDocument],
    *,
    allowance: Allowance,
    taken: Sequence[dt.date],
    anchors: Mapping[Anchor, dt.date],
    market: MarketTime,
    owner: Availability | None,
) -> tuple[PlannedTask, ...]:
    """Return tasks whose contacts keep to a budget, as far as later days have room.

    ``taken`` are the days of the customer's other contacts, ascending. A step that counts back
    from a day does not go beyond it.
    """
    by_key = {step.key: step for step in steps}

    def contact(task: PlannedTask) -> Contact:
        until = task.due_date + allowance.reach
        timing = timing_of(by_key[task.key])
        if timing.offset.amount < 0 and timing.anchor in anchors:
            until = min(until, anchors[timing.anchor])
        return Contact(task.due_date, lambda: _later(task.due_date, until, market, owner))

    contacts = sorted(
        (task for task in tasks if is_contact(by_key[task.key])),
        key=lambda task: (task.due_date, task.key),
    )
    found = keep([contact(task) for task in contacts], taken, allowance)
    moves = {task.key: kept.move for task, kept in zip(contacts, found, strict=True) if kept.move}
    return tuple(
        _moved(task, moves[task.key], market) if task.key in moves else task for task in tasks
    )


def _later(day: dt.date, until: dt.date, market: MarketTime, owner: Availability | None) -> Later:
    days = later_shared_days(
        day, market=market.calendar, owner=owner, until=until, quiet=market.quiet
    )
    near = days[:DEFAULT_TOLERANCE]
    return Later(days, near[-1] if near else day)


def _moved(task: PlannedTask, move: Move, market: MarketTime) -> PlannedTask:
    assert move.to_date is not None
    return replace(
        task,
        due_date=move.to_date,
        due_at=due_at(move.to_date, market.hours, market.zone),
        moves=(*task.moves, move),
    )


def waits_for(step: StepDocument, there: Iterable[str]) -> tuple[str, ...]:
    """Return the steps that have to be closed before one opens, as far as they became tasks."""
    timing = timing_of(step)
    keys = dict.fromkeys((*step.fields["depends_on"], *filter(None, (timing.step,))))
    there = set(there)
    return tuple(key for key in keys if key in there)


class TaskPlanner:
    """Finds the day of a task: not before today, and one on which its owner works."""

    def __init__(self, market: MarketTime, owner: Availability | None, today: dt.date) -> None:
        self._market = market
        self._owner = owner
        self._today = today

    def task(
        self, step: StepDocument, scheduled: ScheduledStep, there: Iterable[str]
    ) -> PlannedTask:
        """Return the task of a step that has a day; it waits for those that are ``there``."""
        assert scheduled.date is not None
        nominal, due, moves = scheduled.date, scheduled.date, scheduled.moves
        if due < self._today:
            now = self._market.calendar.roll(self._today, Roll.FOLLOWING)
            due, moves = now, (*moves, Move(due, now, MoveReason.BEFORE_TODAY))
        needs_stand_in = False
        if self._owner is not None and is_contact(step):
            shared = share_day(
                due,
                market=self._market.calendar,
                owner=self._owner,
                today=self._today,
                tolerance=DEFAULT_TOLERANCE,
                quiet=self._market.quiet,
            )
            due, needs_stand_in = shared.date, shared.needs_stand_in
            moves = (*moves, shared.moved) if shared.moved else moves
        waiting = bool(waits_for(step, there))
        return PlannedTask(
            key=step.key,
            start=TaskStart.WAITING if waiting else TaskStart.OPEN,
            nominal=nominal,
            due_date=due,
            due_at=due_at(due, self._market.hours, self._market.zone),
            moves=moves,
            needs_stand_in=needs_stand_in,
        )


def without_day(scheduled: ScheduledStep) -> tuple[LeftOut, str]:
    """Return why a step has no day: a quiet period, or the step that it counts from has none."""
    if scheduled.missing:
        return LeftOut.STEP, scheduled.missing
    return LeftOut.QUIET, next(
        (name for move in scheduled.moves for _language, name in move.names), ""
    )


def _speaks(language: str, wanted: Iterable[str]) -> bool:
    return any(language == each or language.startswith(f"{each}-") for each in wanted if language)


def _has(value: Any, wanted: Sequence[str]) -> bool:
    if isinstance(value, bool):
        value = "true" if value else "false"
    return value is not None and str(value) in wanted
