"""Tasks moved by working days of their market."""

import pytest

from engagement.shifting import moved_by
from regions.calendars import CalendarRangeError, Closure, WorkingCalendar, WorkingWeek
from regions.offsets import QuietPeriod, QuietPolicy
from tests.conftest import day


def calendar(*weekdays: int, closures: tuple[Closure, ...] = ()) -> WorkingCalendar:
    """Return the years 2026 to 2028 with these working days of a week."""
    return WorkingCalendar(
        weeks=(WorkingWeek(day("2026-01-01"), frozenset(weekdays)),),
        first_day=day("2026-01-01"),
        last_day=day("2028-12-31"),
        closures=closures,
    )


MONDAY_TO_FRIDAY = calendar(1, 2, 3, 4, 5)
SUNDAY_TO_THURSDAY = calendar(7, 1, 2, 3, 4)


class TestMovedBy:
    @pytest.mark.parametrize(
        ("due", "today", "days", "moved"),
        [
            ("2026-11-25", "2026-11-24", 1, "2026-11-26"),
            ("2026-11-27", "2026-11-24", 1, "2026-11-30"),
            # What is overdue counts from today.
            ("2026-11-02", "2026-11-24", 3, "2026-11-27"),
            # Today is a Sunday.
            ("2026-11-02", "2026-11-22", 1, "2026-11-23"),
            # The night in which the clocks go back.
            ("2026-10-23", "2026-10-23", 1, "2026-10-26"),
            ("2028-02-28", "2028-02-01", 1, "2028-02-29"),
            ("2028-02-29", "2028-02-01", 1, "2028-03-01"),
            ("2026-12-31", "2026-12-31", 5, "2027-01-07"),
        ],
    )
    def test_counts_working_days(self, due: str, today: str, days: int, moved: str) -> None:
        found = moved_by(day(due), days, today=day(today), calendar=MONDAY_TO_FRIDAY)
        assert found == day(moved)

    def test_knows_that_a_week_may_end_on_thursday(self) -> None:
        thursday = day("2026-11-26")
        moved = moved_by(thursday, 1, today=thursday, calendar=SUNDAY_TO_THURSDAY)
        assert moved == day("2026-11-29")

    def test_does_not_count_closures(self) -> None:
        closed = calendar(
            1, 2, 3, 4, 5, closures=(Closure(day("2026-11-25"), day("2026-11-26"), "Move"),)
        )
        tuesday = day("2026-11-24")
        assert moved_by(tuesday, 1, today=tuesday, calendar=closed) == day("2026-11-27")

    def test_does_not_count_days_of_quiet(self) -> None:
        quiet = QuietPeriod(day("2026-11-25"), day("2026-12-01"), "Fair", QuietPolicy.AFTER)
        tuesday = day("2026-11-24")
        moved = moved_by(tuesday, 1, today=tuesday, calendar=MONDAY_TO_FRIDAY, quiet=[quiet])
        assert moved == day("2026-12-02")

    def test_ends_where_the_calendar_does(self) -> None:
        last = day("2028-12-29")
        with pytest.raises(CalendarRangeError):
            moved_by(last, 1, today=last, calendar=MONDAY_TO_FRIDAY)
