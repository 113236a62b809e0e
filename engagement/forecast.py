"""The check-ins that rhythms will bring once planning gets that far. Pure.

No framework, no clock. Days are the market's own; what the owner's calendar or leave moves later
is left to planning. An elastic rhythm is taken as if every contact came on its due day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engagement.rhythm import elastic_next, next_after
from engagement.schedule import CadenceMode, CadenceTiming
from regions.calendars import CalendarRangeError
from regions.market_time import MarketTime
from regions.offsets import settle


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an enrolment stands: its next nominal date, or the day of its open check-in.

    ``origin`` counts for fixed rhythms only. Both days are None where nothing comes any more.
    """

    next_nominal: dt.date | None
    open_due: dt.date | None
    origin: dt.date | None = None


def expected_days(
    timing: CadenceTiming,
    standing: Standing,
    *,
    market: MarketTime,
    today: dt.date,
    until: dt.date,
) -> tuple[dt.date, ...]:
    """Return the due dates after those that are planned, up to ``until``, one for each check-in.

    A contact that is late is taken to come today. Beyond the calendars nothing is foreseen.
    """
    found: list[dt.date] = []
    try:
        nominal = _first(timing, standing, market, today)
        while nominal is not None and nominal <= until:
            settled = settle(
                nominal,
                calendar=market.calendar,
                today=today,
                contact=timing.contact,
                quiet=market.quiet,
            )
            # Of several nominal dates that meet on one day, one check-in is left.
            if settled.date is not None and settled.date <= until and settled.date not in found:
                found.append(settled.date)
            nominal = _next(timing, standing, nominal, settled.date, market)
    except CalendarRangeError:
        pass
    return tuple(found)


def _first(
    timing: CadenceTiming, standing: Standing, market: MarketTime, today: dt.date
) -> dt.date | None:
    if standing.next_nominal is not None:
        return standing.next_nominal
    if standing.open_due is None or timing.mode is CadenceMode.FIXED:
        return None
    return elastic_next(timing.rhythm, max(standing.open_due, today), market.calendar)


def _next(
    timing: CadenceTiming,
    standing: Standing,
    nominal: dt.date,
    due: dt.date | None,
    market: MarketTime,
) -> dt.date:
    if timing.mode is CadenceMode.FIXED:
        return next_after(timing.rhythm, standing.origin or nominal, nominal, market.calendar)
    # A contact that was brought forward must not bring the very same one about again.
    return elastic_next(timing.rhythm, max(due or nominal, nominal), market.calendar)
