"""How often a customer is touched, by an edition and by cadences together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.facts import EditionFacts, StepFacts
from governance.vocabulary import Motion, Severity, StepKind
from playbooks.budget import Budget, CadenceLoad, judge_budget, judge_rhythm


def touch(day: int, key: str = "", **values: Any) -> StepFacts:
    """Return a call on a day of the plain calendar."""
    defaults: dict[str, Any] = {"key": key or f"day-{day}", "kind": StepKind.CALL, "day": day}
    return StepFacts(**defaults | values)


def facts(*steps: StepFacts) -> EditionFacts:
    return EditionFacts(playbook="start", motion=Motion.ONBOARDING, steps=steps, market="FR")


def found(
    most: int, days: int, *steps: StepFacts, cadences: Any = (), tier: str = "tier_1"
) -> list[tuple[str, int]]:
    """Return where a budget is exceeded, and by how many touches in all."""
    budget = Budget(tier, most, days)
    return [(each.step, each.value) for each in judge_budget(facts(*steps), budget, cadences)]


class TestTheTouchesOfAnEdition:
    def test_within_the_budget_are_fine(self) -> None:
        assert found(2, 7, touch(0), touch(6), touch(7)) == []

    def test_beyond_it_are_told_from_the_step_on_that_begins_the_worst_days(self) -> None:
        assert found(2, 7, touch(0), touch(10), touch(12), touch(14), touch(16)) == [("day-10", 4)]

    def test_are_counted_in_any_days_in_a_row(self) -> None:
        assert found(1, 7, touch(3), touch(9)) == [("day-3", 2)]
        assert found(1, 7, touch(3), touch(10)) == []

    def test_before_the_event_count_as_well(self) -> None:
        assert found(1, 7, touch(-3, "before"), touch(3, "after")) == [("before", 2)]

    def test_of_another_event_are_counted_apart(self) -> None:
        assert found(1, 7, touch(0), touch(0, "talk", anchor="renewal")) == []

    def test_are_only_those_that_the_customer_notices(self) -> None:
        assert found(1, 7, touch(0), touch(1, kind=StepKind.INTERNAL)) == []

    def test_are_only_those_of_her_tier(self) -> None:
        steps = (touch(0), touch(1, values={"condition": {"tiers": ["tier_2"]}}))
        assert found(1, 7, *steps) == []
        assert found(1, 7, *steps, tier="tier_2") == [("day-0", 2)]

    def test_do_not_depend_on_the_order_of_steps(self) -> None:
        assert found(1, 7, touch(5), touch(0)) == [("day-0", 2)]

    def test_tell_budget_market_and_severity(self) -> None:
        budget = Budget("tier_1", 1, 7, Severity.ERROR)
        (finding,) = judge_budget(facts(touch(0), touch(1)), budget)
        assert (finding.severity, finding.market) == (Severity.ERROR, "FR")
        assert (finding.field, finding.limit) == ("tier_1", [1, 7])

    @given(st.lists(st.integers(-40, 40), max_size=12), st.integers(1, 10), st.integers(1, 30))
    def test_are_as_many_as_one_counts_by_hand(
        self, days: list[int], most: int, period: int
    ) -> None:
        steps = [touch(day, f"step-{number}") for number, day in enumerate(days)]
        worst = max(
            (sum(1 for other in days if day <= other < day + period) for day in days), default=0
        )
        expected = [worst] if worst > most else []
        assert [value for _step, value in found(most, period, *steps)] == expected


class TestCadencesBeside:
    def test_add_as_many_touches_as_may_fall_into_the_days_at_worst(self) -> None:
        weekly = CadenceLoad(1, "weeks")
        assert found(5, 28, touch(0), cadences=[weekly]) == []
        assert found(4, 28, touch(0), cadences=[weekly]) == [("day-0", 5)]

    def test_count_with_the_busiest_of_them(self) -> None:
        loads = [CadenceLoad(1, "weeks", 2), CadenceLoad(3, "months")]
        assert found(8, 28, touch(0), cadences=loads) == [("day-0", 9)]

    def test_do_not_break_the_budget_of_a_playbook_that_touches_nobody(self) -> None:
        weekly = CadenceLoad(1, "weeks")
        assert found(1, 28, touch(0, kind=StepKind.INTERNAL), cadences=[weekly]) == []

    @pytest.mark.parametrize(
        ("load", "days", "most"),
        [
            (CadenceLoad(1, "weeks"), 7, 1),
            (CadenceLoad(1, "weeks"), 8, 2),
            (CadenceLoad(2, "weeks", 3), 14, 3),
            (CadenceLoad(10, "days"), 30, 3),
            (CadenceLoad(1, "months"), 30, 1),
            (CadenceLoad(1, "months"), 31, 2),
            (CadenceLoad(1, "weeks", 0), 365, 0),
        ],
    )
    def test_fall_so_often_at_most(self, load: CadenceLoad, days: int, most: int) -> None:
        assert load.most_in(days) == most


class TestARhythm:
    def test_alone_may_exceed_the_budget(self) -> None:
        budget = Budget("tier_1", 3, 28)
        (finding,) = judge_rhythm(CadenceLoad(1, "weeks"), budget, market="FR")
        assert (finding.value, finding.limit, finding.market) == (4, [3, 28], "FR")
        assert judge_rhythm(CadenceLoad(2, "weeks"), budget) == []
