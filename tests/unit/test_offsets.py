from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import CalendarRangeError, Closure, WorkingCalendar
from regions.offsets import (
    Move,
    MoveReason,
    Offset,
    QuietPeriod,
    QuietPolicy,
    Roll,
    Unit,
    add_months,
    offset_date,
    quiet_period_on,
    resolve,
    settle,
)
from tests.unit.calendar_samples import MONDAY_TO_FRIDAY, calendar_of, calendars, japan, plain

TODAY = date(2026, 1, 1)
AFTER, BEFORE, SKIP = QuietPolicy.AFTER, QuietPolicy.BEFORE, QuietPolicy.SKIP


def quiet(start: date, end: date, policy: QuietPolicy, name: str = "Quiet") -> QuietPeriod:
    return QuietPeriod(start, end, name, policy)


def august(policy: QuietPolicy) -> QuietPeriod:
    return quiet(date(2026, 8, 1), date(2026, 8, 31), policy, "Summer break")


@st.composite
def quiet_periods(draw: st.DrawFn) -> tuple[QuietPeriod, ...]:
    """Some periods in 2026 that may touch, overlap and contain one another."""
    periods = st.builds(
        lambda start, days, policy: quiet(start, start + timedelta(days=days), policy),
        st.dates(date(2026, 3, 1), date(2026, 5, 31)),
        st.integers(0, 30),
        st.sampled_from(QuietPolicy),
    )
    return tuple(draw(st.lists(periods, max_size=4)))


class TestOffset:
    @pytest.mark.parametrize(
        ("unit", "amount", "expected"),
        [
            (Unit.BUSINESS_DAYS, 3, date(2026, 5, 8)),
            (Unit.BUSINESS_DAYS, -2, date(2026, 4, 27)),
            (Unit.DAYS, 2, date(2026, 5, 2)),
            (Unit.DAYS, -30, date(2026, 3, 31)),
            (Unit.WEEKS, 2, date(2026, 5, 14)),
            (Unit.MONTHS, -1, date(2026, 3, 30)),
        ],
    )
    def test_counts_from_the_anchor(self, unit: Unit, amount: int, expected: date) -> None:
        assert offset_date(date(2026, 4, 30), Offset(amount, unit), japan()) == expected

    @pytest.mark.parametrize("unit", Unit)
    @pytest.mark.parametrize("amount", [10**6, -(10**6), 10**30, -(10**30)])
    def test_out_of_this_world_is_out_of_range(self, unit: Unit, amount: int) -> None:
        with pytest.raises(CalendarRangeError):
            resolve(
                date(2026, 4, 30),
                Offset(amount, unit),
                calendar=plain(),
                today=TODAY,
                contact=False,
            )

    @pytest.mark.parametrize(
        ("amount", "expected"), [(3, Roll.FOLLOWING), (0, Roll.FOLLOWING), (-3, Roll.PRECEDING)]
    )
    def test_its_sign_chooses_the_roll(self, amount: int, expected: Roll) -> None:
        assert Offset(amount, Unit.DAYS).effective_roll is expected
        assert Offset(amount, Unit.DAYS, Roll.NONE).effective_roll is Roll.NONE


class TestMonths:
    @pytest.mark.parametrize(
        ("anchor", "months", "expected"),
        [
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2028, 1, 31), 1, date(2028, 2, 29)),
            (date(2026, 1, 31), 2, date(2026, 3, 31)),
            (date(2026, 1, 31), 3, date(2026, 4, 30)),
            (date(2026, 3, 31), -1, date(2026, 2, 28)),
            (date(2026, 1, 15), -1, date(2025, 12, 15)),
            (date(2028, 2, 29), 12, date(2029, 2, 28)),
            (date(2028, 2, 29), -48, date(2024, 2, 29)),
        ],
    )
    def test_clamp_to_the_end_and_count_from_the_anchor(
        self, anchor: date, months: int, expected: date
    ) -> None:
        assert add_months(anchor, months) == expected

    @given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-500, 500))
    def test_keep_the_day_or_take_the_last(self, anchor: date, months: int) -> None:
        day = add_months(anchor, months)
        assert (day.year - anchor.year) * 12 + day.month - anchor.month == months
        assert day.day == min(anchor.day, monthrange(day.year, day.month)[1])


class TestGoldenWeek:
    def test_a_saturday_on_2_may_2026_in_japan_falls_due_on_thursday_the_7th(self) -> None:
        due = settle(date(2026, 5, 2), calendar=japan(), today=TODAY, contact=True)
        assert due.date == date(2026, 5, 7)
        names = ("Constitution Day", "Greenery Day", "Children's Day", "Substitute Holiday")
        assert due.moves == (
            Move(
                date(2026, 5, 2),
                date(2026, 5, 7),
                MoveReason.REST_DAY,
                tuple(("en", name) for name in names),
            ),
        )

    def test_preceding_goes_back_to_friday(self) -> None:
        offset = Offset(-5, Unit.DAYS)
        due = resolve(date(2026, 5, 10), offset, calendar=japan(), today=TODAY, contact=False)
        assert due.date == date(2026, 5, 1)
        assert [move.reason for move in due.moves] == [MoveReason.HOLIDAY]


class TestQuietPeriod:
    @pytest.mark.parametrize(
        ("policy", "expected"), [(AFTER, date(2026, 9, 1)), (BEFORE, date(2026, 7, 31))]
    )
    def test_moves_a_contact_as_its_policy_says(self, policy: QuietPolicy, expected: date) -> None:
        due = settle(
            date(2026, 8, 12),
            calendar=plain(),
            today=TODAY,
            contact=True,
            quiet=(august(policy),),
        )
        assert due.date == expected
        (move,) = due.moves
        assert move.reason is MoveReason.QUIET_PERIOD
        assert move.names == (("und", "Summer break"),)

    def test_skips_a_contact_and_says_where(self) -> None:
        due = settle(
            date(2026, 8, 15),
            calendar=plain(),
            today=TODAY,
            contact=True,
            quiet=(august(SKIP),),
        )
        assert due.date is None
        assert due.planning_date == date(2026, 8, 17)
        assert [(move.to_date, move.reason) for move in due.moves] == [
            (date(2026, 8, 17), MoveReason.REST_DAY),
            (None, MoveReason.QUIET_PERIOD),
        ]

    def test_leaves_work_without_contact_alone(self) -> None:
        due = settle(
            date(2026, 8, 12),
            calendar=plain(),
            today=TODAY,
            contact=False,
            quiet=(august(SKIP),),
        )
        assert due.date == date(2026, 8, 12)

    def test_is_followed_by_a_roll_in_the_direction_just_taken(self) -> None:
        closed = calendar_of(
            MONDAY_TO_FRIDAY, closures=(Closure(date(2026, 7, 30), date(2026, 7, 31), "Move"),)
        )
        due = settle(
            date(2026, 8, 12),
            calendar=closed,
            today=TODAY,
            contact=True,
            quiet=(august(BEFORE),),
        )
        assert due.date == date(2026, 7, 29)
        assert due.moves[-1] == Move(
            date(2026, 7, 31), date(2026, 7, 29), MoveReason.CLOSURE, (("und", "Move"),)
        )

    def test_is_met_after_the_first_roll(self) -> None:
        weekend = date(2026, 8, 1)
        due = settle(
            weekend,
            calendar=plain(),
            today=TODAY,
            contact=True,
            quiet=(quiet(date(2026, 8, 3), date(2026, 8, 4), AFTER),),
        )
        assert due.date == date(2026, 8, 5)

    def test_of_several_the_one_that_starts_first_holds_then_the_longest(self) -> None:
        first, last = date(2026, 6, 1), date(2026, 6, 30)
        long = quiet(first, last, AFTER)
        short = quiet(first, date(2026, 6, 10), BEFORE)
        later = quiet(date(2026, 6, 4), last, SKIP)
        assert quiet_period_on(date(2026, 6, 5), (later, short, long)) is long
        assert quiet_period_on(date(2026, 5, 31), (later, short, long)) is None

    def test_two_that_contradict_each_other_send_the_contact_later(self) -> None:
        periods = (
            quiet(date(2026, 6, 1), date(2026, 6, 10), AFTER),
            quiet(date(2026, 6, 11), date(2026, 6, 19), BEFORE),
        )
        for day in (date(2026, 6, 3), date(2026, 6, 16)):
            due = settle(day, calendar=plain(), today=TODAY, contact=True, quiet=periods)
            assert due.date == date(2026, 6, 22)

    def test_a_skip_met_on_the_way_is_planned_where_the_way_began(self) -> None:
        """Otherwise a later nominal date would be planned before an earlier one."""
        periods = (
            quiet(date(2026, 6, 1), date(2026, 6, 10), SKIP),
            quiet(date(2026, 6, 11), date(2026, 6, 19), BEFORE),
        )
        due = settle(date(2026, 6, 16), calendar=plain(), today=TODAY, contact=True, quiet=periods)
        assert (due.date, due.planning_date) == (None, date(2026, 6, 16))

    @given(
        calendars(),
        st.dates(date(2026, 2, 15), date(2026, 7, 31)),
        quiet_periods(),
        st.sampled_from(Roll),
    )
    def test_is_left_for_a_working_day_by_moves_that_join_up(
        self,
        calendar: WorkingCalendar,
        nominal: date,
        periods: tuple[QuietPeriod, ...],
        roll: Roll,
    ) -> None:
        due = settle(
            nominal, calendar=calendar, today=TODAY, contact=True, quiet=periods, roll=roll
        )
        here: date | None = nominal
        for move in due.moves:
            assert move.from_date == here
            here = move.to_date
        assert here == due.date
        if due.date is not None:
            assert quiet_period_on(due.date, periods) is None
            assert roll is Roll.NONE or calendar.is_working_day(due.date)

    @given(calendars(), st.dates(date(2026, 2, 15), date(2026, 7, 31)), quiet_periods())
    def test_never_lets_a_later_date_overtake_an_earlier_one(
        self, calendar: WorkingCalendar, nominal: date, periods: tuple[QuietPeriod, ...]
    ) -> None:
        here, next_day = (
            settle(day, calendar=calendar, today=TODAY, contact=True, quiet=periods)
            for day in (nominal, nominal + timedelta(days=1))
        )
        assert here.planning_date <= next_day.planning_date


class TestToday:
    def test_a_date_brought_forward_into_the_past_becomes_the_first_working_day(self) -> None:
        today = date(2026, 8, 8)  # a Saturday
        due = settle(
            date(2026, 8, 20), calendar=plain(), today=today, contact=True, quiet=(august(BEFORE),)
        )
        assert due.date == date(2026, 8, 10)
        assert due.moves[-1] == Move(date(2026, 7, 31), date(2026, 8, 10), MoveReason.BEFORE_TODAY)

    def test_so_does_one_rolled_back_into_the_past(self) -> None:
        sunday = date(2026, 8, 9)
        due = settle(sunday, calendar=plain(), today=sunday, contact=False, roll=Roll.PRECEDING)
        assert due.date == date(2026, 8, 10)

    def test_a_past_date_stays_past(self) -> None:
        due = settle(
            date(2026, 5, 3),
            calendar=plain(),
            today=date(2026, 6, 1),
            contact=True,
            roll=Roll.PRECEDING,
        )
        assert due.date == date(2026, 5, 1)


def test_a_quiet_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before"):
        quiet(date(2026, 8, 2), date(2026, 8, 1), SKIP)
