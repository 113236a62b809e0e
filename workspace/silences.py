"""Whether a customer's silence is normal where she is, in words."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import WorkingAgreement
from engagement.models import Enrolment
from engagement.silence import silence_of
from engagement.timing import AgreedTiming
from playbooks.models import Cadence
from regions.calendars import CalendarRangeError
from regions.market_time import MarketTime
from workspace import formats


@dataclass(frozen=True, slots=True)
class Hush:
    """What is to be said of a silence, and how it was judged."""

    words: str
    detail: str
    is_unusual: bool


def hush_of(
    enrolment: Enrolment | None,
    cadence: Cadence | None,
    agreement: WorkingAgreement | None,
    time: MarketTime,
    now: dt.datetime,
) -> Hush | None:
    """Return what is to be said since the last contact; nothing where none is known.

    ``now`` is UTC; working days are those of the market.
    """
    if enrolment is None or cadence is None or enrolment.last_contact is None:
        return None
    agreed = AgreedTiming()
    if agreement:
        agreed = AgreedTiming(agreement.every, agreement.unit, tuple(sorted(agreement.weekdays)))
    rhythm = agreed.applied_to(cadence).rhythm
    try:
        silence = silence_of(enrolment.last_contact, rhythm, time.today(now), time)
    except CalendarRangeError:
        return None
    known = {
        "day": formats.day(silence.since),
        "waited": silence.waited,
        "normal": silence.normal,
    }
    return Hush(
        words=_("silent, unusual here") if silence.is_unusual else _("waiting, normal here"),
        detail=formats.sentence(
            _(
                "Last contact: %(day)s. Working days there since: %(waited)d; normal are up to "
                "%(normal)d."
            )
            % known
        ),
        is_unusual=silence.is_unusual,
    )
