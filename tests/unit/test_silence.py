"""Whether a customer's silence is normal where she is."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.rhythm import Rhythm, RhythmUnit
from engagement.silence import Silence, SilenceState, silence_of
from regions.calendars import ONE_DAY, CalendarRangeError, WorkingCalendar
from regions.hours import BusinessHours
from regions.market_time import MarketTime
from regions.offsets import QuietPeriod, QuietPolicy
from tests.conftest import day
from tests.unit.calendar_samples import (
    MONDAY_TO_FRIDAY,
    SUNDAY_TO_THURSDAY,
    calendar_of,
    calendars,
    japan,
    plain,
    saudi_arabia,
)

WEEKLY = Rhythm(1, RhythmUnit.WEEKS)
MONTHLY = Rhythm(1, RhythmUnit.MONTHS)
MONDAY = day("2026-03-02")


def market(calendar: WorkingCalendar | None = None, *quiet: tuple[str, str]) -> MarketTime:
    periods = tuple(
        QuietPeriod(day(start), day(end), "Quiet", QuietPolicy.AFTER) for start, end in quiet
    )
    return MarketTime(calendar or plain(), BusinessHours({}), ZoneInfo("UTC"), periods)


def silence(last: str, today: str, where: MarketTime | None = None, **values: int) -> Silence:
    return silence_of(day(last), WEEKLY, day(today), where or market(), **values)


def test_two_periods_are_normal_and_the_day_after_is_not() -> None:
    found = silence("2026-03-02", "2026-03-16")
    assert (found.waited, found.normal, found.state) == (10, 10, SilenceState.NORMAL)
    found = silence("2026-03-02", "2026-03-17")
    assert (found.waited, found.state) == (11, SilenceState.UNUSUAL)
    assert found.is_unusual


def test_rest_days_do_not_count() -> None:
    # A weekend adds nothing to what is waited for.
    assert silence("2026-03-06", "2026-03-08").waited == 0
    assert silence("2026-03-06", "2026-03-22").state is SilenceState.NORMAL


def test_each_market_has_weekends_of_its_own() -> None:
    # Friday and Saturday are off: Sunday counts.
    there = market(calendar_of(SUNDAY_TO_THURSDAY))
    assert silence("2026-03-06", "2026-03-08", there).waited == 1
    assert silence("2026-03-06", "2026-03-08").waited == 0


def test_a_longer_week_has_longer_periods() -> None:
    six = market(calendar_of(frozenset({6, 7, 1, 2, 3, 4})))
    assert silence("2026-03-02", "2026-03-03", six).normal == 12


def test_holidays_are_no_waiting() -> None:
    golden_week = silence("2026-04-28", "2026-05-14", market(japan()))
    assert golden_week.waited == 8
    assert not golden_week.is_unusual
    assert silence("2026-04-28", "2026-05-14").is_unusual


def test_quiet_periods_are_no_waiting_and_are_taken_away_once() -> None:
    ramadan = market(saudi_arabia(), ("2026-02-18", "2026-03-18"))
    assert silence("2026-02-12", "2026-03-18", ramadan).waited == 3
    overlapping = market(None, ("2026-03-03", "2026-03-06"), ("2026-03-05", "2026-03-09"))
    assert silence("2026-03-02", "2026-03-10", overlapping).waited == 1


def test_a_quiet_period_still_going_on_counts_until_today() -> None:
    assert (
        silence("2026-03-02", "2026-03-10", market(None, ("2026-03-04", "2027-01-01"))).waited == 1
    )


def test_months_and_29_february() -> None:
    found = silence_of(day("2028-02-29"), MONTHLY, day("2028-03-01"), market())
    assert (found.waited, found.normal) == (1, 44)


def test_percent_widens_it_and_one_day_is_always_normal() -> None:
    assert silence("2026-03-02", "2026-03-03", percent=300).normal == 15
    rare = silence_of(MONDAY, Rhythm(1, RhythmUnit.DAYS), MONDAY + ONE_DAY, market(), percent=50)
    assert rare.normal == 1


def test_a_contact_to_come_is_no_silence() -> None:
    assert silence("2026-03-20", "2026-03-02").waited == 0


def test_contacts_before_the_known_days_count_from_there() -> None:
    late = market(calendar_of(MONDAY_TO_FRIDAY, first_day=MONDAY))
    assert silence("1999-01-04", "2026-03-03", late).waited == 1
    with pytest.raises(CalendarRangeError):
        silence("2026-03-02", "2031-01-01")


@given(calendar=calendars(), last=st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 30)))
def test_it_never_shrinks_from_day_to_day(calendar: WorkingCalendar, last: dt.date) -> None:
    there = market(calendar, ("2026-02-10", "2026-03-11"))
    waited = [
        silence_of(last, WEEKLY, last + ONE_DAY * days, there).waited for days in range(0, 120)
    ]
    assert waited == sorted(waited)
    assert all(after - before <= 1 for before, after in zip(waited, waited[1:], strict=False))
