"""Whether a digital step may be sent, and when. Pure: no framework, no clock.

What concerns the person comes first, then the hour; how often she hears from us comes last.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engagement.contact_budget import Allowance, has_room
from regions.calendars import CalendarRangeError
from regions.hours import instant
from regions.market_time import MarketTime
from regions.offsets import quiet_period_on

LONGEST_SEARCH = 400
"""In how many days a place has to be found: the longest period of a budget, and holidays."""


class Hold(StrEnum):
    """Why a digital step does not carry itself out."""

    NO_CONTACT = "no_contact"
    NO_ADDRESS = "no_address"
    OTHER_CHANNEL = "other_channel"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    REFUSED = "refused"
    WORDS_MISSING = "words_missing"
    BUDGET = "budget"
    """Not for a person: it waits until the customer may be contacted again."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is known of whom a message is for; ``channel`` is what she or her company wants."""

    has_contact: bool
    has_address: bool = False
    channel: str = ""
    gave_consent: bool = False
    opted_out: bool = False
    consent_is_needed: bool = True
    was_refused: bool = False
    words_are_missing: bool = False


def hold_of(recipient: Recipient) -> Hold | None:
    """Return what keeps a message from its reader, the most fundamental first; None if nothing."""
    if not recipient.has_contact:
        return Hold.NO_CONTACT
    if not recipient.has_address:
        return Hold.NO_ADDRESS
    if recipient.opted_out:
        return Hold.OPTED_OUT
    if recipient.channel not in ("", "email"):
        return Hold.OTHER_CHANNEL
    if recipient.consent_is_needed and not recipient.gave_consent:
        return Hold.NO_CONSENT
    if recipient.was_refused:
        return Hold.REFUSED
    return Hold.WORDS_MISSING if recipient.words_are_missing else None


def may_be_contacted_on(day: dt.date, time: MarketTime) -> bool:
    """Return whether customers of a market are contacted on a day; not where it is not known."""
    try:
        works = time.calendar.is_working_day(day)
    except CalendarRangeError:
        return False
    return works and quiet_period_on(day, time.quiet) is None


def is_open_at(now: dt.datetime, time: MarketTime) -> bool:
    """Return whether an instant lies in the business hours of a day on which one may contact."""
    today = time.today(now)
    if not may_be_contacted_on(today, time):
        return False
    return any(
        instant(today, hours.opens, time.zone) <= now < instant(today, hours.closes, time.zone)
        for hours in time.hours.on(today)
    )


def first_day_with_room(
    today: dt.date,
    allowance: Allowance | None,
    time: MarketTime,
    *,
    touched_on: Sequence[dt.date] = (),
) -> dt.date | None:
    """Return the first day from today on which a customer may be contacted once more.

    ``touched_on`` are the local days on which she was, ascending. None where there is none within
    ``LONGEST_SEARCH`` days, or the holidays are not known so far.
    """
    for ahead in range(LONGEST_SEARCH):
        day = today + dt.timedelta(days=ahead)
        if may_be_contacted_on(day, time) and (
            allowance is None or has_room(day, touched_on, allowance)
        ):
            return day
    return None
