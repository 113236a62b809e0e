"""Runs with all that a move depends on, and the plan of it."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import Account
from engagement.choices import MoveKind, RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.run_move import KnownTask, MovePlan, Situation, keep_days, plan_move
from engagement.services.reading import Wanted, read_wanted
from engagement.services.refusals import Refused
from engagement.standing import standing_of_task
from playbooks.changes import StepDocument
from playbooks.documents import edition_contents
from playbooks.models import Edition
from playbooks.schedule import Anchor, timing_of
from regions.models import Market
from regions.shared_days import Availability
from regions.working_time import prepare_working_times, working_time
from talent.services import availabilities


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run with its tasks, its account, and when the account's owner works."""

    run: Run
    tasks: list[Task]
    wanted: Wanted
    owner: Availability | None


@dataclass(frozen=True, slots=True)
class Move:
    """A run on its way to somewhere else: where to, and what that makes of its tasks.

    With ``refused`` it stays as it is, unless it goes on where it was to start anew.
    """

    known: KnownRun
    kind: MoveKind
    to: Edition
    market: Market
    anchors: Mapping[Anchor, dt.date]
    plan: MovePlan
    by_hand: tuple[str, ...] = ()
    stays: bool = False
    refused: Refused | None = None

    @property
    def run(self) -> Run:
        """The run as it was read."""
        return self.known.run

    @property
    def titles(self) -> dict[str, str]:
        """The titles of steps by key, the newer ones first."""
        editions = (self.run.edition, self.to)
        return {
            step.key: str(step.fields["title"])
            for edition in editions
            for step in edition.steps.all()
        }

    @property
    def moved_anchors(self) -> dict[str, tuple[str | None, str]]:
        """The dates that change, before and after, by the anchor's name."""
        before = self.run.anchors
        return {
            anchor.value: (before.get(anchor.value), day.isoformat())
            for anchor, day in self.anchors.items()
            if before.get(anchor.value) != day.isoformat()
        }


def read_runs(runs: QuerySet[Run]) -> list[KnownRun]:
    """Read runs with all that a move depends on, in a fixed number of queries."""
    tasks = Task.objects.select_related("step")
    found = list(
        runs.select_related("account__market", "market", "playbook", "edition")
        .prefetch_related(Prefetch("tasks", queryset=tasks), "edition__steps")
        .order_by("pk")
    )
    prepare_working_times(market for run in found for market in (run.market, run.account.market))
    accounts = Account.objects.filter(pk__in={run.account_id for run in found})
    wanted = {row.pk: row for row in read_wanted(accounts)}
    owners = availabilities({row.owner_id for row in wanted.values() if row.owner_id})
    return [
        KnownRun(
            run,
            list(run.tasks.all()),
            row := wanted[run.account_id],
            owners.get(row.owner_id) if row.owner_id else None,
        )
        for run in found
    ]


@dataclass
class MovePlanner:
    """Plans moves at an instant (UTC); the steps of an edition are read once."""

    at: dt.datetime
    _steps: dict[UUID, tuple[StepDocument, ...]] = field(default_factory=dict)

    def steps(self, edition: Edition) -> tuple[StepDocument, ...]:
        """Return the steps of an edition."""
        if edition.pk not in self._steps:
            self._steps[edition.pk] = edition_contents(edition).steps
        return self._steps[edition.pk]

    def anchors_for(
        self, known: KnownRun, to: Edition, given: Mapping[Anchor, dt.date]
    ) -> dict[Anchor, dt.date]:
        """Return the dates that the steps of an edition count from; what is given wins.

        What the run does not know yet comes from the account.
        """
        used = {timing_of(step).anchor for step in self.steps(to)}
        of_account = {anchor: day for anchor, day in known.wanted.dates.items() if anchor in used}
        return {**of_account, **known.run.anchor_dates, **given}

    def plan(
        self,
        known: KnownRun,
        *,
        to: Edition,
        market: Market,
        anchors: Mapping[Anchor, dt.date],
        moved: Collection[Anchor] = (),
        everything: bool = False,
    ) -> MovePlan:
        """Return what a move makes of the tasks of a run.

        :raises CalendarRangeError: if a due date is not covered by the calendar.
        """
        return plan_move(
            self._tasks(known),
            old=self.steps(known.run.edition),
            new=self.steps(to),
            left_out=_left_out(known),
            situation=self._situation(known, market, anchors),
            moved=moved,
            everything=everything,
        )

    def keep(
        self,
        known: KnownRun,
        *,
        market: Market,
        anchors: Mapping[Anchor, dt.date],
        moved: Collection[Anchor] = (),
        everything: bool = False,
    ) -> MovePlan:
        """Return the plan of a move whose new days the calendar does not cover."""
        return keep_days(
            self._tasks(known),
            steps=self.steps(known.run.edition),
            left_out=_left_out(known),
            situation=self._situation(known, market, anchors),
            moved=moved,
            everything=everything,
        )

    def _situation(
        self, known: KnownRun, market: Market, anchors: Mapping[Anchor, dt.date]
    ) -> Situation:
        time = working_time(market)
        run = known.run
        # A held run stands still: all of it moves on by the days that it was held.
        is_held = run.status == RunStatus.PAUSED and run.paused_on is not None
        return Situation(
            facts=known.wanted.facts,
            anchors=anchors,
            market=known.wanted.agreed.applied_to_market(time),
            owner=known.owner,
            today=run.paused_on if is_held and run.paused_on else time.today(self.at),
        )

    def _tasks(self, known: KnownRun) -> Iterable[KnownTask]:
        time = working_time(known.run.market)
        for task in known.tasks:
            assert task.step is not None
            yield KnownTask(
                key=task.step.key,
                standing=standing_of_task(task),
                due_date=task.due_date,
                is_touched=task.touched_at is not None,
                closed_on=time.today(task.closed_at) if task.closed_at else None,
                is_cancelled=task.status == TaskStatus.CANCELLED,
            )


def _left_out(known: KnownRun) -> dict[str, tuple[str, str]]:
    return {key: (reason, detail) for key, (reason, detail) in known.run.left_out.items()}
