"""What becomes of a run's tasks when its edition, its market or one of its dates moves.

Pure: no framework, no clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engagement.progress import Standing
from engagement.run_plan import (
    AccountFacts,
    IfPast,
    LeftOut,
    PlannedTask,
    TaskPlanner,
    TaskStart,
    unmet,
    waits_for,
    without_day,
)
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor, ScheduledStep, is_contact, schedule, timing_of
from regions.market_time import MarketTime
from regions.shared_days import Availability

NOT_IN_EDITION = "not_in_edition"
"""Why a task is dropped whose step the new edition does not have."""

Why = tuple[str, str]
"""Why a step has no task: ``LeftOut`` or ``NOT_IN_EDITION``, and the detail."""


class Fate(StrEnum):
    """What becomes of a task.

    Frozen: somebody closed it. Kept: somebody worked on it, so it keeps its day though its plan
    changed.
    """

    FROZEN = "frozen"
    SAME = "same"
    MOVED = "moved"
    KEPT = "kept"
    ADDED = "added"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task of the run as it stands: its local days, and whether somebody worked on it.

    A cancelled one is nothing that the run still has.
    """

    key: str
    standing: Standing
    due_date: dt.date
    is_touched: bool = False
    closed_on: dt.date | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the days of a run depend on; ``today`` is the market's local day."""

    facts: AccountFacts
    anchors: Mapping[Anchor, dt.date]
    market: MarketTime
    owner: Availability | None
    today: dt.date


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one task; ``planned`` is its plan where that is made anew.

    ``start`` is how it stands afterwards, None for what is closed or dropped.
    """

    key: str
    fate: Fate
    before: dt.date | None = None
    after: dt.date | None = None
    start: TaskStart | None = None
    planned: PlannedTask | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What a move makes of a run, in the order of the steps, those that go last.

    ``past`` are added steps that must not be late and would be, ``missing`` anchors whose days
    are not known: with either the run must not move.
    """

    lines: tuple[Line, ...] = ()
    left_out: Mapping[str, Why] | None = None
    past: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def of(self, fate: Fate) -> list[Line]:
        """Return the lines of one fate."""
        return [line for line in self.lines if line.fate is fate]

    def on_days(self, tasks: Mapping[str, PlannedTask]) -> MovePlan:
        """Return this plan with other days for tasks that get a new one, by key."""
        lines = tuple(
            _on_day(line, tasks[line.key]) if line.planned and line.key in tasks else line
            for line in self.lines
        )
        return replace(self, lines=lines)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do afterwards."""
        return all(line.start is None for line in self.lines)


def plan_move(
    tasks: Iterable[KnownTask],
    *,
    old: Sequence[StepDocument],
    new: Sequence[StepDocument],
    left_out: Mapping[str, Why],
    situation: Situation,
    moved: Collection[Anchor] = (),
    everything: bool = False,
) -> MovePlan:
    """Return what becomes of the tasks of a run that goes on with the steps ``new``.

    What somebody closed stays as it is, and counts as closed for what waits. A task whose timing
    is as before keeps its day, unless it counts from one of the anchors ``moved``, or
    ``everything`` is planned anew. What was decided about a condition holds while the condition
    is the same. ``left_out`` says why steps have no task so far.

    :raises CalendarRangeError: if a due date is not covered by the calendars.
    """
    return _Mover(tasks, old, new, left_out, situation, frozenset(moved), everything).plan()


def keep_days(
    tasks: Iterable[KnownTask],
    *,
    steps: Sequence[StepDocument],
    left_out: Mapping[str, Why],
    situation: Situation,
    moved: Collection[Anchor] = (),
    everything: bool = False,
) -> MovePlan:
    """Return the plan of a move whose new days nobody knows: each task keeps its own."""
    mover = _Mover(tasks, steps, steps, left_out, situation, frozenset(moved), everything)
    return mover.keep()


class _Mover:
    def __init__(
        self,
        tasks: Iterable[KnownTask],
        old: Sequence[StepDocument],
        new: Sequence[StepDocument],
        left_out: Mapping[str, Why],
        situation: Situation,
        moved: frozenset[Anchor],
        everything: bool,
    ) -> None:
        self._live = {task.key: task for task in tasks if not task.is_cancelled}
        self._old = {step.key: step for step in old}
        self._new = {step.key: step for step in new}
        self._left_out_before = left_out
        self._situation = situation
        self._moved = moved
        self._everything = everything
        self._may_refuse = old is not new
        self._anew: dict[str, bool] = {}
        self._left_out: dict[str, Why] = {}
        self._past: list[str] = []

    def plan(self) -> MovePlan:
        """Return what becomes of each task."""
        missing = self._missing()
        if missing:
            return MovePlan(missing=missing)
        lines = [line for step in self._dated() if (line := self._line(*step))]
        return MovePlan(
            lines=(*self._standing(lines), *self._gone()),
            left_out=self._left_out,
            past=tuple(self._past),
        )

    def keep(self) -> MovePlan:
        """Return each task with the day that it has, flagged where it would have moved."""
        lines = [self._stays(step, Fate.KEPT) for step in self._new.values() if self._has(step)]
        return MovePlan(self._standing(lines), dict(self._left_out_before))

    def _dated(self) -> list[tuple[StepDocument, ScheduledStep]]:
        situation = self._situation
        dates = schedule(
            self._new.values(),
            anchors=situation.anchors,
            calendar=situation.market.calendar,
            today=situation.today,
            quiet=situation.market.quiet,
            ended=self._ended(),
        )
        return list(zip(self._new.values(), dates, strict=True))

    def _ended(self) -> dict[str, dt.date]:
        """Return the days from which others count: of what is closed, and of what keeps its day."""
        return {
            key: task.closed_on or task.due_date
            for key, task in self._live.items()
            if self._is_closed(key) or task.is_touched
        }

    def _missing(self) -> tuple[str, ...]:
        wanted = [step for step in self._new.values() if not self._is_closed(step.key)]
        roots = {
            self._root(step.key)
            for step in wanted
            if self._is_anew(step.key) and not self._unmet(step)
        }
        return tuple(sorted(str(each) for each in roots - {*self._situation.anchors, None}))

    def _root(self, key: str) -> Anchor | None:
        """Return the anchor that a step counts from, None if that is the end of a known step."""
        ended, seen = self._ended(), set[str]()
        while key in self._new and key not in seen:
            seen.add(key)
            timing = timing_of(self._new[key])
            if timing.anchor is not Anchor.STEP_END:
                return timing.anchor
            if timing.step in ended:
                return None
            key = timing.step
        return None

    def _is_closed(self, key: str) -> bool:
        return key in self._live and self._live[key].standing is Standing.SETTLED

    def _has(self, step: StepDocument) -> bool:
        return step.key in self._live

    def _is_anew(self, key: str) -> bool:
        """Return whether the day of a step is found anew."""
        if key not in self._anew:
            self._anew[key] = False  # in a ring
            self._anew[key] = self._ask_anew(key)
        return self._anew[key]

    def _ask_anew(self, key: str) -> bool:
        if key not in self._new or self._is_closed(key):
            return False
        step, before = self._new[key], self._old.get(key)
        if self._everything or before is None:
            return True
        if key not in self._live and key not in self._left_out_before:
            return True
        timing = timing_of(step)
        if timing != timing_of(before) or is_contact(step) != is_contact(before):
            return True
        if key not in self._live and not _same_condition(step, before):
            return True
        if timing.anchor is Anchor.STEP_END:
            return self._is_anew(timing.step)
        return timing.anchor in self._moved

    def _unmet(self, step: StepDocument) -> str | None:
        """Return the part of its condition that the account does not meet."""
        before = self._old.get(step.key)
        if before is not None and _same_condition(step, before):
            reason, detail = self._left_out_before.get(step.key, ("", ""))
            if step.key in self._live or step.key in self._left_out_before:
                return detail if reason == LeftOut.CONDITION else None
        return unmet(step.fields["condition"], self._situation.facts)

    def _line(self, step: StepDocument, scheduled: ScheduledStep) -> Line | None:
        if self._is_closed(step.key):
            return self._stays(step, Fate.FROZEN)
        task, name = self._live.get(step.key), self._unmet(step)
        if name:
            return self._without(step, (LeftOut.CONDITION, name))
        if task is None:
            return self._added(step, scheduled)
        if not self._is_anew(step.key):
            return self._stays(step, Fate.SAME)
        if task.is_touched or scheduled.date is None:
            return self._stays(step, Fate.KEPT)
        return _on_day(Line(step.key, Fate.SAME, task.due_date), self._task(step, scheduled))

    def _stays(self, step: StepDocument, fate: Fate) -> Line:
        task = self._live[step.key]
        if self._is_closed(step.key):
            fate = Fate.FROZEN
        elif fate is Fate.KEPT and not self._is_anew(step.key):
            fate = Fate.SAME
        return Line(step.key, fate, task.due_date, task.due_date)

    def _without(self, step: StepDocument, why: Why) -> Line | None:
        self._left_out[step.key] = why
        task = self._live.get(step.key)
        return Line(step.key, Fate.DROPPED, task.due_date, why=why) if task else None

    def _added(self, step: StepDocument, scheduled: ScheduledStep) -> Line | None:
        if not self._is_anew(step.key):
            return self._without(step, self._left_out_before[step.key])
        if scheduled.date is None:
            return self._without(step, without_day(scheduled))
        if scheduled.date < self._situation.today:
            if_past = step.fields["if_past"]
            if if_past == IfPast.REFUSE and self._may_refuse:
                self._past.append(step.key)
            elif if_past != IfPast.DUE_NOW:
                return self._without(step, (LeftOut.PAST, scheduled.date.isoformat()))
        planned = self._task(step, scheduled)
        return Line(step.key, Fate.ADDED, after=planned.due_date, planned=planned)

    def _task(self, step: StepDocument, scheduled: ScheduledStep) -> PlannedTask:
        situation = self._situation
        planner = TaskPlanner(situation.market, situation.owner, situation.today)
        return planner.task(step, scheduled, ())

    def _standing(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Say of each what is open and what waits, by the dependencies of the new steps."""
        there = [line.key for line in lines if line.fate is not Fate.DROPPED]
        return tuple(
            replace(line, start=self._start(line.key, there))
            if line.fate not in (Fate.FROZEN, Fate.DROPPED)
            else line
            for line in lines
        )

    def _start(self, key: str, there: Sequence[str]) -> TaskStart:
        task = self._live.get(key)
        if task and task.is_touched and task.standing is Standing.TO_DO:
            return TaskStart.OPEN
        left = [each for each in waits_for(self._new[key], there) if not self._is_closed(each)]
        return TaskStart.WAITING if left else TaskStart.OPEN

    def _gone(self) -> list[Line]:
        """Return the tasks whose steps are not in the new edition."""
        return [
            Line(key, Fate.FROZEN, task.due_date, task.due_date)
            if self._is_closed(key)
            else Line(key, Fate.DROPPED, task.due_date, why=(NOT_IN_EDITION, ""))
            for key, task in self._live.items()
            if key not in self._new
        ]


def _on_day(line: Line, planned: PlannedTask) -> Line:
    """Return a line with a plan of its task; what was there before moves if its day differs."""
    fate = line.fate
    if fate is not Fate.ADDED:
        fate = Fate.SAME if planned.due_date == line.before else Fate.MOVED
    return replace(line, fate=fate, after=planned.due_date, planned=planned)


def _same_condition(step: StepDocument, other: StepDocument) -> bool:
    return bool(step.fields["condition"] == other.fields["condition"])
