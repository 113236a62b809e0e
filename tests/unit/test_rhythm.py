from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engagement.rhythm import (
    Rhythm,
    RhythmUnit,
    WorkingDayOfMonth,
    elastic_next,
    first_on_or_after,
    next_after,
    nominal_dates,
    origin_for,
    phase,
)
from regions.calendars import Closure, WorkingCalendar, WorkingWeek
from regions.offsets import add_months
from tests.unit.calendar_samples import (
    MONDAY_TO_FRIDAY,
    calendar_of,
    calendars,
    plain,
    saudi_arabia,
    spain,
)

DAYS, WEEKS, MONTHS = RhythmUnit.DAYS, RhythmUnit.WEEKS, RhythmUnit.MONTHS
FIRST = Rhythm(1, MONTHS, working_day=WorkingDayOfMonth.FIRST)
LAST = Rhythm(1, MONTHS, working_day=WorkingDayOfMonth.LAST)
ORIGINS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def rhythms(draw: st.DrawFn) -> Rhythm:
    unit = draw(st.sampled_from(RhythmUnit))
    every = draw(st.integers(1, {DAYS: 40, WEEKS: 6, MONTHS: 3}[unit]))
    if unit is MONTHS and draw(st.booleans()):
        return Rhythm(every, unit, working_day=draw(st.sampled_from(WorkingDayOfMonth)))
    return Rhythm(every, unit, tuple(sorted(draw(st.frozensets(st.integers(1, 7))))))


def first_dates(
    rhythm: Rhythm, origin: date, count: int, calendar: WorkingCalendar | None = None
) -> list[date]:
    return list(islice(nominal_dates(rhythm, origin, origin, calendar or plain()), count))


def brute_force(rhythm: Rhythm, origin: date, day: date, calendar: WorkingCalendar) -> bool:
    """Whether a day is a nominal date, by the words of the definition."""
    if day < origin:
        return False
    months = (day.year - origin.year) * 12 + day.month - origin.month
    if rhythm.working_day is not None:
        step = 1 if rhythm.working_day is WorkingDayOfMonth.LAST else -1
        beyond = day + timedelta(days=step)
        while beyond.month == day.month and not calendar.is_working_day(beyond):
            beyond += timedelta(days=step)
        outermost = beyond.month != day.month and calendar.is_working_day(day)
        return outermost and months % rhythm.every == 0
    if rhythm.unit is WEEKS and rhythm.weekdays:
        monday, other = (each - timedelta(days=each.weekday()) for each in (origin, day))
        return (
            day.isoweekday() in rhythm.weekdays and (other - monday).days // 7 % rhythm.every == 0
        )
    if rhythm.weekdays and day.isoweekday() not in rhythm.weekdays:
        return False
    return any(
        comes_to(rhythm, origin, day - timedelta(days=back))
        for back in range(7)
        if not any(
            (day - timedelta(days=between)).isoweekday() in rhythm.weekdays
            for between in range(1, back + 1)
        )
        and (rhythm.weekdays or back == 0)
    )


def comes_to(rhythm: Rhythm, origin: date, day: date) -> bool:
    if day < origin:
        return False
    if rhythm.unit is not MONTHS:
        return (day - origin).days % (rhythm.every * (7 if rhythm.unit is WEEKS else 1)) == 0
    months = (day.year - origin.year) * 12 + day.month - origin.month
    last_of_month = (day + timedelta(days=1)).month != day.month
    fits = day.day == origin.day or (last_of_month and day.day < origin.day)
    return fits and months % rhythm.every == 0


class TestNominalDates:
    def test_monthly_on_the_31st_clamps_without_forgetting(self) -> None:
        assert first_dates(Rhythm(1, MONTHS), date(2026, 1, 31), 5) == [
            date(2026, 1, 31),
            date(2026, 2, 28),
            date(2026, 3, 31),
            date(2026, 4, 30),
            date(2026, 5, 31),
        ]

    def test_yearly_on_29_february_comes_back_to_it(self) -> None:
        calendar = calendar_of(
            MONDAY_TO_FRIDAY, first_day=date(2020, 1, 1), last_day=date(2040, 12, 31)
        )
        assert first_dates(Rhythm(12, MONTHS), date(2024, 2, 29), 5, calendar) == [
            date(2024, 2, 29),
            date(2025, 2, 28),
            date(2026, 2, 28),
            date(2027, 2, 28),
            date(2028, 2, 29),
        ]

    def test_weekdays_count_weeks_from_the_iso_week_of_the_origin(self) -> None:
        friday = date(2026, 6, 5)
        assert first_dates(Rhythm(2, WEEKS, (2, 4)), friday, 4) == [
            date(2026, 6, 16),
            date(2026, 6, 18),
            date(2026, 6, 30),
            date(2026, 7, 2),
        ]

    def test_weekdays_later_in_the_first_week_count(self) -> None:
        wednesday = date(2026, 6, 3)
        assert first_dates(Rhythm(2, WEEKS, (2, 4)), wednesday, 3) == [
            date(2026, 6, 4),
            date(2026, 6, 16),
            date(2026, 6, 18),
        ]

    def test_weeks_without_weekdays_keep_that_of_the_origin(self) -> None:
        assert first_dates(Rhythm(3, WEEKS), date(2026, 6, 3), 2) == [
            date(2026, 6, 3),
            date(2026, 6, 24),
        ]

    def test_months_on_a_weekday_move_forward_to_it(self) -> None:
        assert first_dates(Rhythm(1, MONTHS, (2,)), date(2026, 1, 31), 3) == [
            date(2026, 2, 3),
            date(2026, 3, 3),
            date(2026, 3, 31),
        ]

    def test_dates_that_meet_on_a_weekday_are_one(self) -> None:
        assert first_dates(Rhythm(3, DAYS, (1,)), date(2026, 6, 1), 3) == [
            date(2026, 6, 1),
            date(2026, 6, 8),
            date(2026, 6, 15),
        ]

    def test_the_last_working_day_is_that_of_the_market(self) -> None:
        start = date(2026, 4, 15)
        assert first_dates(LAST, start, 3, spain())[1] == date(2026, 5, 29)
        assert first_dates(LAST, start, 3, saudi_arabia())[1] == date(2026, 5, 31)

    def test_the_first_working_day_of_the_month_of_the_origin_may_be_past(self) -> None:
        assert first_dates(FIRST, date(2026, 5, 15), 2, spain()) == [
            date(2026, 6, 1),
            date(2026, 7, 1),
        ]

    def test_a_month_without_a_working_day_has_no_date(self) -> None:
        closed = calendar_of(
            MONDAY_TO_FRIDAY, closures=(Closure(date(2026, 8, 1), date(2026, 8, 31), "Summer"),)
        )
        assert first_dates(LAST, date(2026, 7, 1), 2, closed) == [
            date(2026, 7, 31),
            date(2026, 9, 30),
        ]

    @given(rhythms(), ORIGINS, st.integers(-50, 200), calendars())
    def test_are_exactly_those_of_the_definition(
        self, rhythm: Rhythm, origin: date, days: int, calendar: WorkingCalendar
    ) -> None:
        day = origin + timedelta(days=days)
        found = first_on_or_after(rhythm, origin, day, calendar)
        assert brute_force(rhythm, origin, found, calendar)
        earlier = max(day, origin)
        while earlier < found:
            assert not brute_force(rhythm, origin, earlier, calendar)
            earlier += timedelta(days=1)

    @given(rhythms(), ORIGINS, st.integers(0, 60), calendars())
    def test_do_not_depend_on_where_one_starts_to_count(
        self, rhythm: Rhythm, origin: date, days: int, calendar: WorkingCalendar
    ) -> None:
        start = origin + timedelta(days=days)
        dates = [each for each in first_dates(rhythm, origin, 8, calendar) if each >= start]
        later = islice(nominal_dates(rhythm, origin, start, calendar), len(dates))
        assert dates == list(later)

    @given(rhythms(), ORIGINS, calendars())
    def test_each_is_later_than_the_one_before(
        self, rhythm: Rhythm, origin: date, calendar: WorkingCalendar
    ) -> None:
        nominal = first_on_or_after(rhythm, origin, origin, calendar)
        assert nominal >= origin
        assert next_after(rhythm, origin, nominal, calendar) > nominal


class TestElasticNext:
    @pytest.mark.parametrize(
        ("rhythm", "last_contact", "expected"),
        [
            (Rhythm(10, DAYS), date(2026, 6, 3), date(2026, 6, 13)),
            (Rhythm(2, WEEKS), date(2026, 6, 3), date(2026, 6, 17)),
            (Rhythm(1, MONTHS), date(2026, 1, 31), date(2026, 2, 28)),
            (Rhythm(1, MONTHS, (2,)), date(2026, 6, 3), date(2026, 7, 7)),
            # Every second Tuesday: a contact counts for the Tuesday of its week.
            (Rhythm(2, WEEKS, (2,)), date(2026, 6, 1), date(2026, 6, 16)),
            (Rhythm(2, WEEKS, (2,)), date(2026, 6, 5), date(2026, 6, 16)),
            # Mondays and Thursdays: Tuesday counts for Monday, Wednesday for Thursday.
            (Rhythm(1, WEEKS, (1, 4)), date(2026, 6, 2), date(2026, 6, 4)),
            (Rhythm(1, WEEKS, (1, 4)), date(2026, 6, 3), date(2026, 6, 8)),
            # Mondays and Wednesdays: Tuesday lies between them and counts for the later one.
            (Rhythm(1, WEEKS, (1, 3)), date(2026, 6, 2), date(2026, 6, 8)),
            # The second of June counts for the end of May, the 25th for the end of June.
            (LAST, date(2026, 6, 2), date(2026, 6, 30)),
            (LAST, date(2026, 6, 25), date(2026, 7, 31)),
            # The 14th lies half way between 29 May and 30 June and counts for the later one.
            (LAST, date(2026, 6, 14), date(2026, 7, 31)),
            (FIRST, date(2026, 6, 25), date(2026, 8, 3)),
        ],
    )
    def test_counts_from_the_contact(
        self, rhythm: Rhythm, last_contact: date, expected: date
    ) -> None:
        assert elastic_next(rhythm, last_contact, spain()) == expected

    @given(rhythms(), ORIGINS, calendars())
    def test_is_after_the_contact(
        self, rhythm: Rhythm, last_contact: date, calendar: WorkingCalendar
    ) -> None:
        assert elastic_next(rhythm, last_contact, calendar) > last_contact


class TestOrigin:
    start = date(2026, 3, 4)

    @pytest.mark.parametrize(
        ("rhythm", "period"),
        [(Rhythm(10, DAYS), 10), (Rhythm(2, WEEKS, (2,)), 14), (Rhythm(1, MONTHS), 31)],
    )
    def test_spreads_accounts_evenly_over_the_period(self, rhythm: Rhythm, period: int) -> None:
        keys = [uuid.UUID(int=number) for number in range(3000)]
        spread = Counter((origin_for(self.start, key, rhythm) - self.start).days for key in keys)
        assert set(spread) == set(range(period))
        expected = len(keys) / period
        chi_square = sum((count - expected) ** 2 / expected for count in spread.values())
        assert chi_square < 2 * period + 20

    def test_is_the_same_in_every_process_and_year(self) -> None:
        key = uuid.UUID("018f3a54-0000-7000-8000-000000000001")
        assert origin_for(self.start, key, Rhythm(4, WEEKS)) == date(2026, 3, 16)
        assert origin_for(self.start, str(key), Rhythm(4, WEEKS)) == date(2026, 3, 16)


class TestWrongRhythm:
    @pytest.mark.parametrize(
        ("every", "unit", "weekdays", "working_day"),
        [
            (0, DAYS, (), None),
            (-1, WEEKS, (), None),
            (3651, DAYS, (), None),
            (121, MONTHS, (), None),
            (1, WEEKS, (0,), None),
            (1, WEEKS, (8,), None),
            (1, WEEKS, (2, 1), None),
            (1, WEEKS, (1, 1), None),
            (1, WEEKS, (), WorkingDayOfMonth.LAST),
            (1, MONTHS, (1,), WorkingDayOfMonth.LAST),
        ],
    )
    def test_is_refused(
        self,
        every: int,
        unit: RhythmUnit,
        weekdays: tuple[int, ...],
        working_day: WorkingDayOfMonth | None,
    ) -> None:
        with pytest.raises(ValueError, match=r"period|weekdays"):
            Rhythm(every, unit, weekdays, working_day)


class TestPhase:
    @given(
        rhythm=rhythms(),
        origin=st.dates(date(2018, 1, 1), date(2022, 12, 31)),
        periods=st.integers(1, 40),
        day=st.dates(date(2023, 1, 1), date(2025, 12, 31)),
    )
    def test_origins_of_one_phase_give_the_same_dates(
        self, rhythm: Rhythm, origin: date, periods: int, day: date
    ) -> None:
        # An earlier origin, whole periods away: the last day of a month stays what it was.
        if rhythm.unit is MONTHS:
            other = add_months(origin, -rhythm.every * min(periods, 24))
        else:
            other = origin - timedelta(days=rhythm.days * periods)
        assume(phase(rhythm, origin) == phase(rhythm, other))
        weeks = (WorkingWeek(date(2010, 1, 1), MONDAY_TO_FRIDAY),)
        wide = WorkingCalendar(weeks, date(2010, 1, 1), date(2045, 12, 31))
        assert first_on_or_after(rhythm, origin, day, wide) == first_on_or_after(
            rhythm, other, day, wide
        )

    def test_tells_the_31st_from_the_30th(self) -> None:
        monthly = Rhythm(1, MONTHS)
        assert phase(monthly, date(2026, 1, 31)) != phase(monthly, date(2026, 4, 30))
