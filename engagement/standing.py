"""Where runs stand: how they go, what comes next, and what became of each step."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engagement.choices import Progress, RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.progress import Standing, TaskDay, next_of, pace_of
from engagement.querysets import SETTLED
from engagement.run_plan import waits_for
from engagement.wording import say_left_out
from playbooks.changes import StepDocument
from regions.working_time import prepare_working_times, working_time


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A run at a glance; only one that is under way and not paused has a progress."""

    progress: Progress | None
    settled: int
    tasks: int
    next_task: Task | None


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """A task with the tasks that have to be closed before it opens."""

    task: Task
    waits_for: list[Task]


@dataclass(frozen=True, slots=True)
class StepLeftOut:
    """A step that became no task: its title, why, and why in one sentence."""

    step: str
    title: str
    reason: str
    detail: str
    text: str


def prepare_standings(runs: Iterable[Run]) -> None:
    """Read the working times that the standings of runs depend on, together."""
    prepare_working_times(run.market for run in runs)


def standing_of(run: Run, *, now: dt.datetime) -> RunStanding:
    """Return how a run goes, seen from where the customer is; reads what ``for_list`` loads."""
    time = working_time(run.market)
    tasks = tasks_of(run)
    days = [
        TaskDay(
            standing=standing_of_task(task),
            due_date=task.due_date,
            closed_on=task.closed_at and time.today(task.closed_at),
        )
        for task in tasks
    ]
    upcoming = next_of(days)
    pace = None
    if run.status == RunStatus.ACTIVE:
        pace = pace_of(days, start=run.start_date, today=time.today(now), calendar=time.calendar)
    return RunStanding(
        progress=Progress(pace.value) if pace else None,
        settled=sum(day.standing is Standing.SETTLED for day in days),
        tasks=len(days),
        next_task=None if upcoming is None else tasks[upcoming],
    )


def tasks_of(run: Run) -> list[Task]:
    """Return the tasks of a run in the order of their steps."""
    return sorted(run.tasks.all(), key=_place)


def what_waits(run: Run) -> list[WaitingFor]:
    """Return the tasks of a run, each with those that it still waits for."""
    tasks = tasks_of(run)
    by_key = {task.step.key: task for task in tasks if task.step}
    return [
        WaitingFor(
            task,
            [
                by_key[key]
                for key in _wanted(task, by_key)
                if task.status == TaskStatus.WAITING and by_key[key].status not in SETTLED
            ],
        )
        for task in tasks
    ]


def left_out_of(run: Run, titles: Mapping[str, str] | None = None) -> list[StepLeftOut]:
    """Return the steps of a run that became no task, in the order of its edition; one query.

    ``titles`` are other words for its steps than its own, by key.
    """
    own = {step.key: str(step.fields["title"]) for step in run.edition.steps.all()}
    titles = titles or own
    return [
        StepLeftOut(
            step=key,
            title=titles[key],
            reason=run.left_out[key][0],
            detail=run.left_out[key][1],
            text=say_left_out(run.left_out[key][0], run.left_out[key][1], titles),
        )
        for key in own
        if key in run.left_out
    ]


def _wanted(task: Task, there: Iterable[str]) -> tuple[str, ...]:
    assert task.step is not None
    return waits_for(StepDocument(task.step.key, task.step.fields), there)


def _place(task: Task) -> tuple[int, str]:
    assert task.step is not None
    return task.step.position, task.step.key


def standing_of_task(task: Task) -> Standing:
    """Return where a task stands, as far as its run depends on it."""
    if task.status in SETTLED:
        return Standing.SETTLED
    return Standing.WAITING if task.status == TaskStatus.WAITING else Standing.TO_DO
