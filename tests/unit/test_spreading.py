"""Check-ins that one holiday brought together, spread over the days that follow."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from engagement.spreading import spread, was_brought_together
from tests.conftest import day

LANDING = day("2026-05-07")


def days(count: int) -> list[dt.date]:
    return [LANDING + dt.timedelta(days=number) for number in range(count)]


class TestWasBroughtTogether:
    def test_by_a_holiday_and_not_by_a_weekend(self) -> None:
        sunday = day("2026-05-03")
        assert was_brought_together(sunday, LANDING, [("rest_day", ()), ("holiday", ())])
        assert was_brought_together(sunday, LANDING, [("rest_day", [["ja", "憲法記念日"]])])
        assert was_brought_together(sunday, LANDING, [("quiet_period", ())])
        assert not was_brought_together(sunday, LANDING, [("rest_day", ())])

    def test_not_if_it_was_brought_forward(self) -> None:
        assert not was_brought_together(day("2026-05-10"), LANDING, [("quiet_period", ())])


class TestSpread:
    def test_two_of_four_days_take_the_first_two(self) -> None:
        assert spread({"a": days(4), "b": days(4)}) == {"a": LANDING, "b": days(2)[1]}

    def test_eight_on_four_days_are_two_a_day_in_order(self) -> None:
        found = spread(dict.fromkeys("abcdefgh", days(4)))
        assert [found[key] for key in "abcdefgh"] == [day for day in days(4) for _ in range(2)]

    def test_without_a_tolerance_it_stays(self) -> None:
        assert spread({"a": days(4), "b": days(1)})["b"] == LANDING

    def test_who_is_planned_already_keeps_her_place(self) -> None:
        assert spread({"b": days(4)}, beside=["a"]) == {"b": days(2)[1]}


piles = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=3), st.integers(1, 8))


@given(piles)
def test_stays_within_the_days_of_each_and_loses_nobody(pile: dict[str, int]) -> None:
    found = spread({key: days(count) for key, count in pile.items()})
    assert found.keys() == pile.keys()
    for key, each in found.items():
        assert LANDING <= each <= days(pile[key])[-1]


@given(st.integers(0, 60), st.integers(1, 8))
def test_is_even_and_in_order(people: int, count: int) -> None:
    keys = [f"{number:03}" for number in range(people)]
    found = spread(dict.fromkeys(keys, days(count)))
    assert [found[key] for key in keys] == sorted(found.values())
    assert max(Counter(found.values()).values(), default=0) <= ceil(people / count)


@given(piles, st.data())
def test_planning_some_of_them_again_changes_nothing(
    pile: dict[str, int], data: st.DataObject
) -> None:
    wanted = {key: days(count) for key, count in pile.items()}
    at_first = spread(wanted)
    again = data.draw(st.sets(st.sampled_from(sorted(pile)))) if pile else set()
    found = spread({key: wanted[key] for key in again}, beside=set(pile) - again)
    assert found == {key: at_first[key] for key in again}
