"""Whether a digital step may be sent, and when."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.contact_budget import Allowance, has_room
from engagement.sending import (
    Hold,
    Recipient,
    first_day_with_room,
    hold_of,
    is_open_at,
)
from regions.calendars import Closure, WorkingCalendar, WorkingWeek
from regions.hours import BusinessHours, Interval
from regions.market_time import MarketTime
from regions.offsets import QuietPeriod, QuietPolicy

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})
SUNDAY_TO_THURSDAY = frozenset({7, 1, 2, 3, 4})
NINE_TO_FIVE = BusinessHours({day: (Interval(540, 1020),) for day in range(1, 8)})


def time_of(
    zone: str = "Europe/Paris",
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY,
    quiet: tuple[QuietPeriod, ...] = (),
) -> MarketTime:
    calendar = WorkingCalendar(
        weeks=(WorkingWeek(dt.date(2020, 1, 1), weekdays),),
        first_day=dt.date(2026, 1, 1),
        last_day=dt.date(2028, 12, 31),
        closures=(Closure(dt.date(2028, 2, 29), dt.date(2028, 2, 29), "Leap day"),),
    )
    return MarketTime(calendar, NINE_TO_FIVE, ZoneInfo(zone), quiet)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


class TestHold:
    WANTED = {"has_contact": True, "has_address": True, "gave_consent": True}

    @pytest.mark.parametrize(
        ("known", "hold"),
        [
            ({}, None),
            ({"has_contact": False}, Hold.NO_CONTACT),
            ({"has_address": False}, Hold.NO_ADDRESS),
            ({"gave_consent": False}, Hold.NO_CONSENT),
            ({"gave_consent": False, "consent_is_needed": False}, None),
            ({"opted_out": True, "consent_is_needed": False}, Hold.OPTED_OUT),
            ({"channel": "call"}, Hold.OTHER_CHANNEL),
            ({"channel": "email"}, None),
            ({"was_refused": True}, Hold.REFUSED),
            ({"words_are_missing": True}, Hold.WORDS_MISSING),
        ],
    )
    def test_says_what_stands_in_the_way(self, known: dict[str, bool], hold: Hold | None) -> None:
        assert hold_of(Recipient(**{**self.WANTED, **known})) is hold  # type: ignore[arg-type]


class TestOpen:
    @pytest.mark.parametrize(
        ("zone", "weekdays", "now", "is_open"),
        [
            # The clocks in Paris go forward on 29 March 2026, back on 25 October.
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-03-27T08:00", True),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-03-30T06:59", False),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-03-30T07:00", True),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-10-26T07:59", False),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-10-26T15:59", True),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-10-26T16:00", False),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2026-03-28T10:00", False),
            ("Asia/Riyadh", SUNDAY_TO_THURSDAY, "2026-03-06T09:00", False),
            ("Asia/Riyadh", SUNDAY_TO_THURSDAY, "2026-03-07T09:00", False),
            ("Asia/Riyadh", SUNDAY_TO_THURSDAY, "2026-03-08T09:00", True),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2028-02-29T10:00", False),
            ("Europe/Paris", MONDAY_TO_FRIDAY, "2029-03-01T10:00", False),
        ],
    )
    def test_is_asked_where_the_customer_is(
        self, zone: str, weekdays: frozenset[int], now: str, is_open: bool
    ) -> None:
        assert is_open_at(utc(now), time_of(zone, weekdays)) is is_open

    def test_is_not_within_quiet_periods(self) -> None:
        days = dt.date(2026, 3, 2), dt.date(2026, 3, 6)
        quiet = QuietPeriod(*days, "Fair", QuietPolicy.AFTER)
        assert not is_open_at(utc("2026-03-04T10:00"), time_of(quiet=(quiet,)))
        day = first_day_with_room(dt.date(2026, 3, 4), None, time_of(quiet=(quiet,)))
        assert day == dt.date(2026, 3, 9)


class TestRoom:
    @given(
        touched=st.lists(st.dates(dt.date(2026, 1, 5), dt.date(2026, 6, 30)), max_size=12),
        most=st.integers(1, 4),
        period=st.integers(1, 60),
    )
    def test_is_never_exceeded_and_never_passed_over(
        self, touched: list[dt.date], most: int, period: int
    ) -> None:
        today = dt.date(2026, 6, 30)
        allowance, time = Allowance(most, period), time_of()
        day = first_day_with_room(today, allowance, time, touched_on=sorted(touched))
        assert day is not None
        assert day >= today
        window = {day - dt.timedelta(days=back) for back in range(period)}
        assert sum(touch in window for touch in touched) < most
        earlier = (today + dt.timedelta(days=n) for n in range((day - today).days))
        assert not any(
            time.calendar.is_working_day(each) and has_room(each, sorted(touched), allowance)
            for each in earlier
        )

    def test_is_not_looked_for_where_holidays_are_not_known(self) -> None:
        assert first_day_with_room(dt.date(2029, 1, 1), None, time_of()) is None
