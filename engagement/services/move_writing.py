"""Writing moves of runs: however many they are, in a few statements."""

import datetime as dt
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from engagement.choices import RunStatus, TaskStatus
from engagement.models import Run, RunMove, Task
from engagement.run_move import Fate, Line
from engagement.run_plan import TaskStart
from engagement.services.arrays import array_of, instants, moves_as_json, moves_as_record
from engagement.services.move_planning import Move
from engagement.wording import say_dropped
from tenants.context import current_organization, tenant_cursor
from tenants.models import Membership
from toolkit import effects
from toolkit.effects import Effect, EffectKind

UPDATE_TASKS = """
UPDATE engagement_task t
SET version = t.version + 1, step_id = row.step_id, nominal_date = row.nominal,
    due_date = row.due_date, due_at = row.due_at, status = row.status, moves = row.moves,
    needs_stand_in = row.stand_in, is_flagged = row.flagged, reason = row.reason
FROM unnest(
    %(tasks)s::uuid[], %(steps)s::uuid[], %(nominals)s::date[], %(due_dates)s::date[],
    %(due_ats)s::timestamptz[], %(statuses)s::text[], %(moves)s::jsonb[], %(stand_ins)s::bool[],
    %(flags)s::bool[], %(reasons)s::text[]
) AS row (task_id, step_id, nominal, due_date, due_at, status, moves, stand_in, flagged, reason)
WHERE t.organization_id = %(organization)s AND t.id = row.task_id
"""

RUN_FIELDS = (
    *("version", "edition", "market", "stays", "anchors", "anchors_by_hand", "left_out"),
    *("status", "paused_on", "ended_at"),
)

EFFECTS = {
    Fate.MOVED: EffectKind.MOVED,
    Fate.KEPT: EffectKind.KEPT,
    Fate.ADDED: EffectKind.ADDED,
    Fate.DROPPED: EffectKind.REMOVED,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A task as it is stored after the move."""

    task: Task
    step_id: UUID
    status: str
    reason: str
    line: Line


def write_moves(moves: Sequence[Move], *, by: Membership | None, at: dt.datetime) -> list[RunMove]:
    """Write what moves make of runs that are locked; return their entries in the history.

    Nothing that was done before can be taken back afterwards: it would come back to days that
    nobody plans any more.
    """
    if not moves:
        return []
    Task.objects.filter(run__in=[move.run.pk for move in moves]).exclude(undo=None).update(
        undo=None
    )
    entries = [_entry(move, by, at) for move in moves]
    rows = [row for move in moves for row in _rows(move)]
    if rows:
        _update(rows)
    Task.objects.bulk_create(task for move in moves for task in _added(move))
    Run.objects.bulk_update([_turned(move, at) for move in moves], RUN_FIELDS, batch_size=500)
    if effects.wanted():
        effects.report([effect for move in moves for effect in _effects(move)])
    return RunMove.objects.bulk_create(entries)


def _rows(move: Move) -> Iterator[_Row]:
    """Yield the tasks that are open or waiting, as the move leaves them."""
    steps = {step.key: step.pk for step in move.to.steps.all()}
    tasks = _tasks(move)
    for line in move.plan.lines:
        task = tasks.get(line.key)
        if task is None or line.fate is Fate.FROZEN:
            continue
        if line.why is not None:
            assert task.step_id is not None
            reason = say_dropped(*line.why, move.titles)
            yield _Row(task, task.step_id, TaskStatus.CANCELLED, reason, line)
        else:
            brought_back = task.status == TaskStatus.CANCELLED
            reason = "" if brought_back else task.reason
            yield _Row(task, steps[line.key], _status(move, line, task), reason, line)


def _added(move: Move) -> Iterator[Task]:
    """Yield the tasks that the run did not have."""
    steps = {step.key: step.pk for step in move.to.steps.all()}
    tasks = _tasks(move)
    for line in move.plan.of(Fate.ADDED):
        if line.key in tasks:
            continue
        assert line.planned is not None
        yield Task(
            account_id=move.run.account_id,
            run=move.run,
            step_id=steps[line.key],
            owner_id=move.known.wanted.owner_id,
            nominal_date=line.planned.nominal,
            due_date=line.planned.due_date,
            due_at=line.planned.due_at,
            status=_status(move, line, None),
            moves=moves_as_record(line.planned.moves),
            needs_stand_in=line.planned.needs_stand_in,
        )


def _tasks(move: Move) -> dict[str, Task]:
    return {task.step.key: task for task in move.known.tasks if task.step}


def _status(move: Move, line: Line, task: Task | None) -> str:
    if line.start is TaskStart.WAITING:
        return TaskStatus.WAITING.value
    if task is None or task.status in (TaskStatus.WAITING, TaskStatus.CANCELLED):
        is_held = move.run.status == RunStatus.PAUSED
        return TaskStatus.PAUSED.value if is_held else TaskStatus.OPEN.value
    return str(task.status)


def _update(rows: Sequence[_Row]) -> None:
    planned = [(row.line.planned, row.task) for row in rows]
    with tenant_cursor() as cursor:
        cursor.execute(
            UPDATE_TASKS,
            {
                "organization": current_organization(),
                "tasks": array_of(row.task.pk for row in rows),
                "steps": array_of(row.step_id for row in rows),
                "nominals": array_of(
                    plan.nominal if plan else task.nominal_date for plan, task in planned
                ),
                "due_dates": array_of(
                    plan.due_date if plan else task.due_date for plan, task in planned
                ),
                "due_ats": instants(plan.due_at if plan else task.due_at for plan, task in planned),
                "statuses": array_of(row.status for row in rows),
                "moves": [
                    moves_as_json(plan.moves) if plan else _json(task.moves)
                    for plan, task in planned
                ],
                "stand_ins": array_of(
                    int(plan.needs_stand_in if plan else task.needs_stand_in)
                    for plan, task in planned
                ),
                "flags": array_of(
                    int(row.line.fate is Fate.KEPT or row.task.is_flagged) for row in rows
                ),
                "reasons": [row.reason for row in rows],
            },
        )


def _turned(move: Move, at: dt.datetime) -> Run:
    """Return the run as it goes on; one in which nothing is left is done."""
    run = copy(move.run)
    run.version += 1
    run.edition, run.market, run.stays = move.to, move.market, move.stays
    run.anchors = {anchor.value: day.isoformat() for anchor, day in move.anchors.items()}
    run.anchors_by_hand = sorted({*run.anchors_by_hand, *move.by_hand})
    run.left_out = dict(move.plan.left_out or {})
    if move.plan.is_over:
        run.status, run.ended_at, run.paused_on = RunStatus.DONE.value, at, None
    return run


def _entry(move: Move, by: Membership | None, at: dt.datetime) -> RunMove:
    return RunMove(
        run=move.run,
        kind=move.kind.value,
        from_edition=move.run.edition,
        to_edition=move.to,
        from_market=move.run.market,
        to_market=move.market,
        changes=changes_of(move),
        moved_by=by,
        moved_at=at,
    )


def changes_of(move: Move) -> dict[str, Any]:
    """Return what a move changes, as the history keeps it."""
    plan = move.plan
    changes: dict[str, Any] = {
        "frozen": len(plan.of(Fate.FROZEN)),
        "moved": [[line.key, _day(line.before), _day(line.after)] for line in plan.of(Fate.MOVED)],
        "kept": [[line.key, _day(line.after)] for line in plan.of(Fate.KEPT)],
        "added": [[line.key, _day(line.after)] for line in plan.of(Fate.ADDED)],
        "dropped": [
            [line.key, _day(line.before), *(line.why or ("", ""))] for line in plan.of(Fate.DROPPED)
        ],
        "anchors": move.moved_anchors,
    }
    if move.refused:
        changes["refused"] = [move.refused.reason.value, move.refused.detail]
    return changes


def _effects(move: Move) -> Iterator[Effect]:
    titles = move.titles
    for line in move.plan.lines:
        if line.fate in EFFECTS:
            subject = f"{move.run.account.name}: {titles.get(line.key, line.key)}"
            kind = EFFECTS[line.fate]
            before = None if kind is EffectKind.KEPT else line.before
            yield Effect(kind, move.market.name, subject, before, line.after)


def subject_of(account_name: str, task: Task) -> str:
    """Return what an effect on a task is said of."""
    return f"{account_name}: {task.work.title}"


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
