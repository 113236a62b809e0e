"""On which day each step of an edition falls due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from playbooks.changes import StepDocument
from playbooks.schedule import Anchor, ScheduledStep, is_contact, root_anchor, schedule
from regions.calendars import CalendarRangeError, Holiday, WorkingCalendar, WorkingWeek
from regions.offsets import MoveReason, QuietPeriod, QuietPolicy
from tests.conftest import day
from tests.unit.playbook_samples import step

LONG_AGO = day("2020-01-01")


def calendar(*weekdays: int, holidays: Sequence[str] = ()) -> WorkingCalendar:
    """Return the years 2023 to 2028; Monday to Friday unless told otherwise."""
    return WorkingCalendar(
        weeks=(WorkingWeek(day("2023-01-01"), frozenset(weekdays or (1, 2, 3, 4, 5))),),
        first_day=day("2023-01-01"),
        last_day=day("2028-12-31"),
        holidays=tuple(Holiday(day(each), (("en", "A holiday"),)) for each in holidays),
    )


def planned(*steps: StepDocument, start: str = "2026-03-02", **values: Any) -> list[ScheduledStep]:
    """Plan steps from a start, a Monday unless told otherwise."""
    defaults: dict[str, Any] = {
        "anchors": {Anchor.RUN_START: day(start)},
        "calendar": calendar(),
        "today": LONG_AGO,
    }
    return list(schedule(steps, **defaults | values))


def days(*steps: StepDocument, **values: Any) -> list[str]:
    return [str(each.date) for each in planned(*steps, **values)]


class TestADistance:
    @pytest.mark.parametrize(
        ("offset", "unit", "expected"),
        [
            (0, "business_days", "2026-03-02"),
            (5, "business_days", "2026-03-09"),
            (-1, "business_days", "2026-02-27"),
            (5, "days", "2026-03-09"),
            (-2, "days", "2026-02-27"),
            (2, "weeks", "2026-03-16"),
            (1, "months", "2026-04-02"),
        ],
    )
    def test_is_counted_in_its_unit(self, offset: int, unit: str, expected: str) -> None:
        assert days(step(offset=offset, unit=unit)) == [expected]

    @pytest.mark.parametrize(
        ("start", "months", "expected"),
        [
            ("2026-01-31", 1, "2026-03-02"),  # Saturday, 28 February
            ("2026-01-31", 3, "2026-04-30"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2026-05-31", -3, "2026-02-27"),  # Saturday, 28 February
        ],
    )
    def test_in_months_keeps_the_day_or_takes_the_last(
        self, start: str, months: int, expected: str
    ) -> None:
        assert days(step(offset=months, unit="months"), start=start) == [expected]

    @pytest.mark.parametrize(
        ("roll", "expected"),
        [
            ("", "2026-06-01"),
            ("following", "2026-06-01"),
            ("preceding", "2026-05-29"),
            ("modified_following", "2026-05-29"),
            ("none", "2026-05-31"),
        ],
    )
    def test_that_ends_on_a_day_off_rolls_as_the_step_says(self, roll: str, expected: str) -> None:
        assert days(step(offset=90, unit="days", roll=roll)) == [expected]

    def test_is_counted_in_the_working_days_of_the_market(self) -> None:
        gulf = calendar(7, 1, 2, 3, 4)  # Sunday to Thursday
        steps = (step("a", offset=3), step("b", offset=4, unit="days"))
        assert days(*steps, calendar=gulf) == ["2026-03-05", "2026-03-08"]
        assert days(step(offset=-1), calendar=gulf) == ["2026-03-01"]

    def test_jumps_over_holidays_and_says_so(self) -> None:
        (found,) = planned(
            step(offset=1, unit="days"), calendar=calendar(holidays=["2026-03-03", "2026-03-04"])
        )
        assert found.date == day("2026-03-05")
        assert [move.reason for move in found.moves] == [MoveReason.HOLIDAY]

    def test_beyond_the_known_holidays_is_refused(self) -> None:
        with pytest.raises(CalendarRangeError):
            planned(step(offset=40, unit="months"))


class TestTheEndOfAnotherStep:
    def test_is_counted_from_its_day_whatever_the_order(self) -> None:
        later = step("training", anchor="step_end", anchor_step="kickoff", offset=3)
        assert days(later, step("kickoff", offset=4)) == ["2026-03-11", "2026-03-06"]

    def test_is_counted_from_the_day_to_which_it_was_moved(self) -> None:
        later = step("training", anchor="step_end", anchor_step="kickoff", offset=1)
        moved = calendar(holidays=["2026-03-06"])
        first = step("kickoff", offset=4, unit="days")
        assert days(first, later, calendar=moved) == ["2026-03-09", "2026-03-10"]

    def test_in_a_ring_is_known_to_nobody(self) -> None:
        ring = (
            step("a", anchor="step_end", anchor_step="c"),
            step("b", anchor="step_end", anchor_step="a"),
            step("c", anchor="step_end", anchor_step="b"),
        )
        found = planned(*ring, step("d"))
        assert [each.date for each in found[:3]] == [None] * 3
        assert found[0].missing == "c"
        assert found[3].date == day("2026-03-04")
        assert root_anchor("a", {each.key: each for each in ring}) is None

    def test_that_is_skipped_leaves_the_next_without_a_day(self) -> None:
        quiet = QuietPeriod(day("2026-03-04"), day("2026-03-06"), "Fair", QuietPolicy.SKIP)
        later = step("training", anchor="step_end", anchor_step="kickoff")
        first, second = planned(step("kickoff"), later, quiet=[quiet])
        assert (first.date, first.moves[-1].reason) == (None, MoveReason.QUIET_PERIOD)
        assert (second.date, second.missing) == (None, "kickoff")


class TestAnEvent:
    def test_that_has_no_date_yet_is_named(self) -> None:
        (found,) = planned(step(anchor="renewal", offset=-90, unit="days"))
        assert (found.date, found.missing) == (None, "renewal")

    def test_of_its_own_counts_for_each_step(self) -> None:
        anchors = {Anchor.RUN_START: day("2026-03-02"), Anchor.RENEWAL: day("2026-12-31")}
        steps = (step("a"), step("b", anchor="renewal", offset=-30, unit="days"))
        assert days(*steps, anchors=anchors) == ["2026-03-04", "2026-12-01"]


class TestAQuietPeriod:
    QUIET = (QuietPeriod(day("2026-03-03"), day("2026-03-12"), "Holy days", QuietPolicy.AFTER),)

    def test_moves_a_contact(self) -> None:
        assert days(step(), quiet=self.QUIET) == ["2026-03-13"]

    @pytest.mark.parametrize("kind", ["internal", "training"])
    def test_moves_only_what_reaches_the_customer(self, kind: str) -> None:
        given = step(kind=kind)
        moved = str(planned(given, quiet=self.QUIET)[0].date) != "2026-03-04"
        assert moved is is_contact(given)


class TestADayThatIsPast:
    def test_stays_past(self) -> None:
        assert days(step(), today=day("2026-03-20")) == ["2026-03-04"]

    def test_is_not_made_by_a_roll(self) -> None:
        rolled = step(offset=5, unit="days", roll="preceding")
        assert days(rolled, today=dt.date(2026, 3, 7)) == ["2026-03-09"]
