"""Many tasks and enrolments written back in one statement each."""

from collections.abc import Iterable
from typing import Any

import orjson

from engagement.models import Enrolment, Task
from tenants.context import current_organization, tenant_cursor

UPDATE_TASKS = """
UPDATE engagement_task t
SET status = made.status, due_date = made.due_date, due_at = made.due_at,
    owner_id = made.owner_id, outcome = made.outcome, note = made.note, reason = made.reason,
    closed_at = made.closed_at, closed_by_id = made.closed_by_id, touched_at = made.touched_at,
    needs_stand_in = made.needs_stand_in, is_flagged = made.is_flagged, undo = made.undo,
    version = t.version + 1
FROM jsonb_to_recordset(%(rows)s::jsonb) AS made (
    id uuid, status text, due_date date, due_at timestamptz, owner_id uuid, outcome text,
    note text, reason text, closed_at timestamptz, closed_by_id uuid, touched_at timestamptz,
    needs_stand_in bool, is_flagged bool, undo jsonb)
WHERE t.organization_id = %(organization)s AND t.id = made.id
"""

UPDATE_PLACES = """
UPDATE engagement_enrolment e
SET next_nominal = made.next_nominal, next_due = made.next_due, last_contact = made.last_contact
FROM jsonb_to_recordset(%(rows)s::jsonb) AS made (
    id uuid, next_nominal date, next_due date, last_contact date)
WHERE e.organization_id = %(organization)s AND e.id = made.id
"""

TASK_COLUMNS = (
    *("id", "status", "due_date", "due_at", "owner_id", "outcome", "note", "reason"),
    *("closed_at", "closed_by_id", "touched_at", "needs_stand_in", "is_flagged", "undo"),
)
PLACE_COLUMNS = ("id", "next_nominal", "next_due", "last_contact")


def write_tasks(tasks: Iterable[Task]) -> None:
    """Write tasks that the caller has locked, each as its next version."""
    _write(UPDATE_TASKS, tasks, TASK_COLUMNS)


def write_places(enrolments: Iterable[Enrolment]) -> None:
    """Write the places of enrolments that the caller has locked."""
    _write(UPDATE_PLACES, enrolments, PLACE_COLUMNS)


def _write(statement: str, rows: Iterable[Any], columns: tuple[str, ...]) -> None:
    values = [{name: getattr(row, name) for name in columns} for row in rows]
    if not values:
        return
    parameters: dict[str, Any] = {
        "rows": orjson.dumps(values).decode(),
        "organization": current_organization(),
    }
    with tenant_cursor() as cursor:
        cursor.execute(statement, parameters)
