"""The dates of an edition before anybody carries it out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playbooks.changes import StepDocument
from playbooks.documents import edition_contents
from playbooks.models import Edition
from playbooks.schedule import Anchor, ScheduledStep, schedule
from regions.calendars import CalendarRangeError
from regions.hours import due_at
from regions.working_time import working_time
from toolkit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step of an edition with its local due date and the instant (UTC) at which it is due.

    Both are None where a quiet period skips it or an anchor is not given; ``scheduled`` says which.
    """

    step: StepDocument
    scheduled: ScheduledStep
    due_at: dt.datetime | None


def date_edition(
    edition: Edition, *, anchors: Mapping[Anchor, dt.date], now: dt.datetime
) -> list[DatedStep]:
    """Return every step with the day on which it would fall due in the edition's market.

    ``anchors`` are local dates; ``now`` is UTC.

    :raises InvalidInput: if a day lies beyond the holiday data.
    """
    time = working_time(edition.market)
    steps = edition_contents(edition).steps
    try:
        planned = schedule(
            steps,
            anchors=anchors,
            calendar=time.calendar,
            today=min([time.today(now), *anchors.values()]),
            quiet=time.quiet,
        )
    except CalendarRangeError as error:
        raise InvalidInput(
            {name.value: _("The holidays of that year are not known.") for name in anchors}
        ) from error
    return [
        DatedStep(step, each, due_at(each.date, time.hours, time.zone) if each.date else None)
        for step, each in zip(steps, planned, strict=True)
    ]
