"""How far a market has moved from the global playbook."""

from __future__ import annotations

import pytest

from playbooks.changes import Change
from playbooks.drift import Drift, drift_of
from tests.unit.playbook_samples import adds, drops, laid, market, region, restores, sets, step

STEPS = tuple(step(key) for key in ("kickoff", "training", "survey", "review"))


def drift(*local: Change) -> Drift:
    return drift_of(laid(STEPS, region(), market(*local)))


class TestDrift:
    def test_of_a_market_that_changes_nothing_is_none(self) -> None:
        assert drift() == Drift(steps=4, changed=0, added=0, dropped=0, timing=0, translated=0)
        assert drift().share == 0

    def test_counts_steps_not_fields(self) -> None:
        found = drift(sets("kickoff", "title", "Call"), sets("kickoff", "tone", "formal"))
        assert (found.changed, found.timing, found.share) == (1, 0, 0.25)

    @pytest.mark.parametrize("field", ["anchor", "anchor_step", "offset", "unit", "roll"])
    def test_tells_timing_apart(self, field: str) -> None:
        found = drift(sets("kickoff", field, "none"))
        assert (found.changed, found.timing) == (1, 1)

    def test_counts_what_was_added_and_left_out(self) -> None:
        found = drift(adds("visit"), drops("survey"))
        assert (found.steps, found.added, found.dropped, found.changed) == (4, 1, 1, 0)
        assert found.share == 2 / 5

    def test_does_not_count_the_changes_of_an_added_step_twice(self) -> None:
        found = drift(adds("visit"), sets("visit", "offset", 9))
        assert (found.added, found.changed, found.timing) == (1, 0, 0)

    def test_of_a_translation_is_none_but_is_told(self) -> None:
        found = drift(sets("kickoff", "translations.fr", {"title": "Appel"}))
        assert (found.changed, found.translated, found.share) == (0, 1, 0)
        both = drift(
            sets("kickoff", "translations.fr", {"title": "Appel"}), sets("kickoff", "offset", 9)
        )
        assert (both.changed, both.translated) == (1, 0)

    def test_counts_an_override_that_equals_its_base(self) -> None:
        assert drift(sets("kickoff", "offset", 2)).changed == 1

    def test_of_a_step_that_was_brought_back_is_none(self) -> None:
        back = laid(STEPS, region(drops("survey")), market(restores("survey")))
        assert drift_of(back) == drift()

    def test_is_that_of_region_and_market_together(self) -> None:
        both = laid(
            STEPS, region(sets("kickoff", "offset", 3)), market(sets("training", "tone", "plain"))
        )
        assert drift_of(both).changed == 2

    def test_of_a_market_that_localizes_everything_is_whole(self) -> None:
        everything = [sets(each.key, "tone", "formal") for each in STEPS]
        assert drift(*everything).share == 1
        assert drift(*(drops(each.key) for each in STEPS)).share == 1

    def test_of_nothing_is_none(self) -> None:
        assert drift_of(laid(())).share == 0
