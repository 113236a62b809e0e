from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import CalendarRangeError, ExtraWorkingDay
from regions.hours import (
    STANDARD_INTERVALS,
    BusinessHours,
    Interval,
    Season,
    UnknownZone,
    due_at,
    instant,
    load_zone,
    minutes_left,
)
from tests.unit.calendar_samples import MONDAY_TO_FRIDAY, calendar_of, plain, saudi_arabia

MADRID = ZoneInfo("Europe/Madrid")
CAIRO = ZoneInfo("Africa/Cairo")
RIYADH = ZoneInfo("Asia/Riyadh")

WITH_LUNCH = (Interval(9 * 60, 13 * 60), Interval(14 * 60, 18 * 60))
SPANISH = BusinessHours({weekday: WITH_LUNCH for weekday in range(1, 6)})
EMIRATI = BusinessHours(
    {weekday: (Interval(480, 1020),) for weekday in range(1, 5)} | {5: (Interval(480, 720),)}
)


def until(closes: int) -> BusinessHours:
    return BusinessHours({weekday: (Interval(0, closes),) for weekday in range(1, 8)})


class TestInstant:
    @pytest.mark.parametrize(
        ("zone", "day", "minute", "expected"),
        [
            # Madrid: 02:00 to 03:00 does not exist on 29 March and happens twice on 25 October.
            (MADRID, date(2026, 3, 29), 119, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
            (MADRID, date(2026, 3, 29), 150, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
            (MADRID, date(2026, 3, 29), 180, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
            (MADRID, date(2026, 10, 25), 150, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            (MADRID, date(2026, 10, 25), 180, datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
            # Cairo: the clocks skip from 24:00 on the 23rd to 01:00 on the 24th.
            (CAIRO, date(2026, 4, 23), 1440, datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
            (CAIRO, date(2026, 4, 24), 0, datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
            (CAIRO, date(2026, 4, 24), 30, datetime(2026, 4, 23, 22, 30, tzinfo=UTC)),
            (CAIRO, date(2026, 4, 24), 60, datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
            # Cairo: 23:00 to 24:00 happens twice on 29 October.
            (CAIRO, date(2026, 10, 29), 1410, datetime(2026, 10, 29, 20, 30, tzinfo=UTC)),
            (CAIRO, date(2026, 10, 29), 1440, datetime(2026, 10, 29, 22, 0, tzinfo=UTC)),
        ],
    )
    def test_reads_gaps_before_and_overlaps_first(
        self, zone: ZoneInfo, day: date, minute: int, expected: datetime
    ) -> None:
        assert instant(day, minute, zone) == expected
        assert instant(day, minute, zone).tzinfo is UTC

    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 1440))
    def test_comes_back_as_the_same_local_time_outside_gaps(self, day: date, minute: int) -> None:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
        local = instant(day, minute, MADRID).astimezone(MADRID).replace(tzinfo=None)
        gap = datetime(2026, 3, 29, 2) <= wall < datetime(2026, 3, 29, 3)  # noqa: DTZ001
        assert local == (wall + timedelta(hours=1) if gap else wall)


class TestDueAt:
    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2026, 3, 27), datetime(2026, 3, 27, 17, 0, tzinfo=UTC)),
            (date(2026, 3, 30), datetime(2026, 3, 30, 16, 0, tzinfo=UTC)),
        ],
    )
    def test_is_the_end_of_the_last_interval_on_either_side_of_a_clock_change(
        self, day: date, expected: datetime
    ) -> None:
        assert due_at(day, SPANISH, MADRID) == expected

    def test_midnight_that_the_clocks_skip_is_read_before_the_gap(self) -> None:
        expected = datetime(2026, 4, 23, 22, 0, tzinfo=UTC)
        assert due_at(date(2026, 4, 23), until(1440), CAIRO) == expected

    def test_twenty_four_is_the_next_midnight(self) -> None:
        expected = datetime(2026, 5, 6, 21, 0, tzinfo=UTC)
        assert due_at(date(2026, 5, 6), until(1440), RIYADH) == expected

    def test_a_season_replaces_the_week(self) -> None:
        ramadan = Season(
            date(2026, 2, 18),
            date(2026, 3, 18),
            {weekday: (Interval(600, 960),) for weekday in (7, 1, 2, 3, 4)},
        )
        weekly = {weekday: (Interval(480, 1020),) for weekday in (7, 1, 2, 3, 4)}
        hours = BusinessHours(weekly, (ramadan,))
        closing = [
            due_at(date(2026, month, day), hours, RIYADH).hour
            for month, day in ((2, 17), (2, 18), (3, 18), (3, 25))
        ]
        assert closing == [14, 13, 13, 14]

    @pytest.mark.parametrize(("day", "closes"), [(date(2026, 5, 8), 720), (date(2026, 5, 9), 720)])
    def test_an_extra_working_day_has_the_hours_of_the_weekday_before(
        self, day: date, closes: int
    ) -> None:
        assert EMIRATI.on(day)[-1].closes == closes

    def test_a_week_without_hours_has_the_standard_ones(self) -> None:
        assert BusinessHours({}).on(date(2026, 5, 8)) == STANDARD_INTERVALS
        assert BusinessHours({1: ()}).on(date(2026, 5, 8)) == STANDARD_INTERVALS


class TestMinutesLeft:
    @pytest.mark.parametrize(
        ("hour", "minute", "expected"),
        [
            (5, 0, 480),
            (7, 0, 480),
            (9, 30, 330),
            (11, 30, 240),
            (15, 59, 1),
            (16, 0, 0),
            (21, 0, 0),
        ],
    )
    def test_leaves_breaks_and_the_past_out(self, hour: int, minute: int, expected: int) -> None:
        now = datetime(2026, 5, 5, hour, minute, tzinfo=UTC)  # two hours later in Madrid
        assert minutes_left(now, SPANISH, plain(), MADRID) == expected

    def test_counts_the_hour_that_the_clocks_skip_out(self) -> None:
        sunday = calendar_of(
            MONDAY_TO_FRIDAY, extra_days=(ExtraWorkingDay(date(2026, 3, 29), "x"),)
        )
        midnight = instant(date(2026, 3, 29), 0, MADRID)
        assert minutes_left(midnight, until(600), sunday, MADRID) == 540

    def test_the_local_day_decides(self) -> None:
        hours = until(1440)
        friday_in_riyadh = datetime(2026, 5, 7, 21, 0, tzinfo=UTC)
        assert minutes_left(friday_in_riyadh, hours, saudi_arabia(), RIYADH) == 0
        a_minute_before = friday_in_riyadh - timedelta(minutes=1)
        assert minutes_left(a_minute_before, hours, saudi_arabia(), RIYADH) == 1

    def test_any_zone_will_do_but_not_none(self) -> None:
        now = datetime(2026, 5, 5, 11, 30, tzinfo=MADRID)
        assert minutes_left(now, SPANISH, plain(), MADRID) == 330
        with pytest.raises(ValueError, match="zone"):
            minutes_left(now.replace(tzinfo=None), SPANISH, plain(), MADRID)

    def test_a_day_beyond_the_calendar_is_an_error(self) -> None:
        with pytest.raises(CalendarRangeError):
            minutes_left(datetime(2040, 5, 5, tzinfo=UTC), SPANISH, plain(), MADRID)


class TestLoadZone:
    @pytest.mark.parametrize("name", ["Asia/Riyadh", "Africa/Cairo", "UTC", "America/New_York"])
    def test_knows_the_names_of_the_database(self, name: str) -> None:
        assert load_zone(name).key == name

    @pytest.mark.parametrize(
        "name",
        [
            "",
            ".",
            "..",
            "Factory",
            "localtime",
            "posixrules",
            "Europe",
            "europe/madrid",
            "Europe/Atlantis",
            "/etc/localtime",
            "../zoneinfo/UTC",
            "tzdata.zi",
            "UTC\0",
            "\ud800",
            "a" * 5000,
        ],
    )
    def test_refuses_everything_else(self, name: str) -> None:
        with pytest.raises(UnknownZone):
            load_zone(name)


class TestWrongHours:
    @pytest.mark.parametrize(("opens", "closes"), [(-1, 5), (5, 5), (6, 5), (0, 1441)])
    def test_an_interval_lies_within_a_day(self, opens: int, closes: int) -> None:
        with pytest.raises(ValueError, match="not a stretch"):
            Interval(opens, closes)

    @pytest.mark.parametrize(
        "weekly",
        [
            {0: (Interval(0, 1),)},
            {8: ()},
            {1: (Interval(0, 10), Interval(5, 15))},
            {1: (Interval(10, 15), Interval(0, 5))},
        ],
    )
    def test_a_week_has_iso_weekdays_and_ascending_intervals(
        self, weekly: dict[int, tuple[Interval, ...]]
    ) -> None:
        with pytest.raises(ValueError, match="weekday"):
            BusinessHours(weekly)
        with pytest.raises(ValueError, match="weekday"):
            Season(date(2026, 1, 1), date(2026, 1, 2), weekly)

    def test_a_season_cannot_end_before_it_starts(self) -> None:
        with pytest.raises(ValueError, match="ends before"):
            Season(date(2026, 1, 2), date(2026, 1, 1), {})
