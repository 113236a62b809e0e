"""The check-ins that one planning pass makes for enrolments that share all that dates depend on.

Pure: no framework, no clock. Passes may be days apart or missed: the first nominal date that is
not planned yet is the only state, so no date is lost between two passes or planned twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engagement.rhythm import Rhythm, elastic_next, next_after
from regions.calendars import CalendarRangeError
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.offsets import Move, settle
from regions.shared_days import DEFAULT_TOLERANCE, Availability, share_day

HORIZON_DAYS = 14
"""How far ahead of the market's today a due date is planned."""


class CadenceMode(StrEnum):
    """Whether a cadence counts nominal dates, or from the last meaningful contact."""

    FIXED = "fixed"
    ELASTIC = "elastic"


class CheckInState(StrEnum):
    """What planning makes of a nominal date.

    Merged: a later nominal date falls on the same due date. Missed: past when it was planned,
    and not the latest such. Skipped: a quiet period asks for no contact.
    """

    OPEN = "open"
    MERGED = "merged"
    MISSED = "missed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CadenceTiming:
    """The part of a cadence that decides on dates; ``tolerance`` counts working days."""

    rhythm: Rhythm
    mode: CadenceMode = CadenceMode.ELASTIC
    contact: bool = True
    tolerance: int = DEFAULT_TOLERANCE


@dataclass(frozen=True, slots=True)
class PlannedCheckIn:
    """A nominal date with the local day and UTC instant on which it falls due.

    The due date of a skipped one is the day on which it would have fallen.
    """

    nominal: dt.date
    due_date: dt.date
    due_at: dt.datetime
    state: CheckInState
    moves: tuple[Move, ...] = ()
    needs_stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pass plans, and where the next pass goes on.

    ``next_due`` is the day that the horizon has to reach for ``next_nominal`` to be planned.
    Both are None while an elastic cadence waits for its open check-in to be closed.
    """

    check_ins: tuple[PlannedCheckIn, ...]
    next_nominal: dt.date | None
    next_due: dt.date | None


@dataclass(frozen=True, slots=True)
class _Due:
    """``planning_date`` is the due date if one leaves today out of account.

    The horizon tests it: the dates of a rhythm reach it in their order, on whatever day one
    asks, while the due date of a late one moves along with today.
    """

    date: dt.date
    planning_date: dt.date
    moves: tuple[Move, ...]
    skipped: bool = False
    needs_stand_in: bool = False


def plan(
    timing: CadenceTiming,
    *,
    origin: dt.date,
    next_nominal: dt.date,
    market: MarketTime,
    owner: Availability | None,
    today: dt.date,
    horizon_days: int = HORIZON_DAYS,
) -> Plan:
    """Return the check-ins whose due date lies within the horizon of the market's today.

    Without an owner, or without contact, the days of an owner do not count. Dates that passed
    unplanned keep their due date: the latest is open, the earlier ones are missed.

    :raises CalendarRangeError: if a due date within the horizon, or the working day of the
        month that comes next, is not covered by the calendars.
    """
    limit = today + dt.timedelta(days=horizon_days)
    found: list[PlannedCheckIn] = []
    nominal = next_nominal
    while True:
        try:
            due = _fall_due(timing, nominal, market, owner, today)
        except CalendarRangeError as error:
            if (known := _last_known(nominal, error)) <= limit:
                raise
            return Plan(_settle_states(found, today), nominal, known)
        if due.planning_date > limit:
            return Plan(_settle_states(found, today), nominal, due.planning_date)
        found.append(_check_in(nominal, due, market))
        limit = max(limit, due.date)  # so that all that falls due on that day merges with it
        if timing.mode is CadenceMode.FIXED:
            nominal = next_after(timing.rhythm, origin, nominal, market.calendar)
        elif due.skipped:
            nominal = elastic_next(timing.rhythm, nominal, market.calendar)
        else:
            return Plan(tuple(found), None, None)


def next_due(
    timing: CadenceTiming,
    nominal: dt.date,
    *,
    market: MarketTime,
    owner: Availability | None,
    today: dt.date,
) -> dt.date:
    """Return the day that the horizon has to reach for a nominal date to be planned.

    This is its due date, or an earlier day if that has passed. Beyond the calendars it is the
    last day that may be known, so that ``plan`` looks again there.
    """
    try:
        return _fall_due(timing, nominal, market, owner, today).planning_date
    except CalendarRangeError as error:
        return _last_known(nominal, error)


def _last_known(nominal: dt.date, error: CalendarRangeError) -> dt.date:
    return min(nominal, error.last_day)


def _fall_due(
    timing: CadenceTiming,
    nominal: dt.date,
    market: MarketTime,
    owner: Availability | None,
    today: dt.date,
) -> _Due:
    settled = settle(
        nominal,
        calendar=market.calendar,
        today=today,
        contact=timing.contact,
        quiet=market.quiet,
    )
    planning_date = settled.planning_date
    if settled.date is None:
        return _Due(planning_date, planning_date, settled.moves, skipped=True)
    if owner is None or not timing.contact:
        return _Due(settled.date, planning_date, settled.moves)
    shared = share_day(
        settled.date,
        market=market.calendar,
        owner=owner,
        today=today,
        tolerance=timing.tolerance,
        quiet=market.quiet,
    )
    if planning_date == settled.date:
        planning_date = shared.passed or shared.date
    moves = (*settled.moves, shared.moved) if shared.moved else settled.moves
    return _Due(shared.date, planning_date, moves, needs_stand_in=shared.needs_stand_in)


def _check_in(nominal: dt.date, due: _Due, market: MarketTime) -> PlannedCheckIn:
    return PlannedCheckIn(
        nominal=nominal,
        due_date=due.date,
        due_at=due_at(due.date, market.hours, market.zone),
        state=CheckInState.SKIPPED if due.skipped else CheckInState.OPEN,
        moves=due.moves,
        needs_stand_in=due.needs_stand_in,
    )


def _settle_states(found: Sequence[PlannedCheckIn], today: dt.date) -> tuple[PlannedCheckIn, ...]:
    """Merge those that share a due date, then leave open only the latest of the past ones."""
    if len(found) < 2:
        return tuple(found)
    to_do = [each for each in found if each.state is CheckInState.OPEN]
    latest_on = {each.due_date: each.nominal for each in to_do}
    latest_past = max((day for day in latest_on if day < today), default=today)

    def settled(check_in: PlannedCheckIn) -> PlannedCheckIn:
        if check_in.state is CheckInState.SKIPPED:
            return check_in
        if latest_on[check_in.due_date] != check_in.nominal:
            return replace(check_in, state=CheckInState.MERGED)
        if check_in.due_date < latest_past:
            return replace(check_in, state=CheckInState.MISSED)
        return check_in

    return tuple(settled(each) for each in found)
