"""What follows when a task of a run is closed: others open, and the run comes to its end."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from engagement import events
from engagement.choices import RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.querysets import SETTLED
from engagement.run_plan import waits_for
from engagement.services.arrays import moves_as_record
from engagement.timing import agreed_with
from playbooks.documents import edition_step
from playbooks.schedule import Anchor, is_contact, timing_of
from regions.hours import due_at
from regions.offsets import resolve
from regions.working_time import working_time

RELEASED_FIELDS = ("status", "nominal_date", "due_date", "due_at", "moves")
"""What of a waiting task changes when it opens."""


def lock_run(run_id: UUID) -> Run:
    """Let one at a time change a run and its tasks; it is locked before any of them.

    Of two who close the last tasks, the second sees that nothing is left.
    """
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def follow_closing(task: Task, at: dt.datetime) -> list[dict[str, Any]]:
    """Open what waited for a task; end the run when nothing is left. Return the states before.

    A step that counts from the end of the closed one is timed from that day, where the customer
    is. ``at`` is UTC. The run is locked: of two who close the last ones, the second sees that
    nothing is left.
    """
    run_id = task.run_id
    assert run_id is not None
    tasks = list(Task.objects.filter(run=run_id).select_related("step"))
    opened = _release(task, tasks, at)
    left = [each for each in tasks if each.status not in SETTLED and each.pk != task.pk]
    if not left:
        _end(task, at)
    return opened


def take_back_closing(task: Task, opened: Iterable[dict[str, Any]]) -> None:
    """Let those wait again that opened when the task was closed, unless somebody took them up."""
    before = {UUID(state["id"]): state for state in opened}
    rows = Task.objects.select_for_update(of=("self",)).filter(pk__in=before, touched_at=None)
    for row in rows:
        for name in RELEASED_FIELDS:
            field = row._meta.get_field(name)
            setattr(row, name, field.to_python(before[row.pk][name]))  # type: ignore[union-attr]
        row.version += 1
        row.save(force_update=True, update_fields=[*RELEASED_FIELDS, "version"])
    Run.objects.filter(tasks=task, status=RunStatus.DONE).update(
        status=RunStatus.ACTIVE, ended_at=None
    )


def _release(task: Task, tasks: list[Task], at: dt.datetime) -> list[dict[str, Any]]:
    there = {each.step.key: each for each in tasks if each.step}
    closed = {key for key, each in there.items() if each.status in SETTLED or each.pk == task.pk}
    opened: list[dict[str, Any]] = []
    for each in tasks:
        if each.status != TaskStatus.WAITING or each.step is None:
            continue
        if closed.issuperset(waits_for(edition_step(each.step), there)):
            state = {"id": each.pk, **{name: getattr(each, name) for name in RELEASED_FIELDS}}
            opened.append(state)
            _open(each, task, at)
    return opened


def _open(waiting: Task, closed: Task, at: dt.datetime) -> None:
    assert waiting.step is not None
    assert closed.step is not None
    waiting.status = TaskStatus.OPEN
    step = edition_step(waiting.step)
    timing = timing_of(step)
    assert closed.run is not None
    market = agreed_with(closed.account).applied_to_market(working_time(closed.run.market))
    today = market.today(at)
    if timing.anchor is Anchor.STEP_END and timing.step == closed.step.key:
        found = resolve(
            today,
            timing.offset,
            calendar=market.calendar,
            today=today,
            contact=is_contact(step),
            quiet=market.quiet,
        )
        day = found.date or found.planning_date
        waiting.nominal_date = waiting.due_date = day
        waiting.due_at = due_at(day, market.hours, market.zone)
        waiting.moves = moves_as_record(found.moves)
    waiting.version += 1
    waiting.save(force_update=True, update_fields=[*RELEASED_FIELDS, "version"])


def _end(task: Task, at: dt.datetime) -> None:
    assert task.run_id is not None
    running = Run.objects.filter(pk=task.run_id, status=RunStatus.ACTIVE)
    if running.update(status=RunStatus.DONE, ended_at=at):
        events.tell_run("run.ended", {task.account_id: task.run_id})
