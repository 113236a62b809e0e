"""The order in which work waits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engagement.priority import BY_DAY, BY_WEIGHT, Facts, rank_of
from tests.conftest import day

FACTS = Facts(due_date=day("2026-11-24"), tier="tier_2", currency="EUR", arr=Decimal(1000))
LATER = day("2026-11-25")


def before(first: Facts, second: Facts) -> bool:
    """Return whether ``first`` comes before ``second`` in the list of one person."""
    return rank_of(first) < rank_of(second)


class TestTheOrder:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            # A promise beats a goal beats the day beats risk beats tier beats revenue.
            (replace(FACTS, is_promise=True, due_date=LATER), replace(FACTS, is_required=True)),
            (replace(FACTS, is_required=True, due_date=LATER), FACTS),
            (FACTS, replace(FACTS, due_date=LATER, needs_stand_in=True)),
            (replace(FACTS, needs_stand_in=True), replace(FACTS, tier="tier_1")),
            (replace(FACTS, is_behind=True), FACTS),
            (replace(FACTS, motion="risk"), replace(FACTS, motion="renewal")),
            (replace(FACTS, tier="tier_1"), replace(FACTS, arr=Decimal(9999))),
            (replace(FACTS, arr=Decimal(1001)), FACTS),
            (FACTS, replace(FACTS, arr=None)),
        ],
    )
    def test_compares_one_thing_after_the_other(self, first: Facts, second: Facts) -> None:
        assert before(first, second)
        assert not before(second, first)

    def test_never_compares_the_revenue_of_two_currencies(self) -> None:
        yen = replace(FACTS, currency="JPY", arr=Decimal(100_000_000))
        poorer = replace(FACTS, arr=Decimal(1))
        # All of a currency stay together, however much the others are.
        ordered = sorted([yen, poorer, FACTS], key=rank_of)
        assert ordered == [FACTS, poorer, yen]

    def test_puts_the_day_first_over_a_whole_organization(self) -> None:
        goal = replace(FACTS, is_required=True, due_date=LATER)
        assert rank_of(FACTS, BY_DAY) < rank_of(goal, BY_DAY)
        assert rank_of(goal, BY_WEIGHT) < rank_of(FACTS, BY_WEIGHT)
