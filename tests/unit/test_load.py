"""How much there is to do by day and week, and how much fits."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from engagement.load import Capacity, Outlook, Span, Work, outlook
from regions.calendars import CalendarRangeError, Holiday, WorkingCalendar, WorkingWeek
from regions.shared_days import Availability, Leave
from tests.conftest import day

FIRST = day("2026-05-18")  # a Monday
MONDAY_TO_FRIDAY = frozenset(range(1, 6))
SUNDAY_TO_THURSDAY = frozenset({7, 1, 2, 3, 4})


def calendar(
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY, *, last: str = "2030-12-31", holidays: str = ""
) -> WorkingCalendar:
    return WorkingCalendar(
        weeks=(WorkingWeek(dt.date(2000, 1, 1), weekdays),),
        first_day=dt.date(2000, 1, 1),
        last_day=day(last),
        holidays=tuple(Holiday(day(text), ()) for text in holidays.split()),
    )


def capacity(*leaves: tuple[str, str], minutes: int = 360, **values: str) -> Capacity:
    away = tuple(Leave(day(start), day(end)) for start, end in leaves)
    return Capacity(Availability(calendar(**values), away), minutes)  # type: ignore[arg-type]


def look(
    *work: Work, fits: Capacity | None = None, first: dt.date = FIRST, weeks: int = 2
) -> Outlook:
    return outlook(work, fits, first=first, weeks=weeks)


class TestOutlook:
    def test_adds_what_falls_on_a_day(self) -> None:
        found = look(Work(FIRST, 2, 90), Work(FIRST, 1, 30, is_expected=True))
        assert found.days[0] == Span(FIRST, tasks=2, expected=1, minutes=120)
        assert (found.weeks[0].tasks, found.weeks[0].expected) == (2, 1)
        assert found.weeks[0].hours == 2.0

    def test_leaves_out_other_days(self) -> None:
        early, late = FIRST - dt.timedelta(days=1), FIRST + dt.timedelta(days=14)
        assert look(Work(early, 1, 30), Work(late, 1, 30)).minutes == 0

    def test_a_week_is_seven_days_from_the_first_on(self) -> None:
        thursday = day("2026-05-21")
        found = look(first=thursday)
        assert [week.start for week in found.weeks] == [thursday, day("2026-05-28")]
        assert found.weeks[0].end == day("2026-05-27")

    def test_knows_no_capacity_without_a_calendar(self) -> None:
        found = look(Work(FIRST, 50, 5000))
        assert found.days[0].capacity is None
        assert not found.days[0].is_over
        assert found.days[0].share is None


class TestCapacity:
    def test_is_that_of_working_days(self) -> None:
        found = look(fits=capacity())
        assert [each.capacity for each in found.days] == [360] * 5 + [0, 0]
        assert [week.capacity for week in found.weeks] == [1800, 1800]

    def test_a_weekend_may_be_friday_and_saturday(self) -> None:
        fits = Capacity(Availability(calendar(SUNDAY_TO_THURSDAY)), 300)
        found = look(fits=fits)
        assert [each.capacity for each in found.days] == [300] * 4 + [0, 0, 300]

    def test_holidays_and_leave_have_none(self) -> None:
        found = look(fits=capacity(("2026-05-20", "2026-05-22"), holidays="2026-05-18"))
        assert [each.capacity for each in found.days] == [0, 360, 0, 0, 0, 0, 0]
        assert found.days[0].is_off

    def test_work_on_a_day_off_is_too_much(self) -> None:
        found = look(Work(FIRST, 1, 30), fits=capacity(holidays="2026-05-18"))
        assert found.days[0].is_over
        assert not found.weeks[0].is_over

    def test_the_last_day_of_february_counts(self) -> None:
        found = look(fits=capacity(), first=day("2028-02-28"))
        assert [each.start.isoformat() for each in found.days][1:3] == ["2028-02-29", "2028-03-01"]
        assert found.weeks[0].capacity == 1800

    def test_is_not_known_where_the_calendar_ends(self) -> None:
        found = look(fits=capacity(last="2026-05-26"))
        assert [week.capacity for week in found.weeks] == [1800, None]

    def test_more_than_fits_is_over_and_just_that_is_not(self) -> None:
        full = look(Work(FIRST, 1, 360), fits=capacity())
        more = look(Work(FIRST, 1, 361), fits=capacity())
        assert (full.days[0].is_over, full.days[0].share) == (False, 100)
        assert (more.days[0].is_over, more.days[0].bar) == (True, 100)
        assert more.weeks_over == 0


@given(
    st.lists(
        st.builds(
            Work,
            st.dates(FIRST, FIRST + dt.timedelta(days=90)),
            st.integers(0, 9),
            st.integers(0, 999),
            st.booleans(),
        )
    )
)
def test_nothing_is_lost_or_counted_twice(work: list[Work]) -> None:
    found = look(*work, fits=capacity(), weeks=13)
    assert found.minutes == sum(each.minutes for each in work)
    counted = sum(week.tasks + week.expected for week in found.weeks)
    assert counted == sum(each.tasks for each in work)
    assert [each.minutes for each in found.days] == [
        sum(one.minutes for one in work if one.day == each.start) for each in found.days
    ]


def test_a_calendar_that_ends_raises_elsewhere() -> None:
    try:
        calendar(last="2026-05-01").is_working_day(FIRST)
    except CalendarRangeError:
        assert capacity(last="2026-05-01").on(FIRST) is None
