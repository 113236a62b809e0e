"""What follows when a task of a run is closed: others open, and the run comes to its end."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from engagement import events
from engagement.choices import RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.querysets import SETTLED
from engagement.run_plan import waits_for
from engagement.services.opening import Opened, give_days
from engagement.services.wishes import DAY_FIELDS
from playbooks.documents import edition_step

RELEASED_FIELDS = ("status", *DAY_FIELDS)
"""What of a waiting task changes when it opens."""

AT_ONCE = 500
"""How many rows a statement writes."""


def lock_run(run_id: UUID) -> Run:
    """Let one at a time change a run and its tasks; it is locked before any of them.

    Of two who close the last tasks, the second sees that nothing is left.
    """
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def follow_closing(task: Task, at: dt.datetime) -> list[dict[str, Any]]:
    """Open what waited for a task; end the run when nothing is left. Return the states before.

    A step that counts from the end of the closed one gets its day now. ``at`` is UTC. The run is
    locked: of two who close the last ones, the second sees that nothing is left.
    """
    states, _opened = follow_closings([task], at)
    return states[task.pk]


def lock_runs_of(tasks: Iterable[UUID | str]) -> None:
    """Lock the runs of tasks, in the order of their ids: the runs before their tasks, always.

    So of two who work on many, none waits for the other in a circle.
    """
    runs = Task.objects.filter(pk__in=list(tasks), run__isnull=False).values("run")
    list(Run.objects.select_for_update(no_key=True).filter(pk__in=runs).order_by("pk"))


def follow_closings(
    closed: Sequence[Task], at: dt.datetime
) -> tuple[dict[UUID, list[dict[str, Any]]], list[Task]]:
    """Do for many closed tasks what ``follow_closing`` does for one, in as many queries.

    They are followed in their order; nothing follows one that belongs to no run. Return the states
    before by the task of a run whose closing opened them, and what opened. ``at`` is UTC. The runs
    are locked.
    """
    of_runs = [task for task in closed if task.run_id]
    of_run: dict[UUID, list[Task]] = defaultdict(list)
    ids = {task.run_id for task in of_runs}
    for each in Task.objects.filter(run__in=ids).select_related("step"):
        assert each.run_id is not None
        of_run[each.run_id].append(each)
    opened: list[Opened] = []
    states: dict[UUID, list[dict[str, Any]]] = {}
    for task in of_runs:
        assert task.run_id is not None
        released = release(task, of_run[task.run_id])
        opened += released
        states[task.pk] = [each.before for each in released]
        for sibling in of_run[task.run_id]:
            if sibling.pk == task.pk:
                sibling.status = task.status
    give_days(opened, closed, at)
    _save_released([each.task for each in opened])
    account_of = {task.run_id: task.account_id for task in of_runs}
    ended = [run for run, all_ in of_run.items() if all(each.status in SETTLED for each in all_)]
    running = Run.objects.filter(pk__in=ended, status=RunStatus.ACTIVE)
    if running.update(status=RunStatus.DONE, ended_at=at):
        events.tell_run("run.ended", {account_of[run]: run for run in ended})
    return states, [each.task for each in opened]


def take_back_closing(task: Task, opened: Iterable[dict[str, Any]]) -> None:
    """Let those wait again that opened when the task was closed, unless somebody took them up."""
    take_back_closings([task], opened)


def take_back_closings(tasks: Sequence[Task], opened: Iterable[dict[str, Any]]) -> None:
    """Do it for many tasks, in three queries."""
    before = {UUID(str(state["id"])): state for state in opened}
    rows = Task.objects.select_for_update(of=("self",)).filter(pk__in=before, touched_at=None)
    waiting = list(rows.order_by("pk"))
    for row in waiting:
        for name in RELEASED_FIELDS:
            field = row._meta.get_field(name)
            setattr(row, name, field.to_python(before[row.pk][name]))  # type: ignore[union-attr]
        row.version += 1
    _save_released(waiting)
    runs = [task.run_id for task in tasks if task.run_id]
    Run.objects.filter(pk__in=runs, status=RunStatus.DONE).update(
        status=RunStatus.ACTIVE, ended_at=None
    )


def _save_released(tasks: Sequence[Task]) -> None:
    if tasks:
        Task.objects.bulk_update(tasks, [*RELEASED_FIELDS, "version"], batch_size=AT_ONCE)


def release(closed: Task, tasks: Sequence[Task]) -> list[Opened]:
    """Open those of ``tasks`` that waited for a closed one.

    ``tasks`` are all of its run; the caller gives days and saves.
    """
    there = {each.step.key: each for each in tasks if each.step}
    settled = {key for key, each in there.items() if each.status in SETTLED or each.pk == closed.pk}
    opened = []
    for each in tasks:
        if each.status != TaskStatus.WAITING or each.step is None:
            continue
        if settled.issuperset(waits_for(edition_step(each.step), there)):
            before = {"id": each.pk, **{name: getattr(each, name) for name in RELEASED_FIELDS}}
            opened.append(Opened(each, before, closed))
            each.status = TaskStatus.OPEN.value
            each.version += 1
    return opened
