"""From rows to the value objects that the pure rules of rhythm and schedule work on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts.models import Account
from engagement.rhythm import Rhythm, RhythmUnit, WorkingDayOfMonth
from engagement.schedule import CadenceMode, CadenceTiming
from playbooks.models import Cadence
from regions.hours import BusinessHours, Interval
from regions.market_time import MarketTime

EVERY_WEEKDAY = range(1, 8)


@dataclass(frozen=True, slots=True)
class AgreedTiming:
    """The part of a working agreement that planning obeys; what is empty was not agreed."""

    every: int | None = None
    unit: str = ""
    weekdays: tuple[int, ...] = ()
    hours_from: int | None = None
    hours_to: int | None = None

    def applied_to(self, cadence: Cadence) -> CadenceTiming:
        """Return the timing of ``cadence`` for this customer."""
        return CadenceTiming(
            rhythm=self._rhythm(cadence),
            mode=CadenceMode(cadence.mode),
            contact=cadence.is_contact,
            tolerance=cadence.tolerance_days,
        )

    def applied_to_market(self, time: MarketTime) -> MarketTime:
        """Return the working time of a market with the hours agreed with this customer."""
        if self.hours_from is None or self.hours_to is None:
            return time
        hours = (Interval(self.hours_from, self.hours_to),)
        return replace(time, hours=BusinessHours(dict.fromkeys(EVERY_WEEKDAY, hours)))

    def _rhythm(self, cadence: Cadence) -> Rhythm:
        if self.every is not None:
            return Rhythm(self.every, RhythmUnit(self.unit), self.weekdays)
        if self.weekdays:
            return Rhythm(cadence.every, RhythmUnit(cadence.unit), self.weekdays)
        return rhythm_of(cadence)


def agreed_timing(values: Sequence[object]) -> AgreedTiming:
    """Build from the columns of an outer join, which are all empty without an agreement."""
    every, unit, weekdays, hours_from, hours_to = values
    return AgreedTiming(every, unit or "", tuple(sorted(weekdays or ())), hours_from, hours_to)  # type: ignore[arg-type, call-overload]


def agreed_with(account: Account) -> AgreedTiming:
    """Return what was agreed with one customer."""
    # At most one; loaded already where many accounts are looked at.
    agreement = next(iter(account.agreements.all()), None)
    if agreement is None:
        return AgreedTiming()
    return agreed_timing(
        (
            agreement.every,
            agreement.unit,
            agreement.weekdays,
            agreement.hours_from,
            agreement.hours_to,
        )
    )


def rhythm_of(cadence: Cadence) -> Rhythm:
    """Return the rhythm of a cadence."""
    return Rhythm(
        every=cadence.every,
        unit=RhythmUnit(cadence.unit),
        weekdays=tuple(cadence.weekdays),
        working_day=WorkingDayOfMonth(cadence.working_day) if cadence.working_day else None,
    )


def reason_against(day: dt.date, time: MarketTime, at: dt.datetime) -> str:
    """Return why nothing can be due on a day, seen at ``at`` (UTC); nothing when it can."""
    if day < time.today(at):
        return _("This day is over where the customer is.")
    if not time.calendar.first_day <= day <= time.calendar.last_day:
        return _("The holidays of that year are not known.")
    return "" if time.calendar.is_working_day(day) else _("Nobody works there on this day.")
