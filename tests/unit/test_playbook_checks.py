"""What a playbook must be in itself, and the facts that guardrails get of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.facts import StepFacts
from governance.findings import Finding
from governance.vocabulary import Motion, Stakeholder, StepKind
from playbooks.changes import StepDocument
from playbooks.checks import FARTHEST_DAYS, PLAIN_START, check_steps, plain_days
from playbooks.facts import edition_facts, step_facts
from playbooks.schedule import Anchor
from playbooks.validators import FARTHEST
from playbooks.wording import WORDS, say
from regions.dimensions import Side
from regions.offsets import Unit
from tests.unit.playbook_samples import laid, market, sets, step


def found(*steps: StepDocument, **known: Any) -> list[tuple[str, str, str, Any]]:
    return [(each.rule, each.step, each.field, each.value) for each in check_steps(steps, **known)]


def after(key: str, other: str, offset: int = 0, **fields: Any) -> StepDocument:
    """Return a step that counts from the end of another."""
    return step(key, anchor="step_end", anchor_step=other, offset=offset, **fields)


class TestTheStepsOfAPlaybook:
    def test_are_at_least_one(self) -> None:
        assert found() == [("no_steps", "", "", None)]

    def test_may_be_in_order(self) -> None:
        steps = (step("kickoff"), after("training", "kickoff", 5, depends_on=["kickoff"]))
        assert found(*steps, roles=["local_csm"], attributes=[]) == []

    def test_are_judged_all_at_once(self) -> None:
        rules = [
            rule
            for rule, *_ in found(
                step("a", depends_on=["nobody"], message="{", owner_role="chief"),
                step(
                    "b", depends_on=["b"], anchor="step_end", condition={"attributes": {"x": ["1"]}}
                ),
                step("c", offset=730, unit="months"),
                roles=["local_csm"],
                attributes=["size"],
            )
        ]
        assert sorted(rules) == [
            "anchor_incomplete",
            "bad_template",
            "cycle",
            "too_far",
            "unknown_attribute",
            "unknown_role",
            "unknown_step",
        ]

    def test_have_a_sentence_for_all_that_can_be_wrong_with_them(self) -> None:
        for rule in WORDS:
            if "budget" not in rule:
                assert say(Finding(rule, step="kickoff", field="offset", value="a", limit="b"))


class TestAReference:
    def test_to_a_step_that_was_left_out_is_found(self) -> None:
        steps = (step("kickoff"), step("training", depends_on=["kickoff"]))
        resolved = laid(steps[1:])
        assert found(*resolved.steps) == [("unknown_step", "training", "depends_on", "kickoff")]

    def test_has_the_nearest_key_as_a_hint(self) -> None:
        (finding,) = check_steps((step("kickoff"), step("training", depends_on=["kick-off"])))
        assert finding.limit == "kickoff"

    def test_to_the_end_of_a_step_that_is_not_there_is_found(self) -> None:
        assert found(after("training", "kickoff")) == [
            ("unknown_step", "training", "anchor_step", "kickoff")
        ]

    def test_to_a_role_or_an_attribute_that_nobody_knows_is_found(self) -> None:
        odd = step("kickoff", owner_role="local_cms", condition={"attributes": {"sise": ["1"]}})
        roles, attributes = ["local_csm"], ["size"]
        assert found(odd, roles=roles, attributes=attributes) == [
            ("unknown_role", "kickoff", "owner_role", "local_cms"),
            ("unknown_attribute", "kickoff", "condition", "sise"),
        ]
        assert found(odd) == [], "unchecked where nobody says what is known"

    def test_in_a_translated_message_is_found(self) -> None:
        odd = step("kickoff", translations={"fr": {"message": "Bonjour {contact_nom}"}})
        (finding,) = check_steps((odd,))
        assert (finding.rule, finding.field) == ("unknown_placeholder", "translations.fr")
        assert finding.limit == "contact_name"


class TestARing:
    def test_of_steps_that_wait_for_each_other_is_named_from_where_it_is_waited(self) -> None:
        steps = (
            step("a", depends_on=["b"]),
            step("b", depends_on=["c"]),
            step("c", depends_on=["a"]),
        )
        (finding,) = check_steps(steps)
        ring = finding.value
        assert (finding.rule, ring[0], set(ring)) == ("cycle", ring[-1], {"a", "b", "c"})
        waits = {each.key: each.fields["depends_on"] for each in steps}
        assert all(later in waits[sooner] for sooner, later in zip(ring, ring[1:], strict=False))

    def test_of_a_step_with_itself_is_found(self) -> None:
        assert found(step("a", depends_on=["a"])) == [("cycle", "a", "depends_on", ["a", "a"])]

    def test_of_ends_is_found(self) -> None:
        (finding,) = check_steps((after("a", "b"), after("b", "a")))
        assert (finding.rule, finding.field) == ("cycle", "anchor_step")


class TestAnAnchor:
    @pytest.mark.parametrize(
        "fields",
        [{"anchor": "step_end"}, {"anchor": "run_start", "anchor_step": "kickoff"}],
        ids=["end of none", "a step for nothing"],
    )
    def test_and_the_step_it_counts_from_go_together(self, fields: dict[str, str]) -> None:
        odd = step("training", **fields)
        assert [rule for rule, *_ in found(step("kickoff"), odd)] == ["anchor_incomplete"]

    def test_of_a_localized_step_must_be_whole_too(self) -> None:
        steps = (step("kickoff"), after("training", "kickoff"))
        resolved = laid(steps, market(sets("training", "anchor", "run_start")))
        assert [rule for rule, *_ in found(*resolved.steps)] == ["anchor_incomplete"]


class TestADistance:
    @pytest.mark.parametrize(("unit", "most"), [("days", 730), ("weeks", 260), ("months", 58)])
    def test_of_up_to_five_years_is_planned(self, unit: str, most: int) -> None:
        assert found(step(offset=most, unit=unit)) == found(step(offset=-most, unit=unit)) == []

    @pytest.mark.parametrize("offset", [730, -730])
    def test_beyond_them_is_found(self, offset: int) -> None:
        assert found(step(offset=offset, unit="months")) == [("too_far", "kickoff", "offset", None)]

    def test_beyond_them_through_the_ends_of_others_is_found(self) -> None:
        steps = (step("a", offset=730, unit="days"), after("b", "a", 730), after("c", "b", 730))
        assert [key for rule, key, *_ in found(*steps)] == ["c"]

    @given(
        st.lists(
            st.tuples(st.integers(-FARTHEST, FARTHEST), st.sampled_from(list(Unit))), max_size=12
        )
    )
    def test_of_any_size_never_fails(self, distances: list[tuple[int, Unit]]) -> None:
        steps = [step("s", offset=0)]
        for number, (amount, unit) in enumerate(distances):
            steps.append(after(f"s{number}", steps[-1].key, amount, unit=unit))
        check_steps(steps)
        assert all(abs(each.day) <= FARTHEST_DAYS for each in step_facts(steps))


class TestAStepDueBeforeWhatItWaitsFor:
    def test_is_found(self) -> None:
        steps = (step("kickoff", offset=5), step("training", offset=2, depends_on=["kickoff"]))
        assert found(*steps) == [("due_before", "training", "offset", "kickoff")]

    def test_is_found_in_other_units(self) -> None:
        steps = (
            step("kickoff", offset=1, unit="months"),
            step("training", offset=10, unit="business_days", depends_on=["kickoff"]),
        )
        assert [rule for rule, *_ in found(*steps)] == ["due_before"]

    def test_is_not_found_where_it_depends_on_the_day_of_the_start(self) -> None:
        steps = (
            # From a Monday on it is Friday and Thursday, from a Wednesday on Monday twice.
            step("kickoff", offset=4, unit="days"),
            step("training", offset=3, unit="business_days", depends_on=["kickoff"]),
        )
        assert found(*steps) == []

    def test_is_not_found_on_the_same_day(self) -> None:
        assert found(step("kickoff"), step("training", depends_on=["kickoff"])) == []

    def test_is_found_through_the_end_of_another(self) -> None:
        steps = (
            step("kickoff", offset=5),
            after("training", "kickoff", -3, depends_on=["kickoff"]),
        )
        assert [rule for rule, *_ in found(*steps)] == ["due_before"]

    def test_is_not_judged_across_events(self) -> None:
        steps = (
            step("kickoff", offset=5),
            step("talk", anchor="renewal", offset=-60, depends_on=["kickoff"]),
        )
        assert found(*steps) == []


class TestPlainDays:
    def test_know_no_holidays(self) -> None:
        steps = (step("a", offset=1), step("b", offset=6, unit="days"), step("c", offset=-1))
        days = plain_days(steps)
        assert [days[each.key] - PLAIN_START for each in steps] == [
            dt.timedelta(days=distance) for distance in (1, 7, -3)
        ]

    def test_are_the_start_where_nobody_can_tell(self) -> None:
        steps = (
            after("a", "b"),
            after("b", "a"),
            after("c", "nobody"),
            step("d", offset=730, unit="months"),
        )
        assert set(plain_days(steps).values()) == {PLAIN_START}


class TestFacts:
    def test_count_days_from_the_event(self) -> None:
        steps = (step("a", offset=7), after("b", "a", -1, unit="weeks"), step("c", offset=-6))
        facts = {each.key: each for each in step_facts(steps)}
        assert [(each.day, each.business_day) for each in facts.values()] == [
            (9, 7),
            (2, 2),
            (-10, -6),
        ]

    def test_name_the_event_behind_the_ends_of_steps(self) -> None:
        steps = (step("a", anchor="renewal", offset=-20), after("b", "a"), after("c", "b"))
        assert {each.anchor for each in step_facts(steps)} == {Anchor.RENEWAL}

    def test_carry_what_guardrails_ask_for(self) -> None:
        given = step(
            kind="business_review",
            owner_role="local_csm",
            required=True,
            stakeholders=["champion"],
            translations={"fr": {"title": "Revue"}},
        )
        (facts,) = step_facts((given,))
        assert facts == StepFacts(
            key="kickoff",
            kind=StepKind.BUSINESS_REVIEW,
            day=2,
            business_day=2,
            owner_role="local_csm",
            required=True,
            stakeholders=frozenset({Stakeholder.CHAMPION}),
            values=facts.values,
        )
        assert facts.values["translations"] == {"fr": {"title": "Revue"}}

    def test_of_an_edition_hold_those_of_the_global_version(self) -> None:
        base = {each.key: each for each in step_facts((step(),))}
        facts = edition_facts(
            (step(offset=9),),
            playbook="start",
            motion=Motion.ONBOARDING,
            base=base,
            market="FR",
            sides=[Side.DIRECT, Side.DIRECT],
        )
        assert (facts.market, facts.sides) == ("FR", frozenset({Side.DIRECT}))
        assert (facts.base["kickoff"].business_day, facts.steps[0].business_day) == (2, 9)
