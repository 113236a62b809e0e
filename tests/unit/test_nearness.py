"""Which open check-in a meeting stands for."""

import datetime as dt
from uuid import UUID

import pytest

from engagement.nearness import OpenCheckIn, counts_as, reach_days
from engagement.rhythm import Rhythm, RhythmUnit
from tests.conftest import day
from toolkit.uuid7 import uuid7

MONTHLY = Rhythm(1, RhythmUnit.MONTHS)
FORTNIGHTLY = Rhythm(2, RhythmUnit.WEEKS)


def check_in(nominal: str, due: str = "") -> OpenCheckIn:
    return OpenCheckIn(uuid7(), day(nominal), day(due or nominal))


def found(held_on: str, *check_ins: OpenCheckIn, last: str = "", tolerance: int = 3) -> UUID | None:
    last_contact = day(last) if last else None
    return counts_as(
        day(held_on),
        check_ins,
        rhythm=FORTNIGHTLY,
        tolerance=tolerance,
        last_contact=last_contact,
    )


@pytest.mark.parametrize(
    ("rhythm", "tolerance", "days"),
    [
        (MONTHLY, 3, 15),
        (FORTNIGHTLY, 3, 7),
        (Rhythm(1, RhythmUnit.WEEKS), 5, 5),
        (Rhythm(1, RhythmUnit.WEEKS, (1, 4)), 0, 1),
        (Rhythm(1, RhythmUnit.DAYS), 0, 0),
        (Rhythm(10, RhythmUnit.DAYS, (7,)), 0, 5),
    ],
)
def test_the_reach_is_half_a_rhythm_or_the_tolerance(
    rhythm: Rhythm, tolerance: int, days: int
) -> None:
    assert reach_days(rhythm, tolerance) == days


def test_a_meeting_up_to_half_a_rhythm_early_counts() -> None:
    one = check_in("2026-12-08")
    assert found("2026-12-01", one) == one.key
    assert found("2026-11-30", one) is None


def test_the_reach_is_counted_over_29_february() -> None:
    one = check_in("2028-03-06")
    assert found("2028-02-28", one) == one.key
    assert found("2028-02-27", one) is None


def test_a_meeting_on_a_day_off_before_a_check_in_that_was_moved_counts() -> None:
    """Friday in a market that rests on Friday and Saturday: due on Sunday."""
    one = check_in("2026-11-27", "2026-11-29")
    assert found("2026-11-20", one) == one.key
    assert found("2026-11-19", one) is None


def test_a_late_meeting_counts_however_late() -> None:
    one = check_in("2026-09-01")
    assert found("2026-11-28", one) == one.key


def test_a_meeting_before_or_on_the_day_of_the_last_contact_counts_as_none() -> None:
    one = check_in("2026-12-01")
    assert found("2026-11-28", one, last="2026-11-28") is None
    assert found("2026-11-28", one, last="2026-11-27") == one.key


def test_the_nearest_counts_and_of_two_the_earlier() -> None:
    early, late = check_in("2026-11-20"), check_in("2026-11-30")
    assert found("2026-11-27", early, late) == late.key
    assert found("2026-11-25", late, early) == early.key
    assert found("2026-11-25") is None


def test_days_are_compared_and_not_instants() -> None:
    one = check_in("2026-03-29")  # the clocks change in Europe
    assert found("2026-03-22", one) == one.key
    assert dt.date(2026, 3, 29) - dt.date(2026, 3, 22) == dt.timedelta(days=7)
