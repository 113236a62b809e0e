"""On which day each step of an edition falls due. Pure: no framework, no clock.

A step lies an offset away from an anchor: an event of the run, or the end of another step. Offset,
roll, quiet periods and roll again are those of working time (``regions.offsets``).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from governance.vocabulary import CONTACT_KINDS, StepKind
from playbooks.changes import StepDocument
from regions.calendars import WorkingCalendar
from regions.offsets import Move, Offset, QuietPeriod, Roll, Unit, resolve


class Anchor(StrEnum):
    """What the offset of a step counts from."""

    RUN_START = "run_start"
    CONTRACT_START = "contract_start"
    NOTICE_DEADLINE = "notice_deadline"
    RENEWAL = "renewal"
    EVENT = "event"
    STEP_END = "step_end"


DATES_OF_ACCOUNT = {
    Anchor.CONTRACT_START: "start_date",
    Anchor.NOTICE_DEADLINE: "notice_deadline",
    Anchor.RENEWAL: "renewal_date",
}
"""The anchors whose days an account knows, and what it calls them."""


def dates_of(account: Any) -> dict[Anchor, dt.date]:
    """Return the days of an account that steps may count from; those it does not know are left out.

    ``account`` is whatever has the attributes of ``DATES_OF_ACCOUNT``.
    """
    known = {anchor: getattr(account, name) for anchor, name in DATES_OF_ACCOUNT.items()}
    return {anchor: day for anchor, day in known.items() if day}


@dataclass(frozen=True, slots=True)
class Timing:
    """When a step falls due; ``step`` is the other step's key for an anchor of ``STEP_END``."""

    anchor: Anchor
    offset: Offset
    step: str = ""


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """A step and its local due date.

    ``date`` is None where a quiet period skips the contact (``moves`` says which), and where
    ``missing`` names the anchor or step whose date is not known.
    """

    key: str
    date: dt.date | None
    moves: tuple[Move, ...] = ()
    missing: str = ""


def timing_of(step: StepDocument) -> Timing:
    """Return the timing that a step's fields say."""
    fields = step.fields
    return _timing(
        fields["anchor"], fields["offset"], fields["unit"], fields["roll"], fields["anchor_step"]
    )


@lru_cache(maxsize=4096)
def _timing(anchor: str, offset: int, unit: str, roll: str, step: str) -> Timing:
    return Timing(Anchor(anchor), Offset(offset, Unit(unit), Roll(roll) if roll else None), step)


def is_contact(step: StepDocument) -> bool:
    """Return whether the customer hears from us in a step."""
    return StepKind(step.fields["kind"]) in CONTACT_KINDS


def schedule(
    steps: Iterable[StepDocument],
    *,
    anchors: Mapping[Anchor, dt.date],
    calendar: WorkingCalendar,
    today: dt.date,
    quiet: Sequence[QuietPeriod] = (),
    ended: Mapping[str, dt.date] | None = None,
) -> tuple[ScheduledStep, ...]:
    """Return every step with its local due date, in the order of ``steps``.

    ``ended`` are the days, by key, on which steps ended that others count from; the rest end on
    the day on which they fall due.

    :raises CalendarRangeError: if a day on the way is not covered.
    """
    by_key = {step.key: step for step in steps}
    planner = _Planner(by_key, anchors, calendar, today, quiet, ended or {})
    return tuple(planner.plan(key) for key in by_key)


def root_anchor(key: str, steps: Mapping[str, StepDocument]) -> Anchor | None:
    """Return the event that a step counts from, through the ends of other steps; None in a ring."""
    seen: set[str] = set()
    while key in steps and key not in seen:
        seen.add(key)
        timing = timing_of(steps[key])
        if timing.anchor is not Anchor.STEP_END:
            return timing.anchor
        key = timing.step
    return None


class _Planner:
    """The steps planned so far; a step waits for the one it counts from."""

    def __init__(
        self,
        steps: Mapping[str, StepDocument],
        anchors: Mapping[Anchor, dt.date],
        calendar: WorkingCalendar,
        today: dt.date,
        quiet: Sequence[QuietPeriod],
        ended: Mapping[str, dt.date],
    ) -> None:
        self._steps = steps
        self._ended = ended
        self._anchors = anchors
        self._calendar = calendar
        self._today = today
        self._quiet = quiet
        self._planned: dict[str, ScheduledStep] = {}
        self._waiting: set[str] = set()

    def plan(self, key: str) -> ScheduledStep:
        """Return a step with its day; in a ring of ends nobody knows it."""
        if key not in self._planned:
            self._waiting.add(key)
            self._planned[key] = self._plan(self._steps[key])
            self._waiting.discard(key)
        return self._planned[key]

    def _plan(self, step: StepDocument) -> ScheduledStep:
        timing = timing_of(step)
        start = self._anchor_date(timing)
        if start is None:
            return ScheduledStep(step.key, None, missing=timing.step or timing.anchor)
        found = resolve(
            start,
            timing.offset,
            calendar=self._calendar,
            today=self._today,
            contact=is_contact(step),
            quiet=self._quiet,
        )
        return ScheduledStep(step.key, found.date, found.moves)

    def _anchor_date(self, timing: Timing) -> dt.date | None:
        if timing.anchor is not Anchor.STEP_END:
            return self._anchors.get(timing.anchor)
        if timing.step in self._ended:
            return self._ended[timing.step]
        if timing.step not in self._steps or timing.step in self._waiting:
            return None
        return self.plan(timing.step).date
