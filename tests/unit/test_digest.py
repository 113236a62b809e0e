"""When a morning has come, and what of her work a member is told."""

import datetime as dt

import pytest

from engagement.digest import Morning, Part, latest_today, part_of, works_on
from regions.calendars import WorkingCalendar, WorkingWeek
from regions.hours import load_zone
from regions.shared_days import Availability, Leave

HALF_PAST_SEVEN = dt.time(7, 30)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(
    zone: str, now: str, *, told: str | None = None, time: dt.time = HALF_PAST_SEVEN
) -> str | None:
    last = dt.date.fromisoformat(told) if told else None
    day = Morning(load_zone(zone), time, last).due_on(at(now))
    return day.isoformat() if day else None


class TestMorning:
    @pytest.mark.parametrize(
        ("zone", "now", "expected"),
        [
            ("Europe/Paris", "2026-05-14T05:29", None),
            ("Europe/Paris", "2026-05-14T05:30", "2026-05-14"),
            ("Asia/Tokyo", "2026-05-13T22:30", "2026-05-14"),
            ("America/Los_Angeles", "2026-05-14T14:29", None),
            ("America/Los_Angeles", "2026-05-14T14:30", "2026-05-14"),
            ("Asia/Kathmandu", "2026-05-14T01:45", "2026-05-14"),
            ("Europe/Paris", "2028-02-29T06:30", "2028-02-29"),
        ],
    )
    def test_comes_on_her_own_clock(self, zone: str, now: str, expected: str | None) -> None:
        assert due(zone, now) == expected

    def test_is_told_once(self) -> None:
        assert due("Europe/Paris", "2026-05-14T09:00", told="2026-05-14") is None
        assert due("Europe/Paris", "2026-05-15T05:30", told="2026-05-14") == "2026-05-15"

    def test_that_passed_while_nobody_looked_is_not_told(self) -> None:
        assert due("Europe/Paris", "2026-05-14T20:00", told="2026-05-09") == "2026-05-14"
        assert due("Europe/Paris", "2026-05-15T04:00", told="2026-05-13") is None

    def test_of_a_day_that_she_was_told_of_further_east_does_not_come_again(self) -> None:
        assert due("America/Los_Angeles", "2026-05-14T20:00", told="2026-05-15") is None

    def test_at_a_time_that_the_clocks_skip(self) -> None:
        """In Paris 02:30 does not exist on 29 March: it is read as 03:30."""
        early = dt.time(2, 30)
        assert due("Europe/Paris", "2026-03-29T01:29", time=early) is None
        assert due("Europe/Paris", "2026-03-29T01:30", time=early) == "2026-03-29"

    def test_at_a_time_that_comes_twice_is_the_first(self) -> None:
        early = dt.time(2, 30)
        assert due("Europe/Paris", "2026-10-25T00:30", time=early) == "2026-10-25"
        assert due("Europe/Paris", "2026-10-25T01:30", told="2026-10-25", time=early) is None

    def test_at_a_midnight_that_does_not_exist(self) -> None:
        """In Beirut the clocks went from 24:00 to 01:00."""
        midnight = dt.time(0, 0)
        assert due("Asia/Beirut", "2026-03-28T21:59", told="2026-03-28", time=midnight) is None
        assert due("Asia/Beirut", "2026-03-28T22:00", time=midnight) == "2026-03-29"


class TestWorking:
    CALENDAR = WorkingCalendar(
        weeks=(WorkingWeek(dt.date(2013, 6, 29), frozenset({7, 1, 2, 3, 4})),),
        first_day=dt.date(2026, 1, 1),
        last_day=dt.date(2026, 12, 31),
    )

    @pytest.mark.parametrize(
        ("day", "works"),
        [("2026-05-14", True), ("2026-05-15", False), ("2026-05-16", False), ("2026-05-17", True)],
    )
    def test_rests_on_friday_and_saturday_where_that_is_so(self, day: str, works: bool) -> None:
        assert works_on(dt.date.fromisoformat(day), Availability(self.CALENDAR)) is works

    def test_leaves_out_leave(self) -> None:
        away = Leave(dt.date(2026, 5, 11), dt.date(2026, 5, 14))
        assert not works_on(away.end, Availability(self.CALENDAR, (away,)))

    def test_is_assumed_where_nobody_knows(self) -> None:
        assert works_on(dt.date(2027, 5, 14), Availability(self.CALENDAR))
        assert works_on(dt.date(2026, 5, 15), None)


class TestParts:
    TODAY = dt.date(2026, 5, 14)

    @pytest.mark.parametrize(
        ("days", "moved", "part"),
        [
            (-1, False, Part.OVERDUE),
            (-1, True, Part.OVERDUE),
            (0, True, Part.TODAY),
            (1, True, Part.MOVED),
            (1, False, None),
        ],
    )
    def test_tell_a_task_once(self, days: int, moved: bool, part: Part | None) -> None:
        due_date = self.TODAY + dt.timedelta(days=days)
        assert part_of(due_date, today=self.TODAY, has_moved=moved) is part

    def test_reach_as_far_as_any_clock(self) -> None:
        assert latest_today(at("2026-05-14T10:00")) == dt.date(2026, 5, 15)
        assert latest_today(at("2026-05-14T09:59")) == dt.date(2026, 5, 14)
