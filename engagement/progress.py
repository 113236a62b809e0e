"""How a run goes: on track, behind or stuck, by its tasks and the working days of its market.

Pure: no framework, no clock.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from regions.calendars import ONE_DAY, CalendarRangeError, Roll, WorkingCalendar

STUCK_AFTER = 10
"""Working days without anything closed after which an overdue run is stuck. Ours."""


class Pace(StrEnum):
    """How a run goes, compared with its days."""

    ON_TRACK = "on_track"
    BEHIND = "behind"
    STUCK = "stuck"


class Standing(StrEnum):
    """Where a task stands, as far as the pace of its run depends on it."""

    WAITING = "waiting"
    TO_DO = "to_do"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class TaskDay:
    """A task with its local due date, and the local day on which somebody closed it."""

    standing: Standing
    due_date: dt.date
    closed_on: dt.date | None = None


def pace_of(
    tasks: Iterable[TaskDay], *, start: dt.date, today: dt.date, calendar: WorkingCalendar
) -> Pace:
    """Return how a run goes that is under way.

    It is behind while something is overdue. It is stuck when nothing was closed for ten working
    days while something is overdue, or when all that is left waits. ``today`` is the market's
    local day; one beyond the calendar counts as its first or last.
    """
    known = list(tasks)
    to_do = [task for task in known if task.standing is Standing.TO_DO]
    waiting = [task for task in known if task.standing is Standing.WAITING]
    if waiting and not to_do:
        return Pace.STUCK
    if all(task.due_date >= today for task in to_do):
        return Pace.ON_TRACK
    since = max([start, *(task.closed_on for task in known if task.closed_on)])
    return Pace.STUCK if since <= idle_since(today, calendar) else Pace.BEHIND


def idle_since(today: dt.date, calendar: WorkingCalendar) -> dt.date:
    """Return the day since which nothing was closed, at the latest, in a run that is stuck.

    Ten working days follow it, ``today`` included.
    """
    today = min(max(today, calendar.first_day), calendar.last_day)
    try:
        latest = calendar.roll(today, Roll.PRECEDING)
        return calendar.shift(latest, 1 - STUCK_AFTER) - ONE_DAY
    except CalendarRangeError:
        return dt.date.min


def next_of(tasks: Sequence[TaskDay]) -> int | None:
    """Return the place of what is to be done first, else of what waits for the nearest day."""
    left = [
        (task.standing is Standing.WAITING, task.due_date, number)
        for number, task in enumerate(tasks)
        if task.standing is not Standing.SETTLED
    ]
    return min(left)[-1] if left else None
