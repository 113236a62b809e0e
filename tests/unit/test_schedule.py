from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.rhythm import Rhythm, RhythmUnit, WorkingDayOfMonth, first_on_or_after
from engagement.schedule import (
    HORIZON_DAYS,
    CadenceMode,
    CadenceTiming,
    CheckInState,
    Plan,
    PlannedCheckIn,
    next_due,
    plan,
)
from regions.calendars import CalendarRangeError, Closure, WorkingCalendar
from regions.hours import BusinessHours, Interval
from regions.market_time import MarketTime
from regions.offsets import MoveReason, QuietPeriod, QuietPolicy
from regions.shared_days import Availability, Leave
from tests.unit.calendar_samples import (
    MONDAY_TO_FRIDAY,
    calendar_of,
    calendars,
    japan,
    plain,
    saudi_arabia,
    united_arab_emirates,
)
from tests.unit.test_offsets import quiet_periods
from tests.unit.test_rhythm import rhythms

OPEN, MERGED = CheckInState.OPEN, CheckInState.MERGED
MISSED, SKIPPED = CheckInState.MISSED, CheckInState.SKIPPED
NINE_TO_FIVE = BusinessHours({weekday: (Interval(540, 1020),) for weekday in range(1, 8)})
DAILY = Rhythm(1, RhythmUnit.DAYS)
WEEKLY = Rhythm(1, RhythmUnit.WEEKS)
ONE_DAY = timedelta(days=1)


def market(calendar: WorkingCalendar, *quiet: QuietPeriod) -> MarketTime:
    return MarketTime(calendar, NINE_TO_FIVE, ZoneInfo("Asia/Tokyo"), quiet)


def fixed(rhythm: Rhythm) -> CadenceTiming:
    return CadenceTiming(rhythm, CadenceMode.FIXED)


@dataclass(frozen=True)
class Case:
    """One enrolment, with all that its dates depend on."""

    timing: CadenceTiming
    origin: date
    market: MarketTime
    owner: Availability | None = None

    def plan(
        self, today: date, next_nominal: date | None = None, horizon_days: int = HORIZON_DAYS
    ) -> Plan:
        return plan(
            self.timing,
            origin=self.origin,
            next_nominal=next_nominal or self.first_nominal(today),
            market=self.market,
            owner=self.owner,
            today=today,
            horizon_days=horizon_days,
        )

    def first_nominal(self, today: date) -> date:
        return first_on_or_after(self.timing.rhythm, self.origin, today, self.market.calendar)

    def passes(self, days: Iterable[date], start: date) -> tuple[list[PlannedCheckIn], Plan]:
        """Plan on each of the days, as the planner does: only when the next one is due."""
        planned = Plan((), self.first_nominal(start), start)
        check_ins: list[PlannedCheckIn] = []
        for today in days:
            if planned.next_due and planned.next_due <= today + timedelta(days=HORIZON_DAYS):
                planned = self.plan(today, planned.next_nominal)
                check_ins += planned.check_ins
        return check_ins, planned


@st.composite
def cases(draw: st.DrawFn, mode: CadenceMode = CadenceMode.FIXED) -> Case:
    leave = draw(st.lists(st.dates(date(2026, 3, 1), date(2026, 5, 31)), max_size=2))
    spans = tuple(Leave(start, start + timedelta(days=6)) for start in leave)
    owner = Availability(draw(calendars()), spans)
    return Case(
        CadenceTiming(draw(rhythms()), mode, draw(st.booleans()), draw(st.integers(0, 4))),
        draw(st.dates(date(2026, 1, 1), date(2026, 3, 31))),
        market(draw(calendars()), *draw(quiet_periods())),
        draw(st.one_of(st.none(), st.just(owner))),
    )


STARTS = st.dates(date(2026, 3, 1), date(2026, 4, 15))


def states(planned: Iterable[PlannedCheckIn]) -> list[tuple[date, CheckInState]]:
    return [(each.nominal, each.state) for each in planned]


class TestOnePass:
    def test_plans_what_falls_due_within_the_horizon(self) -> None:
        today = date(2026, 6, 1)
        case = Case(fixed(WEEKLY), date(2026, 6, 2), market(plain()))
        planned = case.plan(today)
        assert [each.due_date for each in planned.check_ins] == [
            date(2026, 6, 2),
            date(2026, 6, 9),
        ]
        assert planned.check_ins[0].due_at == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
        assert planned.next_nominal == planned.next_due == date(2026, 6, 16)

    def test_the_horizon_tests_the_due_date(self) -> None:
        """Saturday 2 May 2026 lies within it on 20 April, the Thursday it moves to does not."""
        case = Case(fixed(WEEKLY), date(2026, 5, 2), market(japan()))
        planned = case.plan(date(2026, 4, 20))
        assert planned == Plan((), date(2026, 5, 2), date(2026, 5, 7))
        (check_in,) = case.plan(date(2026, 4, 23)).check_ins
        assert (check_in.nominal, check_in.due_date) == (date(2026, 5, 2), date(2026, 5, 7))

    def test_a_date_brought_forward_too_late_is_planned_at_once_though_it_falls_due_later(
        self,
    ) -> None:
        """Waiting for the horizon would make it past, and missed, without anyone's fault."""
        quiet = QuietPeriod(date(2026, 8, 3), date(2026, 8, 31), "Fair", QuietPolicy.BEFORE)
        closed = calendar_of(
            MONDAY_TO_FRIDAY, closures=(Closure(date(2026, 8, 3), date(2026, 8, 20), "Summer"),)
        )
        today = date(2026, 8, 3)
        case = Case(fixed(Rhythm(1, RhythmUnit.MONTHS)), date(2026, 8, 4), market(closed, quiet))
        (check_in,) = case.plan(today).check_ins
        assert (check_in.due_date, check_in.state) == (date(2026, 8, 21), OPEN)
        assert check_in.moves[-1].reason is MoveReason.BEFORE_TODAY

    def test_dates_that_meet_are_merged_into_the_latest(self) -> None:
        case = Case(fixed(DAILY), date(2026, 5, 1), market(japan()))
        planned = case.plan(date(2026, 5, 1), horizon_days=6)
        assert states(planned.check_ins) == [
            (date(2026, 5, 1), OPEN),
            (date(2026, 5, 2), MERGED),
            (date(2026, 5, 3), MERGED),
            (date(2026, 5, 4), MERGED),
            (date(2026, 5, 5), MERGED),
            (date(2026, 5, 6), MERGED),
            (date(2026, 5, 7), OPEN),
        ]
        assert {each.due_date for each in planned.check_ins[1:]} == {date(2026, 5, 7)}

    def test_after_downtime_the_latest_past_one_is_open_and_the_others_missed(self) -> None:
        case = Case(fixed(WEEKLY), date(2026, 5, 5), market(plain()))
        planned = case.plan(date(2026, 6, 1), date(2026, 5, 5))
        assert states(planned.check_ins) == [
            (date(2026, 5, 5), MISSED),
            (date(2026, 5, 12), MISSED),
            (date(2026, 5, 19), MISSED),
            (date(2026, 5, 26), OPEN),
            (date(2026, 6, 2), OPEN),
            (date(2026, 6, 9), OPEN),
        ]
        assert all(each.due_date == each.nominal for each in planned.check_ins)

    def test_what_falls_due_today_is_not_past(self) -> None:
        case = Case(fixed(WEEKLY), date(2026, 5, 26), market(plain()))
        planned = case.plan(date(2026, 6, 2), date(2026, 5, 26), horizon_days=0)
        assert states(planned.check_ins) == [(date(2026, 5, 26), OPEN), (date(2026, 6, 2), OPEN)]

    def test_a_quiet_period_that_skips_is_recorded_and_never_counts_as_missed(self) -> None:
        quiet = QuietPeriod(date(2026, 6, 8), date(2026, 6, 12), "Fair", QuietPolicy.SKIP)
        case = Case(fixed(WEEKLY), date(2026, 6, 2), market(plain(), quiet))
        planned = case.plan(date(2026, 7, 1), date(2026, 6, 2), horizon_days=0)
        assert states(planned.check_ins)[:3] == [
            (date(2026, 6, 2), MISSED),
            (date(2026, 6, 9), SKIPPED),
            (date(2026, 6, 16), MISSED),
        ]
        skipped = planned.check_ins[1]
        assert skipped.due_date == date(2026, 6, 9)
        assert skipped.moves[-1].reason is MoveReason.QUIET_PERIOD

    def test_internal_work_ignores_quiet_periods_and_the_owner(self) -> None:
        quiet = QuietPeriod(date(2026, 6, 1), date(2026, 6, 30), "Fair", QuietPolicy.SKIP)
        away = Availability(plain(), (Leave(date(2026, 6, 1), date(2026, 6, 30)),))
        timing = replace(fixed(WEEKLY), contact=False)
        case = Case(timing, date(2026, 6, 2), market(plain(), quiet), away)
        (check_in, _) = case.plan(date(2026, 6, 2), horizon_days=7).check_ins
        assert (check_in.due_date, check_in.needs_stand_in) == (date(2026, 6, 2), False)


class TestOwner:
    def test_a_sunday_in_riyadh_waits_for_monday_in_dubai(self) -> None:
        sunday = date(2026, 6, 7)
        csm = Availability(united_arab_emirates())
        case = Case(fixed(WEEKLY), sunday, market(saudi_arabia()), csm)
        (check_in,) = case.plan(date(2026, 6, 1), horizon_days=7).check_ins
        assert (check_in.nominal, check_in.due_date) == (sunday, date(2026, 6, 8))
        assert [move.reason for move in check_in.moves] == [MoveReason.OWNER_AWAY]

    def test_a_long_leave_asks_for_a_stand_in(self) -> None:
        away = Availability(plain(), (Leave(date(2026, 6, 1), date(2026, 6, 30)),))
        case = Case(fixed(WEEKLY), date(2026, 6, 9), market(plain()), away)
        (check_in,) = case.plan(date(2026, 6, 1)).check_ins
        assert (check_in.due_date, check_in.needs_stand_in) == (date(2026, 6, 9), True)

    def test_all_that_falls_due_on_a_day_beyond_the_horizon_is_planned_with_the_first(
        self,
    ) -> None:
        """Friday would have suited, but has passed; the next shared day is the 23rd."""
        monday = date(2026, 6, 1)
        closed = calendar_of(
            MONDAY_TO_FRIDAY, closures=(Closure(date(2026, 6, 2), date(2026, 6, 21), "Move"),)
        )
        away = Availability(plain(), (Leave(monday, date(2026, 6, 22)),))
        planned = Case(fixed(WEEKLY), monday, market(closed), away).plan(monday)
        assert states(planned.check_ins) == [
            (monday, MERGED),
            (date(2026, 6, 8), MERGED),
            (date(2026, 6, 15), MERGED),
            (date(2026, 6, 22), OPEN),
        ]
        assert {each.due_date for each in planned.check_ins} == {date(2026, 6, 23)}
        assert planned.next_due == date(2026, 6, 29)


class TestElastic:
    case = Case(CadenceTiming(WEEKLY), date(2026, 5, 5), market(plain()))

    def test_keeps_exactly_one_open(self) -> None:
        planned = self.case.plan(date(2026, 6, 1))
        assert states(planned.check_ins) == [(date(2026, 6, 2), OPEN)]
        assert (planned.next_nominal, planned.next_due) == (None, None)

    def test_is_overdue_after_downtime(self) -> None:
        planned = self.case.plan(date(2026, 6, 1), date(2026, 5, 5))
        assert states(planned.check_ins) == [(date(2026, 5, 5), OPEN)]

    def test_goes_on_after_a_quiet_period_that_skips(self) -> None:
        quiet = QuietPeriod(date(2026, 6, 1), date(2026, 6, 5), "Fair", QuietPolicy.SKIP)
        case = replace(self.case, market=market(plain(), quiet))
        planned = case.plan(date(2026, 6, 1))
        assert states(planned.check_ins) == [(date(2026, 6, 2), SKIPPED), (date(2026, 6, 9), OPEN)]

    @given(cases(CadenceMode.ELASTIC), STARTS)
    def test_waits_if_and_only_if_one_is_open(self, case: Case, start: date) -> None:
        days = (start + timedelta(days=count) for count in range(40))
        check_ins, planned = case.passes(days, start)
        assert all(each.state in (OPEN, SKIPPED) for each in check_ins)
        still_open = [each for each in check_ins if each.state is OPEN]
        assert len(still_open) == (1 if planned.next_nominal is None else 0)


class TestManyPasses:
    @given(cases(), STARTS)
    def test_day_by_day_gives_what_one_pass_gives(self, case: Case, start: date) -> None:
        count = 50
        days = [start + timedelta(days=each) for each in range(count)]
        check_ins, planned = case.passes(days, start)
        once = case.plan(start, horizon_days=HORIZON_DAYS + count - 1)
        assert check_ins == list(once.check_ins)
        assert (planned.next_nominal, planned.next_due) == (once.next_nominal, once.next_due)

    @given(cases(), STARTS, st.frozensets(st.integers(1, 49)))
    def test_downtime_loses_and_repeats_nothing(
        self, case: Case, start: date, down: frozenset[int]
    ) -> None:
        days = [start + timedelta(days=each) for each in range(51)]
        up = [day for number, day in enumerate(days) if number not in down]
        daily, _ = case.passes(days, start)
        found, _ = case.passes(up, start)
        assert [each.nominal for each in found] == [each.nominal for each in daily]
        for late, prompt in zip(found, daily, strict=True):
            horizon = prompt.due_date - timedelta(days=HORIZON_DAYS)
            if any(horizon <= day <= prompt.due_date for day in up):
                assert late == prompt
            else:
                assert (late.state is SKIPPED) == (prompt.state is SKIPPED)

    @given(cases(), STARTS, st.integers(0, 60))
    def test_a_pass_after_downtime_leaves_one_past_check_in_open(
        self, case: Case, start: date, gap: int
    ) -> None:
        today = start + timedelta(days=gap)
        planned = case.plan(today, case.first_nominal(start))
        past = [each for each in planned.check_ins if each.due_date < today]
        to_do = [each for each in past if each.state is not SKIPPED]
        assert [each.state for each in to_do[-1:]] == [OPEN][: len(to_do)]
        assert all(each.state in (MISSED, MERGED) for each in to_do[:-1])

    @given(cases(), STARTS)
    def test_open_check_ins_have_a_due_date_each(self, case: Case, start: date) -> None:
        to_do = [
            each.due_date
            for each in case.plan(start, horizon_days=60).check_ins
            if each.state is OPEN
        ]
        assert len(to_do) == len(set(to_do))

    @given(cases(), STARTS)
    def test_a_later_nominal_date_never_falls_due_earlier(self, case: Case, start: date) -> None:
        due, following = (
            next_due(case.timing, day, market=case.market, owner=case.owner, today=start)
            for day in (start, start + ONE_DAY)
        )
        assert due <= following


class TestBeyondTheCalendar:
    calendar = calendar_of(
        MONDAY_TO_FRIDAY, first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)
    )
    yearly = Case(fixed(Rhythm(12, RhythmUnit.MONTHS)), date(2026, 6, 2), market(calendar))

    def test_a_next_date_in_an_unknown_year_is_looked_at_again_on_the_last_known_day(self) -> None:
        planned = self.yearly.plan(date(2026, 6, 1))
        assert len(planned.check_ins) == 1
        assert planned.next_nominal == date(2027, 6, 2)
        assert planned.next_due == date(2026, 12, 31)

    def test_it_is_an_error_once_the_horizon_reaches_that_day(self) -> None:
        waiting = self.yearly.plan(date(2026, 12, 16), date(2027, 6, 2))
        assert waiting == Plan((), date(2027, 6, 2), date(2026, 12, 31))
        with pytest.raises(CalendarRangeError):
            self.yearly.plan(date(2026, 12, 17), date(2027, 6, 2))

    def test_a_working_day_of_an_unknown_month_is_an_error(self) -> None:
        last = Rhythm(12, RhythmUnit.MONTHS, working_day=WorkingDayOfMonth.LAST)
        with pytest.raises(CalendarRangeError):
            replace(self.yearly, timing=fixed(last)).plan(date(2026, 6, 20))
