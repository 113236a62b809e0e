"""A batch of tasks taken back within ten minutes, as far as nobody worked on them since."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Task, TaskBatch
from engagement.querysets import CLOSED
from engagement.services.actions import UNDO_WITHIN, NothingToUndo, put_task_back
from engagement.services.following import lock_runs_of, take_back_closings
from engagement.services.rhythms import take_back_rhythms, undo_of
from engagement.services.written import write_tasks
from tenants.models import Membership
from toolkit.storage import store


def can_undo(batch: TaskBatch, at: dt.datetime) -> bool:
    """Return whether a batch can be taken back at ``at`` (UTC)."""
    return bool(batch.done) and batch.undone_at is None and at - batch.made_at <= UNDO_WITHIN


@transaction.atomic
def undo_batch(*, batch: TaskBatch, by: Membership, at: dt.datetime) -> TaskBatch:
    """Take back what a batch did; ``kept`` says which tasks were left as they are, and why.

    ``at`` is UTC. The last change is taken back first.

    :raises NothingToUndo: if it was taken back, or it is too late.
    """
    locked = TaskBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if not can_undo(locked, at):
        raise NothingToUndo(
            _("There is nothing to undo: an action can be taken back for ten minutes.")
        )
    lock_runs_of(locked.done)
    tasks = _lock(locked)
    kept = {pk: _("Somebody worked on this since.") for pk in locked.done if UUID(pk) not in tasks}
    # The last change first, so that a place in a rhythm ends where it began.
    order = [tasks[UUID(pk)] for pk in reversed(locked.done) if UUID(pk) in tasks]
    _take_back_closings([task for task in order if task.status in CLOSED])
    for task in order:
        put_task_back(task, undo_of(task)["task"], at)
        task.undo = None
    write_tasks(order)
    locked.kept, locked.undone_at = kept, at
    return store(locked)


def _lock(batch: TaskBatch) -> dict[UUID, Task]:
    """Lock the tasks that nobody changed since, in the order of their ids."""
    rows = Task.objects.select_for_update(of=("self",)).select_related("cadence")
    rows = rows.filter(pk__in=batch.done).order_by("pk").prefetch_related("promises")
    mine = str(batch.pk)
    return {task.pk: task for task in rows if task.undo and task.undo.get("batch") == mine}


def _take_back_closings(closed: Sequence[Task]) -> None:
    """Take back what followed, while the tasks themselves are still closed."""
    of_runs = [task for task in closed if task.run_id]
    if of_runs:
        opened = [state for task in of_runs for state in undo_of(task).get("opened", ())]
        take_back_closings(of_runs, opened)
    take_back_rhythms(closed)
