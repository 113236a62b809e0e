from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import (
    CalendarRangeError,
    Closure,
    DayKind,
    ExtraWorkingDay,
    Holiday,
    Roll,
    WorkingCalendar,
    WorkingWeek,
)
from tests.unit.calendar_samples import (
    LONG_AGO,
    MONDAY_TO_FRIDAY,
    SATURDAY_TO_WEDNESDAY,
    SUNDAY_TO_THURSDAY,
    calendar_of,
    calendars,
    japan,
    plain,
    saudi_arabia,
    spain,
    united_arab_emirates,
)

ONE_DAY = timedelta(days=1)
IN_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
MARKET_WEEKS = {
    "JP": (WorkingWeek(LONG_AGO, MONDAY_TO_FRIDAY),),
    "ES": (WorkingWeek(LONG_AGO, MONDAY_TO_FRIDAY),),
    "DE": (WorkingWeek(LONG_AGO, MONDAY_TO_FRIDAY),),
    "SA": (
        WorkingWeek(LONG_AGO, SATURDAY_TO_WEDNESDAY),
        WorkingWeek(date(2013, 6, 29), SUNDAY_TO_THURSDAY),
    ),
    "AE": (
        WorkingWeek(date(2022, 1, 1), MONDAY_TO_FRIDAY),
        WorkingWeek(LONG_AGO, SUNDAY_TO_THURSDAY),
    ),
}


def from_library(country: str, first_year: int, last_year: int) -> WorkingCalendar:
    known = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    return WorkingCalendar(
        weeks=MARKET_WEEKS[country],
        first_day=date(first_year, 1, 1),
        last_day=date(last_year, 12, 31),
        holidays=tuple(Holiday(day, (("en", name),)) for day, name in known.items()),
    )


class TestPrecedence:
    day = date(2026, 5, 4)  # a Monday

    def calendar(self, *, closed: bool, extra: bool) -> WorkingCalendar:
        return calendar_of(
            MONDAY_TO_FRIDAY,
            {self.day: "Greenery Day"},
            closures=(Closure(self.day, self.day, "Move"),) if closed else (),
            extra_days=(ExtraWorkingDay(self.day, "Inventory"),) if extra else (),
        )

    def test_an_extra_working_day_beats_a_closure_and_a_holiday(self) -> None:
        status = self.calendar(closed=True, extra=True).status(self.day)
        assert (status.kind, status.working) == (DayKind.EXTRA_WORKING_DAY, True)
        assert status.names == (("und", "Inventory"),)

    def test_a_closure_beats_a_holiday(self) -> None:
        status = self.calendar(closed=True, extra=False).status(self.day)
        assert (status.kind, status.working) == (DayKind.CLOSURE, False)
        assert status.names == (("und", "Move"),)

    def test_a_holiday_beats_the_working_week(self) -> None:
        status = self.calendar(closed=False, extra=False).status(self.day)
        assert (status.kind, status.working) == (DayKind.HOLIDAY, False)
        assert status.names == (("en", "Greenery Day"),)

    def test_otherwise_the_working_week_decides(self) -> None:
        friday, saturday = date(2026, 5, 8), date(2026, 5, 9)
        assert plain().status(friday).kind is DayKind.WORKING_DAY
        assert plain().status(saturday).kind is DayKind.REST_DAY
        assert saudi_arabia().status(friday).kind is DayKind.REST_DAY

    def test_the_first_of_two_closures_names_the_day(self) -> None:
        calendar = calendar_of(
            MONDAY_TO_FRIDAY,
            closures=(Closure(self.day, self.day, "A"), Closure(self.day, self.day, "B")),
        )
        assert calendar.status(self.day).names == (("und", "A"),)

    def test_two_holidays_on_one_day_are_both_named_and_firm_if_one_is(self) -> None:
        calendar = WorkingCalendar(
            weeks=MARKET_WEEKS["JP"],
            first_day=date(2026, 1, 1),
            last_day=date(2026, 12, 31),
            holidays=(
                Holiday(self.day, (("en", "Eid"),), estimated=True),
                Holiday(self.day, (("en", "May Day"),)),
            ),
        )
        status = calendar.status(self.day)
        assert status.names == (("en", "Eid"), ("en", "May Day"))
        assert not status.estimated


class TestRange:
    calendar = calendar_of(
        MONDAY_TO_FRIDAY, first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)
    )

    @pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
    def test_a_day_beyond_the_data_is_an_error_that_names_it(self, day: date) -> None:
        for ask in (self.calendar.is_working_day, self.calendar.status):
            with pytest.raises(CalendarRangeError) as caught:
                ask(day)
            assert caught.value.date == day
            assert caught.value.last_day == date(2026, 12, 31)
        for roll in Roll:
            with pytest.raises(CalendarRangeError):
                self.calendar.roll(day, roll)

    @pytest.mark.parametrize("step", [-262, 262, 10**30, -(10**30)])
    def test_a_shift_out_of_the_data_is_an_error(self, step: int) -> None:
        day = date(2026, 12, 31) if step > 0 else date(2026, 1, 1)
        with pytest.raises(CalendarRangeError):
            self.calendar.shift(day, step)

    def test_both_ends_are_covered(self) -> None:
        assert self.calendar.is_working_day(date(2026, 1, 1))
        assert self.calendar.shift(date(2026, 1, 1), 260) == date(2026, 12, 31)

    def test_a_range_before_the_first_working_week_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no working week"):
            WorkingCalendar(
                (WorkingWeek(date(2022, 1, 1), MONDAY_TO_FRIDAY),),
                date(2021, 12, 31),
                date(2022, 12, 31),
            )

    @pytest.mark.parametrize("weekdays", [frozenset(), frozenset({0}), frozenset({1, 8})])
    def test_a_week_needs_iso_weekdays(self, weekdays: frozenset[int]) -> None:
        with pytest.raises(ValueError, match="weekdays"):
            WorkingWeek(LONG_AGO, weekdays)


class TestShift:
    def test_counts_working_days_strictly_after_or_before(self) -> None:
        calendar = japan()
        assert calendar.shift(date(2026, 5, 1), 1) == date(2026, 5, 7)
        assert calendar.shift(date(2026, 5, 2), 1) == date(2026, 5, 7)
        assert calendar.shift(date(2026, 5, 7), -1) == date(2026, 5, 1)
        assert calendar.shift(date(2026, 5, 5), -2) == date(2026, 4, 30)

    def test_zero_is_the_day_or_the_next_working_day(self) -> None:
        assert japan().shift(date(2026, 5, 1), 0) == date(2026, 5, 1)
        assert japan().shift(date(2026, 5, 2), 0) == date(2026, 5, 7)

    @given(calendars(), IN_2026, st.integers(-25, 25))
    def test_agrees_with_naive_stepping(
        self, calendar: WorkingCalendar, day: date, count: int
    ) -> None:
        expected = day
        if count == 0:
            while not calendar.is_working_day(expected):
                expected += ONE_DAY
        for _ in range(abs(count)):
            expected += ONE_DAY if count > 0 else -ONE_DAY
            while not calendar.is_working_day(expected):
                expected += ONE_DAY if count > 0 else -ONE_DAY
        assert calendar.shift(day, count) == expected

    @given(calendars(), IN_2026, st.integers(-25, 25))
    def test_back_undoes_forth_on_working_days(
        self, calendar: WorkingCalendar, day: date, count: int
    ) -> None:
        start = calendar.shift(day, 0)
        assert calendar.shift(calendar.shift(start, count), -count) == start

    @given(calendars(), IN_2026, IN_2026)
    def test_the_days_between_are_those_that_shift_leads_over(
        self, calendar: WorkingCalendar, start: date, end: date
    ) -> None:
        start, end = calendar.shift(start, 0), calendar.shift(end, 0)
        assert calendar.shift(start, calendar.working_days_between(start, end)) == end

    def test_next_and_previous_leave_the_day(self) -> None:
        tuesday = date(2026, 6, 2)
        assert plain().next_working_day(tuesday) == date(2026, 6, 3)
        assert plain().previous_working_day(tuesday) == date(2026, 6, 1)


class TestRoll:
    @pytest.mark.parametrize(
        ("roll", "day", "expected"),
        [
            (Roll.FOLLOWING, date(2026, 5, 30), date(2026, 6, 1)),
            (Roll.PRECEDING, date(2026, 5, 30), date(2026, 5, 29)),
            (Roll.MODIFIED_FOLLOWING, date(2026, 5, 30), date(2026, 5, 29)),
            (Roll.MODIFIED_FOLLOWING, date(2026, 5, 23), date(2026, 5, 25)),
            (Roll.PRECEDING, date(2026, 8, 1), date(2026, 7, 31)),
            (Roll.MODIFIED_PRECEDING, date(2026, 8, 1), date(2026, 8, 3)),
            (Roll.MODIFIED_PRECEDING, date(2026, 8, 8), date(2026, 8, 7)),
            (Roll.NONE, date(2026, 5, 30), date(2026, 5, 30)),
        ],
    )
    def test_takes_a_weekend_where_it_says(self, roll: Roll, day: date, expected: date) -> None:
        assert plain().roll(day, roll) == expected

    def test_a_month_without_a_working_day_is_left_in_the_second_direction(self) -> None:
        closed = calendar_of(
            MONDAY_TO_FRIDAY, closures=(Closure(date(2026, 8, 1), date(2026, 8, 31), "Summer"),)
        )
        assert closed.roll(date(2026, 8, 10), Roll.MODIFIED_FOLLOWING) == date(2026, 7, 31)
        assert closed.roll(date(2026, 8, 10), Roll.MODIFIED_PRECEDING) == date(2026, 9, 1)

    @given(calendars(), IN_2026, st.sampled_from(Roll))
    def test_twice_is_once(self, calendar: WorkingCalendar, day: date, roll: Roll) -> None:
        rolled = calendar.roll(day, roll)
        assert calendar.roll(rolled, roll) == rolled
        assert rolled == day or not calendar.is_working_day(day)
        assert roll is Roll.NONE or calendar.is_working_day(rolled)

    @given(
        calendars(),
        IN_2026,
        st.sampled_from([Roll.MODIFIED_FOLLOWING, Roll.MODIFIED_PRECEDING]),
    )
    def test_modified_stays_in_the_month_if_it_has_a_working_day(
        self, calendar: WorkingCalendar, day: date, roll: Roll
    ) -> None:
        possible = calendar.first_working_day(day.year, day.month) is not None
        assert (calendar.roll(day, roll).month == day.month) == possible


class TestWorkingDayOfMonth:
    @pytest.mark.parametrize(
        ("calendar", "expected"),
        [
            (saudi_arabia(), date(2026, 5, 31)),  # a Sunday, right after Eid al-Adha
            (united_arab_emirates(), date(2026, 5, 25)),
            (spain(), date(2026, 5, 29)),
        ],
        ids=["SA", "AE", "ES"],
    )
    def test_the_last_of_may_2026_differs_by_market(
        self, calendar: WorkingCalendar, expected: date
    ) -> None:
        assert calendar.last_working_day(2026, 5) == expected

    @given(calendars(), st.integers(1, 12))
    def test_agrees_with_a_look_at_every_day(self, calendar: WorkingCalendar, month: int) -> None:
        days = [date(2026, month, 1) + timedelta(days=n) for n in range(31)]
        worked = [day for day in days if day.month == month and calendar.is_working_day(day)]
        assert calendar.first_working_day(2026, month) == min(worked, default=None)
        assert calendar.last_working_day(2026, month) == max(worked, default=None)


class TestMarketsOfTheWorld:
    def test_eid_al_fitr_2026_in_saudi_arabia(self) -> None:
        calendar = saudi_arabia()
        off = [date(2026, 3, day) for day in range(19, 25)]
        assert not any(calendar.is_working_day(day) for day in off)
        assert calendar.next_working_day(date(2026, 3, 18)) == date(2026, 3, 25)
        assert calendar.status(date(2026, 3, 20)).names == (("en", "Eid al-Fitr"),)

    def test_the_emirates_moved_to_monday_to_friday_in_january_2022(self) -> None:
        calendar = WorkingCalendar(MARKET_WEEKS["AE"], date(2021, 1, 1), date(2022, 12, 31))
        assert calendar.is_working_day(date(2021, 12, 26))  # a Sunday
        assert not calendar.is_working_day(date(2021, 12, 31))  # a Friday
        assert calendar.next_working_day(date(2021, 12, 30)) == date(2022, 1, 3)
        assert calendar.is_working_day(date(2022, 1, 7))  # a Friday
        assert not calendar.is_working_day(date(2022, 1, 9))  # a Sunday

    def test_saudi_arabia_moved_its_weekend_on_29_june_2013(self) -> None:
        calendar = WorkingCalendar(MARKET_WEEKS["SA"], date(2013, 1, 1), date(2013, 12, 31))
        assert calendar.is_working_day(date(2013, 6, 22))  # a Saturday
        assert calendar.next_working_day(date(2013, 6, 26)) == date(2013, 6, 30)
        assert calendar.is_working_day(date(2013, 7, 4))  # a Thursday

    @pytest.mark.parametrize("country", sorted(MARKET_WEEKS))
    def test_agrees_with_the_holidays_package(self, country: str) -> None:
        calendar = from_library(country, 2011, 2030)
        reference = holidays.country_holidays(country, years=range(2011, 2031))
        day = calendar.first_day
        while day <= calendar.last_day:
            assert calendar.is_working_day(day) == reference.is_working_day(day), day
            day += ONE_DAY
