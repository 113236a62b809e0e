"""From a global version and its localizations to what one market carries out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.changes import (
    HEADER,
    PRESENCE,
    Action,
    Change,
    Layer,
    Level,
    Origin,
    StepDocument,
    flattened,
    nested,
)
from playbooks.fields import empty_step
from playbooks.records import change_of, change_record, origin_records, step_of
from playbooks.resolution import Resolved
from tests.unit.playbook_samples import (
    REASON,
    adds,
    changes,
    drops,
    fields_of,
    laid,
    market,
    region,
    restores,
    sets,
    step,
    versions,
)

TWO = (step("kickoff", position=10), step("training", position=20))


def keys(resolved: Resolved) -> list[str]:
    return [each.key for each in resolved.steps]


def misfits(resolved: Resolved) -> list[tuple[str, str, str]]:
    return [(each.rule, each.step, each.field) for each in resolved.misfits]


def origin(resolved: Resolved, key: str, name: str) -> Origin:
    found = resolved.find(key)
    assert found
    return found.origins[name]


class TestAField:
    def test_that_nobody_changes_is_the_global_one(self) -> None:
        resolved = laid(TWO, region(), market())
        assert resolved.steps == TWO
        assert origin(resolved, "kickoff", "title") == Origin()

    def test_is_what_the_later_layer_says(self) -> None:
        resolved = laid(
            TWO,
            region(sets("kickoff", "offset", 3), sets("kickoff", "tone", "formal")),
            market(sets("kickoff", "offset", 4)),
        )
        fields = fields_of(resolved, "kickoff")
        assert (fields["offset"], fields["tone"], fields["title"]) == (4, "formal", "Do kickoff")

    def test_knows_who_set_it_why_and_since_when(self) -> None:
        resolved = laid(
            TWO,
            region(sets("kickoff", "offset", 3, author="anna", since="2026-01-01")),
            market(sets("kickoff", "tone", "plain", author="bert", since="2026-02-02")),
        )
        assert origin(resolved, "kickoff", "offset") == Origin(
            Level.REGION, REASON, "anna", "2026-01-01"
        )
        assert origin(resolved, "kickoff", "tone").level is Level.MARKET
        assert origin(resolved, "kickoff", "tone").author == "bert"

    def test_overridden_with_the_value_of_its_base_stays_an_override(self) -> None:
        resolved = laid(TWO, market(sets("kickoff", "offset", 2)))
        assert origin(resolved, "kickoff", "offset").level is Level.MARKET
        assert laid(TWO, region(sets("kickoff", "offset", 9)), market()).find("kickoff") != (
            laid(
                TWO, region(sets("kickoff", "offset", 9)), market(sets("kickoff", "offset", 2))
            ).find("kickoff")
        )

    @pytest.mark.parametrize(
        ("field", "full", "empty"),
        [
            ("message", "Dear {contact_name}", ""),
            ("depends_on", ["training"], []),
            ("condition", {"tiers": ["tier_1"]}, {}),
            ("checklist", ["agenda"], []),
            ("roll", "none", ""),
        ],
    )
    def test_set_to_null_is_empty_not_inherited(self, field: str, full: Any, empty: Any) -> None:
        steps = (step("kickoff", **{field: full}),)
        resolved = laid(steps, market(sets("kickoff", field, None)))
        assert fields_of(resolved, "kickoff")[field] == empty
        assert origin(resolved, "kickoff", field).level is Level.MARKET

    def test_that_is_a_list_is_replaced_whole(self) -> None:
        steps = (step("kickoff", checklist=["agenda", "slides"]),)
        resolved = laid(steps, market(sets("kickoff", "checklist", ["tea"])))
        assert fields_of(resolved, "kickoff")["checklist"] == ["tea"]


class TestTranslations:
    STEPS = (step("kickoff", translations={"fr": {"title": "Appel"}, "de": {"title": "Anruf"}}),)

    def test_merge_language_by_language(self) -> None:
        resolved = laid(
            self.STEPS,
            region(sets("kickoff", "translations.es", {"title": "Llamada"})),
            market(sets("kickoff", "translations.fr", {"outcome": "Fait"})),
        )
        assert nested(fields_of(resolved, "kickoff"))["translations"] == {
            "de": {"title": "Anruf"},
            "es": {"title": "Llamada"},
            "fr": {"outcome": "Fait"},
        }
        assert origin(resolved, "kickoff", "translations.de").level is Level.GLOBAL
        assert origin(resolved, "kickoff", "translations.fr").level is Level.MARKET

    def test_set_to_null_are_gone(self) -> None:
        resolved = laid(self.STEPS, market(sets("kickoff", "translations.fr", None)))
        assert "fr" not in nested(fields_of(resolved, "kickoff"))["translations"]

    @given(st.dictionaries(st.sampled_from(["fr", "de", "pt-BR"]), st.just({"title": "x"})))
    def test_are_written_as_they_were_read(self, translations: dict[str, Any]) -> None:
        fields = {"title": "Call", "translations": translations}
        assert flattened(nested(flattened(fields))) == flattened(fields)


class TestThePlaybooksOwnWords:
    def test_are_localized_like_a_step(self) -> None:
        resolved = laid(
            TWO,
            region(sets(HEADER, "name", "Welcome")),
            market(sets(HEADER, "translations.fr", {"name": "Accueil"})),
        )
        assert resolved.header.fields == {
            "name": "Welcome",
            "goal": "It runs.",
            "translations.fr": {"name": "Accueil"},
        }
        assert resolved.header.origins["name"].level is Level.REGION
        assert resolved.find(HEADER) is resolved.header


class TestTheOrder:
    def test_is_by_position_and_ties_by_key(self) -> None:
        steps = (step("b", position=20), step("c", position=10), step("a", position=20))
        assert keys(laid(steps)) == ["c", "a", "b"]

    def test_is_localized_like_any_field(self) -> None:
        resolved = laid(TWO, market(sets("training", "position", 5)))
        assert keys(resolved) == ["training", "kickoff"]

    def test_puts_an_added_step_between(self) -> None:
        assert keys(laid(TWO, market(adds("visit", position=15)))) == [
            "kickoff",
            "visit",
            "training",
        ]

    def test_of_a_position_set_to_null_does_not_fail(self) -> None:
        assert keys(laid(TWO, market(sets("training", "position", None)))) == [
            "kickoff",
            "training",
        ]


class TestAStepLeftOut:
    def test_is_known_with_who_left_it_out(self) -> None:
        resolved = laid(TWO, region(drops("training")), market())
        assert keys(resolved) == ["kickoff"]
        left_out, by = resolved.dropped["training"]
        assert left_out.fields["title"] == "Do training"
        assert (by.level, by.reason) == (Level.REGION, REASON)

    def test_is_brought_back_by_the_market_with_its_reason(self) -> None:
        resolved = laid(TWO, region(drops("training")), market(restores("training")))
        assert keys(resolved) == ["kickoff", "training"]
        assert resolved.dropped == {}
        assert fields_of(resolved, "training") == TWO[1].fields
        assert origin(resolved, "training", "title").level is Level.GLOBAL
        back = origin(resolved, "training", PRESENCE)
        assert (back.level, back.reason) == (Level.MARKET, REASON)

    def test_is_brought_back_and_changed_in_one_localization(self) -> None:
        back = market(sets("training", "offset", 9), restores("training"))
        resolved = laid(TWO, region(drops("training")), back)
        assert fields_of(resolved, "training")["offset"] == 9

    def test_is_brought_back_as_its_region_had_added_nothing(self) -> None:
        resolved = laid(TWO, region(drops("training")), market(restores("visit")))
        assert misfits(resolved) == [("not_dropped", "visit", "")]

    def test_cannot_be_changed_without_bringing_it_back(self) -> None:
        resolved = laid(TWO, region(drops("training")), market(sets("training", "offset", 9)))
        assert misfits(resolved) == [("step_is_gone", "training", "offset")]
        assert keys(resolved) == ["kickoff"]

    def test_cannot_be_left_out_twice(self) -> None:
        resolved = laid(TWO, region(drops("training")), market(drops("training")))
        assert misfits(resolved) == [("step_is_gone", "training", "")]

    def test_cannot_be_added_anew_under_its_key(self) -> None:
        resolved = laid(TWO, region(drops("training")), market(adds("training")))
        assert misfits(resolved) == [("step_exists", "training", "")]


class TestAnAddedStep:
    def test_has_what_a_step_has_where_it_says_nothing(self) -> None:
        resolved = laid(TWO, market(adds("visit", translations={"fr": {"title": "Visite"}})))
        fields = fields_of(resolved, "visit")
        assert fields["duration_minutes"] == empty_step()["duration_minutes"]
        assert fields["translations.fr"] == {"title": "Visite"}
        assert {origin(resolved, "visit", name).level for name in fields} == {Level.MARKET}

    def test_of_a_region_is_changed_by_its_market(self) -> None:
        resolved = laid(TWO, region(adds("visit")), market(sets("visit", "offset", 7)))
        assert fields_of(resolved, "visit")["offset"] == 7
        assert origin(resolved, "visit", "title").level is Level.REGION
        assert origin(resolved, "visit", "offset").level is Level.MARKET

    def test_of_a_region_is_left_out_by_its_market(self) -> None:
        resolved = laid(TWO, region(adds("visit")), market(drops("visit")))
        assert keys(resolved) == ["kickoff", "training"]

    def test_is_changed_by_the_localization_that_adds_it(self) -> None:
        resolved = laid(TWO, market(sets("visit", "offset", 7), adds("visit")))
        assert fields_of(resolved, "visit")["offset"] == 7
        assert not resolved.misfits

    def test_cannot_take_a_key_that_is_there(self) -> None:
        resolved = laid(TWO, market(adds("kickoff", title="Mine")))
        assert misfits(resolved) == [("step_exists", "kickoff", "")]
        assert fields_of(resolved, "kickoff")["title"] == "Do kickoff"


class TestEveryResolution:
    @given(versions(), changes(), changes())
    def test_is_idempotent(
        self, steps: tuple[StepDocument, ...], of_region: Any, of_market: Any
    ) -> None:
        layers = (region(*of_region), market(*of_market))
        once = laid(steps, *layers)
        assert laid(steps, *layers) == once
        assert laid(once.steps).steps == once.steps

    @given(versions(), changes(), st.randoms())
    def test_does_not_depend_on_the_order_of_changes(
        self, steps: tuple[StepDocument, ...], local: tuple[Change, ...], random: Any
    ) -> None:
        shuffled = list(local)
        random.shuffle(shuffled)
        one, other = laid(steps, market(*local)), laid(steps, market(*shuffled))
        assert (one.header, one.steps, one.dropped) == (other.header, other.steps, other.dropped)
        assert sorted(misfits(one)) == sorted(misfits(other))

    @given(versions(), changes(), changes())
    def test_names_the_layer_that_set_each_field(
        self, steps: tuple[StepDocument, ...], of_region: Any, of_market: Any
    ) -> None:
        layers = (region(*of_region), market(*of_market))
        resolved = laid(steps, *layers)
        known = {each.key: each for each in steps}
        for found in resolved.steps:
            assert set(found.fields) <= set(found.origins)
            for name, value in found.fields.items():
                said = found.origins[name].level
                assert said is last_word(found.key, name, layers, found.key in known)
                if said is Level.GLOBAL:
                    assert value == known[found.key].fields[name]

    @given(versions(), changes(), changes())
    def test_is_read_from_its_records_as_it_was(
        self, steps: tuple[StepDocument, ...], of_region: Any, of_market: Any
    ) -> None:
        for found in laid(steps, region(*of_region), market(*of_market)).steps:
            assert step_of(found.key, found.fields, origin_records(found)) == found
        assert tuple(change_of(change_record(each)) for each in of_market) == of_market


def last_word(key: str, name: str, layers: tuple[Layer, ...], is_global: bool) -> Level:
    """Return whose word a field is, told from the changes that took hold alone."""
    said = Level.GLOBAL
    there, was_dropped = is_global, False
    for layer in layers:
        by_place = {change.place: change for change in layer.changes}
        whole = by_place.get((key, PRESENCE))
        if whole and whole.action is Action.RESTORE and was_dropped:
            there, was_dropped = True, False
        elif whole and whole.action is Action.DROP and there:
            there, was_dropped = False, True
        elif whole and whole.action is Action.ADD and not there and not was_dropped:
            there, said = True, layer.level
        if there and (key, name) in by_place:
            said = layer.level
    return said
