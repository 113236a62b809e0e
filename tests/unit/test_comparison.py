"""Two versions or two editions side by side."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from playbooks.changes import Level, Origin, StepDocument
from playbooks.comparison import Difference, compare
from tests.unit.playbook_samples import REASON, laid, market, region, sets, step, versions


def told(left: Any, right: Any) -> list[tuple[str, Difference, list[str]]]:
    return [
        (each.key, each.difference, [field.name for field in each.fields])
        for each in compare(left, right)
    ]


class TestTwoVersions:
    def test_are_compared_step_by_step_and_field_by_field(self) -> None:
        left = (step("kickoff", position=10), step("survey", position=20))
        right = (
            step("kickoff", position=10, offset=3, title="Call"),
            step("training", position=15),
            step("survey", position=20),
        )
        assert told(left, right) == [
            ("kickoff", Difference.CHANGED, ["title", "offset"]),
            ("training", Difference.ONLY_RIGHT, []),
            ("survey", Difference.SAME, []),
        ]

    def test_show_the_values_of_both(self) -> None:
        (found,) = compare([step(offset=2)], [step(offset=5)])
        (field,) = found.fields
        assert (field.left, field.right) == (2, 5)
        assert found.changes_timing

    def test_say_whether_a_step_falls_on_another_day(self) -> None:
        (found,) = compare([step()], [step(title="Call")])
        assert not found.changes_timing

    def test_name_a_step_by_the_side_that_has_it(self) -> None:
        gone, new = compare([step("a", title="Old")], [step("b", title="New")])
        assert (gone.difference, gone.title) == (Difference.ONLY_LEFT, "Old")
        assert (new.difference, new.title) == (Difference.ONLY_RIGHT, "New")

    def test_keep_the_order_of_the_left_where_they_disagree(self) -> None:
        left = (step("a", position=10), step("b", position=20))
        right = (step("b", position=10), step("a", position=20))
        assert [key for key, *_ in told(left, right)] == ["a", "b"]

    def test_without_a_step_are_empty(self) -> None:
        assert compare([], []) == ()

    @given(versions())
    def test_that_are_the_same_do_not_differ(self, steps: tuple[StepDocument, ...]) -> None:
        assert {each.difference for each in compare(steps, steps)} == {Difference.SAME}

    @given(versions(), versions())
    def test_differ_alike_from_both_sides(
        self, left: tuple[StepDocument, ...], right: tuple[StepDocument, ...]
    ) -> None:
        one = {each.key: each for each in compare(left, right)}
        other = {each.key: each for each in compare(right, left)}
        assert one.keys() == other.keys() == {each.key for each in (*left, *right)}
        for key, found in one.items():
            assert [(each.name, each.left, each.right) for each in found.fields] == [
                (each.name, each.right, each.left) for each in other[key].fields
            ]


class TestTwoMarkets:
    def test_say_who_differs_and_why(self) -> None:
        steps = (step("kickoff"),)
        france = laid(steps, region(sets("kickoff", "tone", "formal")))
        spain = laid(
            steps,
            region(sets("kickoff", "tone", "formal")),
            market(
                sets("kickoff", "offset", 9), sets("kickoff", "translations.es", {"title": "X"})
            ),
        )
        (found,) = compare(france.steps, spain.steps)
        by_name = {each.name: each for each in found.fields}
        assert by_name.keys() == {"offset", "translations.es"}
        left, right = by_name["offset"].left_origin, by_name["offset"].right_origin
        assert left == Origin()
        assert right == Origin(Level.MARKET, REASON)
        assert by_name["translations.es"].left_origin is None

    def test_do_not_differ_over_a_translation_that_was_removed_and_one_that_never_was(self) -> None:
        removed = laid((step(),), market(sets("kickoff", "translations.fr", None)))
        assert told([step()], removed.steps) == [("kickoff", Difference.SAME, [])]
