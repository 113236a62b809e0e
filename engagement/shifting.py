"""A task moved by working days of its market. Pure: no framework, no clock."""

import datetime as dt
from collections.abc import Sequence

from regions.calendars import WorkingCalendar
from regions.offsets import QuietPeriod, quiet_period_on

MOST_DAYS = 60
"""How many working days a task is moved at once."""


def moved_by(
    due_date: dt.date,
    days: int,
    *,
    today: dt.date,
    calendar: WorkingCalendar,
    quiet: Sequence[QuietPeriod] = (),
) -> dt.date:
    """Return the day that lies ``days`` working days after a due date, from today on if overdue.

    Days of ``quiet`` periods are not counted: give those that hold for the work. All days are
    local days of the market.

    :raises CalendarRangeError: if the calendar does not reach that far.
    """
    day = max(due_date, today)
    for _ in range(days):
        day = calendar.next_working_day(day)
        while quiet_period_on(day, quiet) is not None:
            day = calendar.next_working_day(day)
    return day
