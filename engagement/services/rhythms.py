"""The place of an enrolment in its rhythm: gone on from when a check-in is closed, taken back."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from django.db import models

from engagement.choices import TaskStatus
from engagement.models import Enrolment, Task
from engagement.rhythm import elastic_next
from engagement.schedule import CadenceMode
from engagement.services.written import write_places
from engagement.timing import agreed_with
from regions.working_time import working_time

PLACE_FIELDS = ("next_nominal", "next_due", "last_contact")


def lock_enrolments(tasks: Iterable[Task]) -> dict[UUID | None, Enrolment]:
    """Lock the enrolments of check-ins in the order of their ids, by those."""
    ids = {task.enrolment_id for task in tasks if task.enrolment_id}
    if not ids:
        return {}
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("cadence")
    return {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}


def restart_rhythm(
    enrolment: Enrolment,
    task: Task,
    at: dt.datetime,
    *,
    contact: bool,
    held_on: dt.date | None = None,
) -> None:
    """Let an enrolment go on from a check-in closed at ``at`` (UTC); the caller saves it.

    ``held_on`` is the customer's local day of the contact, if it was another.
    """
    time = working_time(task.account.market)
    today = time.today(at)
    contact_on = held_on or today
    if contact:
        enrolment.last_contact = max(enrolment.last_contact or contact_on, contact_on)
    timing = agreed_with(task.account).applied_to(enrolment.cadence)
    waits = enrolment.next_nominal is None
    if enrolment.is_active and timing.mode is CadenceMode.ELASTIC and (contact or waits):
        nominal = elastic_next(
            timing.rhythm, contact_on if contact else task.nominal_date, time.calendar
        )
        while nominal <= today:
            nominal = elastic_next(timing.rhythm, nominal, time.calendar)
        # The next planning works out what the horizon really has to reach.
        enrolment.next_nominal, enrolment.next_due = nominal, today


def take_back_rhythms(closed: Sequence[Task]) -> None:
    """Put the enrolments of closed check-ins back, the last closed one first.

    An elastic rhythm is where it was, without what was planned in between; a fixed one only
    forgets the contact. The tasks are locked and still closed.
    """
    check_ins = [task for task in closed if task.enrolment_id]
    _drop_planned_since([task for task in check_ins if _is_elastic(task)])
    enrolments = lock_enrolments(check_ins)
    for task in check_ins:
        place = undo_of(task)["enrolment"]
        names = PLACE_FIELDS if _is_elastic(task) else ("last_contact",)
        put_back(enrolments[task.enrolment_id], {name: place[name] for name in names})
    write_places(enrolments.values())


def undo_of(task: Task) -> dict[str, Any]:
    """Return what an undo of the last action on a task needs."""
    undo: dict[str, Any] | None = task.undo
    assert undo is not None
    return undo


def put_back(row: models.Model, values: dict[str, Any]) -> None:
    """Give ``row`` the values that JSON kept."""
    for name, value in values.items():
        field = cast("models.Field[Any, Any]", row._meta.get_field(name.removesuffix("_id")))
        setattr(row, name, None if value is None else field.to_python(value))


def _is_elastic(task: Task) -> bool:
    return task.cadence is not None and task.cadence.mode == CadenceMode.ELASTIC


def _drop_planned_since(closed: Sequence[Task]) -> None:
    """Drop the check-ins that were planned after closed ones, unless somebody took them up."""
    since: dict[UUID | None, dt.date] = {}
    for task in closed:
        nominal = since.get(task.enrolment_id, task.nominal_date)
        since[task.enrolment_id] = min(nominal, task.nominal_date)
    open_ones = Task.objects.filter(
        enrolment__in=since, status=TaskStatus.OPEN, touched_at=None
    ).values_list("pk", "enrolment_id", "nominal_date")
    planned = [pk for pk, enrolment, nominal in open_ones if nominal > since[enrolment]]
    if planned:
        Task.objects.filter(pk__in=planned).delete()
