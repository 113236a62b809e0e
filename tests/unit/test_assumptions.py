"""Which steps deserve a localization in a market."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from playbooks.assumptions import Question, Report, open_questions
from playbooks.changes import Layer, StepDocument
from regions.dimensions import Side, contradicts, dimension_of
from tests.unit.playbook_samples import laid, market, region, sets, step

OPPOSITE = next(side for side in Side if contradicts(Side.DIRECT, side))
AGAINST = Report("1", OPPOSITE)
STEPS = (step("kickoff", assumption="direct"), step("training"))


def asked(
    steps: tuple[StepDocument, ...], *reports: Report, decided: Collection[tuple[str, str]] = ()
) -> list[str]:
    return [each.step for each in open_questions(steps, reports, decided)]


class TestAStep:
    def test_that_rests_on_what_the_profile_denies_is_asked_about(self) -> None:
        assert open_questions(STEPS, [AGAINST]) == (Question("kickoff", Side.DIRECT, (AGAINST,)),)

    def test_that_rests_on_what_the_profile_says_is_not(self) -> None:
        assert asked(STEPS, Report("1", Side.DIRECT)) == []

    def test_that_the_profile_does_not_speak_of_is_not(self) -> None:
        other = next(side for side in Side if dimension_of(side) is not dimension_of(Side.DIRECT))
        assert asked(STEPS, Report("1", other)) == []
        assert asked(STEPS) == []

    def test_names_all_reports_that_speak_against_it(self) -> None:
        reports = (AGAINST, Report("2", Side.DIRECT), Report("3", OPPOSITE))
        (question,) = open_questions(STEPS, reports)
        assert [each.id for each in question.reports] == ["1", "3"]

    @pytest.mark.parametrize("layer", [region, market])
    def test_that_is_localized_is_settled(self, layer: Callable[..., Layer]) -> None:
        local = layer(sets("kickoff", "kind", "in_person"))
        assert asked(laid(STEPS, local).steps, AGAINST) == []

    def test_that_is_only_translated_is_not_settled(self) -> None:
        local = market(sets("kickoff", "translations.fr", {"title": "Appel"}))
        assert asked(laid(STEPS, local).steps, AGAINST) == ["kickoff"]

    def test_that_somebody_found_fine_as_it_is_is_settled(self) -> None:
        assert asked(STEPS, AGAINST, decided={("kickoff", "direct")}) == []

    def test_is_asked_about_anew_when_it_assumes_something_else(self) -> None:
        assert asked(STEPS, AGAINST, decided={("kickoff", "remote")}) == ["kickoff"]
        assert asked(STEPS, AGAINST, decided={("training", "direct")}) == ["kickoff"]
