"""What comes next for a customer once a task is closed."""

import datetime as dt
from dataclasses import dataclass

from engagement.models import Enrolment, Task


@dataclass(frozen=True, slots=True)
class NextCheckIn:
    """The local day of the next check-in; before it is planned, the day that the rhythm names."""

    date: dt.date
    is_planned: bool


def next_check_in(task: Task) -> NextCheckIn | None:
    """Return what comes after a check-in, in two queries at most; None for a step of a run."""
    if task.enrolment_id is None:
        return None
    following = Task.objects.to_do().filter(
        enrolment=task.enrolment_id, nominal_date__gt=task.nominal_date
    )
    day = following.order_by("due_date").values_list("due_date", flat=True).first()
    if day is not None:
        return NextCheckIn(day, is_planned=True)
    nominal = Enrolment.objects.values_list("next_nominal", flat=True).get(pk=task.enrolment_id)
    return NextCheckIn(nominal, is_planned=False) if nominal else None
