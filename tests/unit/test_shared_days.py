from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import WorkingCalendar
from regions.offsets import Move, MoveReason, QuietPeriod, QuietPolicy, quiet_period_on
from regions.shared_days import Availability, Leave, SharedDay, share_day
from tests.unit.calendar_samples import (
    MONDAY_TO_FRIDAY,
    calendar_of,
    calendars,
    plain,
    saudi_arabia,
    united_arab_emirates,
)
from tests.unit.test_offsets import quiet_periods

TODAY = date(2026, 1, 1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 6, day) for day in range(8, 13))


def away(*spans: tuple[date, date]) -> Availability:
    return Availability(plain(), tuple(Leave(start, end) for start, end in spans))


class TestDubaiAndRiyadh:
    """A CSM in Dubai (Monday to Friday) with an account in Riyadh (Sunday to Thursday)."""

    csm = Availability(united_arab_emirates())

    def share(self, due: date) -> SharedDay:
        return share_day(due, market=saudi_arabia(), owner=self.csm, today=TODAY)

    def test_a_sunday_moves_to_monday(self) -> None:
        sunday = date(2026, 6, 7)
        assert self.share(sunday) == SharedDay(MONDAY, Move(sunday, MONDAY, MoveReason.OWNER_AWAY))

    @pytest.mark.parametrize("due", [MONDAY, THURSDAY])
    def test_days_that_both_work_stay(self, due: date) -> None:
        assert self.share(due) == SharedDay(due)

    def test_eid_al_fitr_ends_earlier_in_dubai(self) -> None:
        """Dubai is back on Monday 23 March, Riyadh only on Wednesday the 25th."""
        assert self.csm.works_on(date(2026, 3, 23))
        assert not saudi_arabia().is_working_day(date(2026, 3, 23))
        assert self.share(date(2026, 3, 25)) == SharedDay(date(2026, 3, 25))


class TestShareDay:
    @pytest.mark.parametrize(
        ("owner", "expected"),
        [
            (away((WEDNESDAY, WEDNESDAY)), THURSDAY),
            (away((WEDNESDAY, THURSDAY)), TUESDAY),
            (away((TUESDAY, THURSDAY)), FRIDAY),
            (away((TUESDAY, FRIDAY)), MONDAY),
            (away((MONDAY, FRIDAY)), date(2026, 6, 15)),
        ],
    )
    def test_takes_the_nearest_and_of_two_the_later(
        self, owner: Availability, expected: date
    ) -> None:
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY)
        assert shared.date == expected
        assert not shared.needs_stand_in

    def test_without_one_the_day_stays_and_needs_a_stand_in(self) -> None:
        owner = away((date(2026, 6, 5), date(2026, 6, 15)))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY)
        assert shared == SharedDay(WEDNESDAY, needs_stand_in=True)

    def test_the_tolerance_counts_working_days_of_the_market(self) -> None:
        owner = away((WEDNESDAY, date(2026, 6, 16)), (date(2026, 5, 1), TUESDAY))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY, tolerance=5)
        assert shared.date == date(2026, 6, 17)
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY, tolerance=4)
        assert shared.needs_stand_in

    def test_no_tolerance_moves_nothing(self) -> None:
        owner = away((WEDNESDAY, WEDNESDAY))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY, tolerance=0)
        assert shared == SharedDay(WEDNESDAY, needs_stand_in=True)

    def test_never_moves_to_before_today(self) -> None:
        owner = away((WEDNESDAY, THURSDAY))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=WEDNESDAY)
        assert (shared.date, shared.passed) == (FRIDAY, TUESDAY)

    def test_a_past_day_is_shared_as_it_would_have_been_then(self) -> None:
        owner = away((WEDNESDAY, THURSDAY))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=date(2026, 7, 1))
        assert shared.date == TUESDAY

    def test_never_moves_into_a_quiet_period(self) -> None:
        quiet = (QuietPeriod(THURSDAY, FRIDAY, "Fair", QuietPolicy.AFTER),)
        owner = away((WEDNESDAY, WEDNESDAY))
        shared = share_day(WEDNESDAY, market=plain(), owner=owner, today=TODAY, quiet=quiet)
        assert shared.date == TUESDAY

    def test_a_day_that_only_the_owner_works_is_not_shared(self) -> None:
        holiday = calendar_of(MONDAY_TO_FRIDAY, {WEDNESDAY: "Holiday"})
        shared = share_day(WEDNESDAY, market=holiday, owner=Availability(plain()), today=TODAY)
        assert shared.date == THURSDAY

    @given(
        calendars(),
        calendars(),
        st.dates(date(2026, 2, 1), date(2026, 11, 30)),
        st.integers(0, 5),
        quiet_periods(),
        st.integers(-10, 10),
    )
    def test_a_moved_day_is_worked_by_both_within_the_tolerance(
        self,
        market: WorkingCalendar,
        owners: WorkingCalendar,
        due: date,
        tolerance: int,
        quiet: tuple[QuietPeriod, ...],
        today_offset: int,
    ) -> None:
        due = market.shift(due, 0)
        today = due + timedelta(days=today_offset)
        owner = Availability(owners)
        shared = share_day(
            due, market=market, owner=owner, today=today, tolerance=tolerance, quiet=quiet
        )
        if shared.moved is None:
            assert shared.date == due
            assert shared.needs_stand_in != owner.works_on(due)
            return
        assert market.is_working_day(shared.date)
        assert owner.works_on(shared.date)
        assert quiet_period_on(shared.date, quiet) is None
        assert 0 < abs(market.working_days_between(due, shared.date)) <= tolerance
        assert due < today or shared.date >= today


def test_a_leave_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Leave(TUESDAY, MONDAY)
