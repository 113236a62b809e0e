"""What runs and tasks promise, written as small as it can be and without a look at their code.

One playbook of six steps, in a market of Cairo that works from Sunday to Thursday and is closed
for two days; its clocks go back on 30 October 2026.
"""

import datetime as dt
from copy import deepcopy
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Africa/Cairo")
WORKDAYS = (7, 1, 2, 3, 4)
CLOSED = (dt.date(2026, 11, 9), dt.date(2026, 11, 10))
CLOSES_AT = dt.time(17)
UNDO_WITHIN = dt.timedelta(minutes=10)

OFFSETS = {"kickoff": 0, "data": 3, "letter": 4, "training": 2, "goal": 12, "sponsor": 1}
"""Working days after the start of the run; those of ``training`` count from ``kickoff``'s end."""
WAITS = {"data": {"kickoff"}, "training": {"kickoff"}, "goal": {"data", "training"}}
ONLY_TIER_1 = {"sponsor"}

TO_DO = {"open", "snoozed"}
SETTLED = {"done", "not_applicable", "cancelled"}


class Refused(Exception):
    """The action is not to be taken; says the name of the error that tells of it."""


@dataclass
class Snapshot:
    """A task before the last action on it, and the tasks that this action opened."""

    status: str
    due: dt.date
    owner: str
    touched_at: dt.datetime | None
    opened: dict[str, dt.date] = field(default_factory=dict)


@dataclass
class ModelTask:
    """A task of a run."""

    status: str
    due: dt.date
    owner: str
    touched_at: dt.datetime | None = None
    before: Snapshot | None = None


@dataclass
class ModelRun:
    """A run with its tasks by the key of their step."""

    tasks: dict[str, ModelTask]
    status: str = "active"
    paused_on: dt.date | None = None

    def start_waiting(self) -> None:
        """Let wait what has something to wait for."""
        for key in WAITS.keys() & self.tasks.keys():
            self.tasks[key].status = "waiting"


def is_workday(day: dt.date) -> bool:
    """Whether the market works on a day."""
    return day.isoweekday() in WORKDAYS and day not in CLOSED


def shift(day: dt.date, count: int) -> dt.date:
    """Return the working day ``count`` after a day, or the day itself or the next for none."""
    if count == 0:
        while not is_workday(day):
            day += dt.timedelta(days=1)
        return day
    for _each in range(count):
        day += dt.timedelta(days=1)
        while not is_workday(day):
            day += dt.timedelta(days=1)
    return day


def due_at(day: dt.date) -> dt.datetime:
    """Return the end of business on a day."""
    return dt.datetime.combine(day, CLOSES_AT, ZONE).astimezone(dt.UTC)


def start(tier: str, owner: str, at: dt.datetime) -> ModelRun:
    """Start the playbook for an account."""
    today = local(at)
    days = {key: shift(today, offset) for key, offset in OFFSETS.items()}
    days["training"] = shift(days["kickoff"], OFFSETS["training"])
    run = ModelRun(
        {
            key: ModelTask("open", day, owner)
            for key, day in days.items()
            if tier == "tier_1" or key not in ONLY_TIER_1
        }
    )
    run.start_waiting()
    return run


def close(run: ModelRun, key: str, status: str, at: dt.datetime) -> None:
    """Close a task: what waited for nothing else opens, the last one ends the run."""
    task = _to_do(run, key)
    before = _snapshot(task)
    task.status = status
    closed = {name for name, each in run.tasks.items() if each.status in SETTLED}
    for name, each in run.tasks.items():
        if each.status == "waiting" and WAITS[name] & run.tasks.keys() <= closed:
            before.opened[name] = each.due
            each.status = "open"
            if name == "training":
                each.due = shift(local(at), OFFSETS["training"])
    _touch(task, before, at)
    if closed == run.tasks.keys():
        run.status = "done"


def snooze(run: ModelRun, key: str, until: dt.date, at: dt.datetime) -> None:
    """Move a task to another day."""
    task = _to_do(run, key)
    before = _snapshot(task)
    task.status, task.due = "snoozed", until
    _touch(task, before, at)


def hand_over(run: ModelRun, key: str, to: str, at: dt.datetime) -> None:
    """Give a task to somebody else."""
    task = _to_do(run, key)
    if task.owner == to:
        raise Refused("InvalidInput")
    before = _snapshot(task)
    task.owner = to
    _touch(task, before, at)


def undo(run: ModelRun, key: str, at: dt.datetime) -> None:
    """Take the last action on a task back."""
    task = run.tasks[key]
    before = task.before
    if before is None or task.touched_at is None or at - task.touched_at > UNDO_WITHIN:
        raise Refused("NothingToUndo")
    task.status, task.due, task.owner = before.status, before.due, before.owner
    task.touched_at, task.before = before.touched_at, None
    for name, day in before.opened.items():
        if run.tasks[name].touched_at is None:
            run.tasks[name].status, run.tasks[name].due = "waiting", day
    if run.status == "done":
        run.status = "active"


def pause(run: ModelRun, at: dt.datetime) -> None:
    """Hold a run."""
    _under_way(run)
    if run.status == "paused":
        raise Refused("AlreadyPaused")
    for task in run.tasks.values():
        task.before = None
        if task.status in TO_DO:
            task.status = "paused"
    run.status, run.paused_on = "paused", local(at)


def resume(run: ModelRun, at: dt.datetime) -> None:
    """Let a run go on; what is left moves by the working days that it was held."""
    _under_way(run)
    if run.paused_on is None:
        raise Refused("NotPaused")
    day, held = run.paused_on, 0
    while day < local(at):
        day += dt.timedelta(days=1)
        held += is_workday(day)
    for task in run.tasks.values():
        if task.status in {"paused", "waiting"} and held:
            task.due = shift(task.due, held)
        if task.status == "paused":
            task.status = "open"
    run.status, run.paused_on = "active", None


def cancel(run: ModelRun) -> None:
    """End a run before its time."""
    _under_way(run)
    for task in run.tasks.values():
        task.before = None
        if task.status not in SETTLED:
            task.status = "cancelled"
    run.status, run.paused_on = "cancelled", None


def local(at: dt.datetime) -> dt.date:
    """Return the market's day at an instant."""
    return at.astimezone(ZONE).date()


def _under_way(run: ModelRun) -> None:
    if run.status not in {"active", "paused"}:
        raise Refused("RunEnded")


def _to_do(run: ModelRun, key: str) -> ModelTask:
    task = run.tasks[key]
    if task.status not in TO_DO:
        raise Refused("TaskAlreadyClosed")
    return task


def _snapshot(task: ModelTask) -> Snapshot:
    return Snapshot(task.status, task.due, task.owner, task.touched_at)


def _touch(task: ModelTask, before: Snapshot, at: dt.datetime) -> None:
    task.touched_at, task.before = at, deepcopy(before)
