"""The check-ins that rhythms will bring."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.forecast import Standing, expected_days
from engagement.rhythm import Rhythm, RhythmUnit
from engagement.schedule import CadenceMode, CadenceTiming, plan
from regions.calendars import Holiday, WorkingCalendar, WorkingWeek
from regions.hours import BusinessHours
from regions.market_time import MarketTime
from regions.offsets import QuietPeriod, QuietPolicy
from tests.conftest import day

WEEKLY = Rhythm(1, RhythmUnit.WEEKS)
TODAY = day("2026-05-18")  # a Monday


def market(*quiet: QuietPeriod, holidays: str = "", last: str = "2030-12-31") -> MarketTime:
    return MarketTime(
        calendar=WorkingCalendar(
            weeks=(WorkingWeek(dt.date(2000, 1, 1), frozenset(range(1, 6))),),
            first_day=dt.date(2000, 1, 1),
            last_day=day(last),
            holidays=tuple(Holiday(day(text), ()) for text in holidays.split()),
        ),
        hours=BusinessHours({}),
        zone=ZoneInfo("Europe/Paris"),
        quiet=quiet,
    )


def expected(
    timing: CadenceTiming, standing: Standing, *, until: str, time: MarketTime | None = None
) -> list[str]:
    days = expected_days(timing, standing, market=time or market(), today=TODAY, until=day(until))
    return [each.isoformat() for each in days]


def elastic(rhythm: Rhythm = WEEKLY, **values: Any) -> CadenceTiming:
    return CadenceTiming(rhythm, **values)


def fixed(rhythm: Rhythm = WEEKLY) -> CadenceTiming:
    return CadenceTiming(rhythm, mode=CadenceMode.FIXED)


class TestElastic:
    def test_counts_from_the_day_of_the_open_check_in(self) -> None:
        standing = Standing(None, day("2026-05-20"))
        assert expected(elastic(), standing, until="2026-06-03") == ["2026-05-27", "2026-06-03"]

    def test_takes_a_late_contact_to_come_today(self) -> None:
        standing = Standing(None, day("2026-04-01"))
        assert expected(elastic(), standing, until="2026-05-31") == ["2026-05-25"]

    def test_counts_on_from_the_day_to_which_a_holiday_moved_it(self) -> None:
        standing = Standing(None, day("2026-05-18"))
        days = expected(elastic(), standing, until="2026-06-03", time=market(holidays="2026-05-25"))
        assert days == ["2026-05-26", "2026-06-02"]

    def test_ends_even_where_quiet_days_bring_every_contact_forward(self) -> None:
        quiet = QuietPeriod(day("2026-06-01"), day("2026-07-31"), "quiet", QuietPolicy.BEFORE)
        standing = Standing(None, day("2026-05-27"))
        days = expected(elastic(), standing, until="2026-08-10", time=market(quiet))
        assert days[0] == "2026-05-29"
        assert days[-1] > "2026-07-31"

    def test_brings_nothing_once_it_has_ended(self) -> None:
        assert expected(elastic(), Standing(None, None), until="2026-12-31") == []


class TestFixed:
    def test_goes_on_after_what_is_planned(self) -> None:
        standing = Standing(day("2026-06-01"), day("2026-05-20"), origin=day("2026-01-05"))
        assert expected(fixed(), standing, until="2026-06-14") == ["2026-06-01", "2026-06-08"]

    def test_what_meets_on_one_day_is_one(self) -> None:
        daily = fixed(Rhythm(1, RhythmUnit.DAYS))
        standing = Standing(day("2026-05-22"), None, origin=day("2026-01-05"))
        assert expected(daily, standing, until="2026-05-26") == [
            *("2026-05-22", "2026-05-25", "2026-05-26")
        ]

    def test_a_quiet_period_may_skip_it(self) -> None:
        quiet = QuietPeriod(day("2026-06-01"), day("2026-06-05"), "quiet", QuietPolicy.SKIP)
        standing = Standing(day("2026-05-25"), None, origin=day("2026-01-05"))
        days = expected(fixed(), standing, until="2026-06-08", time=market(quiet))
        assert days == ["2026-05-25", "2026-06-08"]

    def test_months_keep_the_last_day(self) -> None:
        monthly = fixed(Rhythm(1, RhythmUnit.MONTHS))
        standing = Standing(day("2028-01-31"), None, origin=day("2027-12-31"))
        assert expected(monthly, standing, until="2028-03-31") == [
            *("2028-01-31", "2028-02-29", "2028-03-31")
        ]


def test_foresees_nothing_beyond_the_calendar() -> None:
    standing = Standing(None, day("2026-05-20"))
    days = expected(elastic(), standing, until="2027-12-31", time=market(last="2026-06-05"))
    assert days == ["2026-05-27", "2026-06-03"]


@pytest.mark.parametrize("mode", CadenceMode)
@given(every=st.integers(1, 40), offset=st.integers(0, 60))
def test_is_what_planning_makes_if_every_contact_comes_on_its_day(
    mode: CadenceMode, every: int, offset: int
) -> None:
    timing = CadenceTiming(Rhythm(every, RhythmUnit.DAYS), mode=mode)
    start = TODAY + dt.timedelta(days=offset)
    time = market(holidays="2026-06-01 2026-06-02")
    until = TODAY + dt.timedelta(days=90)
    foreseen = expected_days(
        timing, Standing(start, None, origin=start), market=time, today=TODAY, until=until
    )
    made: list[dt.date] = []
    nominal: dt.date | None = start
    while nominal:
        found = plan(
            timing,
            origin=start,
            next_nominal=nominal,
            market=time,
            owner=None,
            today=TODAY,
            horizon_days=90,
        )
        made += [each.due_date for each in found.check_ins if each.state == "open"]
        contact = found.check_ins and mode is CadenceMode.ELASTIC
        nominal = made[-1] + dt.timedelta(days=every) if contact else None
    assert list(foreseen) == [each for each in made if each <= until]
    assert all(one < other for one, other in pairwise(foreseen))
