"""How a run goes, by its tasks and the working days of its market."""

from __future__ import annotations

import datetime as dt

import pytest

from engagement.progress import STUCK_AFTER, Pace, Standing, TaskDay, next_of, pace_of
from tests.conftest import day
from tests.unit.calendar_samples import SUNDAY_TO_THURSDAY, calendar_of, plain

START = day("2026-03-02")  # a Monday
TODAY = day("2026-03-16")


def to_do(due: str) -> TaskDay:
    return TaskDay(Standing.TO_DO, day(due))


def waiting(due: str) -> TaskDay:
    return TaskDay(Standing.WAITING, day(due))


def closed(on: str) -> TaskDay:
    return TaskDay(Standing.SETTLED, day("2026-03-03"), day(on))


def pace(*tasks: TaskDay, today: dt.date = TODAY) -> Pace:
    return pace_of(tasks, start=START, today=today, calendar=plain())


class TestPace:
    def test_is_on_track_while_nothing_is_overdue(self) -> None:
        assert pace(to_do("2026-03-16"), waiting("2026-03-03")) is Pace.ON_TRACK

    def test_is_behind_while_something_is_overdue(self) -> None:
        assert pace(to_do("2026-03-13"), closed("2026-03-12")) is Pace.BEHIND

    @pytest.mark.parametrize(
        ("last_closed", "expected"), [("2026-03-03", Pace.BEHIND), ("2026-03-02", Pace.STUCK)]
    )
    def test_is_stuck_when_nothing_was_closed_for_ten_working_days(
        self, last_closed: str, expected: Pace
    ) -> None:
        assert pace(to_do("2026-03-13"), closed(last_closed)) is expected

    def test_is_not_stuck_while_nothing_is_overdue(self) -> None:
        assert pace(to_do("2026-12-01"), today=day("2026-11-02")) is Pace.ON_TRACK

    def test_counts_from_the_start_when_nothing_was_closed(self) -> None:
        assert pace(to_do("2026-03-03"), today=day("2026-03-13")) is Pace.BEHIND
        assert pace(to_do("2026-03-03")) is Pace.STUCK

    def test_counts_the_working_days_of_the_market(self) -> None:
        gulf = calendar_of(SUNDAY_TO_THURSDAY)
        tasks = [to_do("2026-03-03")]
        paces = [
            pace_of(tasks, start=START, today=day(today), calendar=gulf)
            for today in ("2026-03-15", "2026-03-16")
        ]
        assert (paces, STUCK_AFTER) == ([Pace.BEHIND, Pace.STUCK], 10)

    def test_is_stuck_when_all_that_is_left_waits(self) -> None:
        assert pace(closed("2026-03-13"), waiting("2026-04-01")) is Pace.STUCK

    def test_of_a_start_before_the_known_holidays_is_known(self) -> None:
        long_ago = day("2001-01-01")
        found = pace_of([to_do("2026-03-13")], start=long_ago, today=TODAY, calendar=plain())
        assert found is Pace.STUCK

    def test_of_a_run_with_nothing_left_is_on_track(self) -> None:
        assert pace(closed("2026-03-13")) is Pace.ON_TRACK


class TestWhatComesNext:
    def test_is_what_is_due_first(self) -> None:
        assert next_of([closed("2026-03-03"), to_do("2026-03-20"), to_do("2026-03-18")]) == 2

    def test_is_what_can_be_done_before_what_waits(self) -> None:
        assert next_of([waiting("2026-03-03"), to_do("2026-03-20")]) == 1
        assert next_of([closed("2026-03-03"), waiting("2026-03-20")]) == 1

    def test_is_nothing_when_all_is_closed(self) -> None:
        assert next_of([closed("2026-03-03")]) is None
