"""Keeping to a contact budget when days are planned."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from engagement.contact_budget import Allowance, Contact, Kept, Later, has_room, keep
from regions.offsets import MoveReason
from tests.conftest import day

MONDAY = day("2026-05-18")
ONCE_A_WEEK = Allowance(1, 7)


def days_from(start: dt.date, count: int) -> list[dt.date]:
    return [start + dt.timedelta(days=number) for number in range(count)]


def contact(start: dt.date = MONDAY, *, days: int = 20, tolerance: int = 3) -> Contact:
    later = Later(days_from(start, days)[1:], start + dt.timedelta(days=tolerance))
    return Contact(start, lambda: later)


def most_in_a_window(days: list[dt.date], allowance: Allowance) -> int:
    reach = dt.timedelta(days=allowance.days - 1)
    return max((sum(day <= each <= day + reach for each in days) for day in days), default=0)


class TestHasRoom:
    def test_counts_any_so_many_days_in_a_row(self) -> None:
        taken = [MONDAY]
        assert not has_room(MONDAY + dt.timedelta(days=6), taken, ONCE_A_WEEK)
        assert has_room(MONDAY + dt.timedelta(days=7), taken, ONCE_A_WEEK)

    def test_looks_both_ways(self) -> None:
        taken = [MONDAY]
        assert not has_room(MONDAY - dt.timedelta(days=6), taken, ONCE_A_WEEK)
        assert has_room(MONDAY - dt.timedelta(days=7), taken, ONCE_A_WEEK)

    def test_a_window_may_begin_before_and_end_after(self) -> None:
        taken = [MONDAY - dt.timedelta(days=3), MONDAY + dt.timedelta(days=3)]
        assert not has_room(MONDAY, taken, Allowance(2, 7))
        assert has_room(MONDAY, taken, Allowance(2, 6))

    def test_what_is_full_elsewhere_does_not_count(self) -> None:
        taken = [MONDAY, MONDAY, MONDAY]
        assert has_room(MONDAY + dt.timedelta(days=7), taken, ONCE_A_WEEK)

    def test_counts_the_last_day_of_february(self) -> None:
        assert has_room(day("2028-03-01"), [day("2028-02-28")], Allowance(1, 2))
        assert not has_room(day("2028-02-29"), [day("2028-02-28")], Allowance(1, 2))


class TestKeep:
    def test_what_has_room_stays(self) -> None:
        assert keep([contact()], [], ONCE_A_WEEK) == [Kept(MONDAY)]

    def test_the_first_day_with_room_says_why(self) -> None:
        [found] = keep([contact()], [MONDAY - dt.timedelta(days=5)], ONCE_A_WEEK)
        assert found.day == MONDAY + dt.timedelta(days=2)
        assert found.move is not None
        assert found.move.reason is MoveReason.BUDGET
        assert found.move.numbers == (1, 7)

    def test_beyond_the_tolerance_it_says_so(self) -> None:
        [found] = keep([contact()], [MONDAY - dt.timedelta(days=1)], ONCE_A_WEEK)
        assert found.move is not None
        assert (found.day, found.move.reason) == (
            MONDAY + dt.timedelta(days=6),
            MoveReason.BUDGET_FAR,
        )

    def test_without_any_room_it_stays_and_says_so(self) -> None:
        [found] = keep([contact(days=3)], [MONDAY], ONCE_A_WEEK)
        assert found.move is not None
        assert (found.day, found.move.reason) == (MONDAY, MoveReason.OVER_BUDGET)

    def test_later_days_are_only_asked_for_where_they_are_needed(self) -> None:
        def never() -> Later:
            raise AssertionError

        assert keep([Contact(MONDAY, never)], [], ONCE_A_WEEK) == [Kept(MONDAY)]

    def test_an_earlier_contact_takes_the_room_of_a_later_one(self) -> None:
        first, second = keep([contact(), contact()], [], ONCE_A_WEEK)
        assert (first.day, second.day) == (MONDAY, MONDAY + dt.timedelta(days=7))


@given(
    contacts=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 40), st.integers(0, 5)), max_size=12
    ),
    taken=st.lists(st.integers(-30, 90), max_size=12),
    most=st.integers(1, 4),
    period=st.integers(1, 30),
)
def test_no_window_holds_more_than_the_budget_unless_nothing_can_move(
    contacts: list[tuple[int, int, int]], taken: list[int], most: int, period: int
) -> None:
    allowance = Allowance(most, period)
    wanted = [
        contact(MONDAY + dt.timedelta(days=start), days=days, tolerance=tolerance)
        for start, days, tolerance in sorted(contacts)
    ]
    before = sorted(MONDAY + dt.timedelta(days=number) for number in taken)
    kept = keep(wanted, before, allowance)
    everything = list(before)
    for each, found in zip(wanted, kept, strict=True):
        days = [each.day, *each.later().days]
        assert found.day in days
        stuck = found.move is not None and found.move.reason is MoveReason.OVER_BUDGET
        assert stuck == (not any(has_room(one, sorted(everything), allowance) for one in days))
        if not stuck:
            near = [one for one in everything if abs((one - found.day).days) < period]
            windows = [
                sum(start <= one < start + dt.timedelta(days=period) for one in [*near, found.day])
                for start in days_from(found.day - dt.timedelta(days=period - 1), period)
            ]
            assert max(windows) <= most
        everything.append(found.day)
    if not before and not any(
        found.move and found.move.reason is MoveReason.OVER_BUDGET for found in kept
    ):
        assert most_in_a_window(everything, allowance) <= most
    assert keep(wanted, before, allowance) == kept
