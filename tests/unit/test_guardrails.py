"""Each kind of guardrail: where it holds, where it breaks, and at the edge between."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.choices import GUARDRAIL_KINDS
from governance.facts import EditionFacts, StepFacts
from governance.findings import Finding, errors
from governance.guardrails import (
    BUILT_IN,
    KINDS,
    Guardrail,
    UnfitParameters,
    judge,
    kind_of,
    parameters_of,
    required_parameters,
    values_of,
)
from governance.vocabulary import CONTACT_KINDS, Motion, Severity, Stakeholder, StepKind
from governance.wording import WORDS, say, say_problem
from regions.dimensions import Side

CALL, EXPANSION, INTERNAL = StepKind.CALL, StepKind.EXPANSION, StepKind.INTERNAL
REVIEW = StepKind.BUSINESS_REVIEW


def step(key: str, kind: StepKind = CALL, **values: Any) -> StepFacts:
    return StepFacts(key=key, kind=kind, **{"owner_role": "local_csm"} | values)


def facts(*steps: StepFacts, base: tuple[StepFacts, ...] = (), **values: Any) -> EditionFacts:
    defaults = {"playbook": "onboarding", "motion": Motion.ONBOARDING}
    return EditionFacts(steps=steps, base={each.key: each for each in base}, **defaults | values)


def found(kind: str, edition: EditionFacts, **parameters: Any) -> list[Finding]:
    """Return what a guardrail finds, without where it comes from."""
    return list(kind_of(kind, parameters).judge(edition))


def where(findings: list[Finding]) -> list[tuple[str, Any, Any]]:
    return [(each.step, each.value, each.limit) for each in findings]


@st.composite
def editions(draw: st.DrawFn) -> EditionFacts:
    """Any edition of up to eight steps."""
    steps = draw(
        st.lists(
            st.builds(
                StepFacts,
                key=st.sampled_from("abcdefghij"),
                kind=st.sampled_from(StepKind),
                anchor=st.sampled_from(["run_start", "renewal_date"]),
                day=st.integers(-20, 40),
                business_day=st.integers(-14, 28),
                owner_role=st.sampled_from(["", "local_csm"]),
                required=st.booleans(),
                stakeholders=st.frozensets(st.sampled_from(Stakeholder), max_size=2),
                values=st.fixed_dictionaries(
                    {"outcome": st.sampled_from(["a", "b"]), "duration_minutes": st.integers(0, 9)}
                ),
            ),
            max_size=8,
            unique_by=lambda each: each.key,
        )
    )
    sides = draw(st.frozensets(st.sampled_from([Side.HIERARCHICAL, Side.GROUP])))
    return facts(*steps, sides=sides)


class TestStepRequired:
    def test_holds_where_the_step_is_there_and_required(self) -> None:
        assert found("step_required", facts(step("kickoff", required=True)), step="kickoff") == []

    def test_finds_it_missing(self) -> None:
        (finding,) = found("step_required", facts(step("other")), step="kickoff")
        assert (finding.step, finding.field) == ("kickoff", "")

    def test_finds_it_optional(self) -> None:
        (finding,) = found("step_required", facts(step("kickoff")), step="kickoff")
        assert (finding.step, finding.field, finding.limit) == ("kickoff", "required", True)


class TestFieldLocked:
    base = (step("a", values={"tone": "plain"}), step("b", REVIEW, values={"tone": "plain"}))

    def test_holds_where_nothing_differs(self) -> None:
        assert found("field_locked", facts(*self.base, base=self.base), field="tone") == []

    def test_finds_each_step_that_differs(self) -> None:
        local = [replace(each, values={"tone": "formal"}) for each in self.base]
        edition = facts(*local, base=self.base)
        expected = [("a", "formal", "plain"), ("b", "formal", "plain")]
        assert where(found("field_locked", edition, field="tone")) == expected

    def test_concerns_one_step_or_one_kind_only(self) -> None:
        local = [replace(each, values={"tone": "formal"}) for each in self.base]
        edition = facts(*local, base=self.base)
        by_step = found("field_locked", edition, field="tone", step="a")
        by_kind = found("field_locked", edition, field="tone", step_kind="business_review")
        assert [each.step for each in (*by_step, *by_kind)] == ["a", "b"]

    def test_is_not_opened_by_changing_the_kind(self) -> None:
        local = step("b", CALL, values={"tone": "formal"})
        edition = facts(local, base=self.base)
        assert found("field_locked", edition, field="tone", step_kind="business_review")

    def test_leaves_alone_what_the_market_added(self) -> None:
        added = step("own", values={"tone": "formal"})
        assert found("field_locked", facts(added, base=self.base), field="tone") == []


class TestFieldBounded:
    @pytest.mark.parametrize(
        ("value", "holds"), [(5, True), (240, True), (4, False), (241, False), ("60", False)]
    )
    def test_keeps_numbers_between_two_others(self, value: Any, holds: bool) -> None:
        edition = facts(step("a", values={"duration_minutes": value}))
        findings = found("field_bounded", edition, field="duration_minutes", minimum=5, maximum=240)
        assert (findings == []) is holds

    def test_takes_no_boolean_for_a_number(self) -> None:
        edition = facts(step("a", values={"priority": True}))
        assert found("field_bounded", edition, field="priority", minimum=0)

    @pytest.mark.parametrize("value", [None, "", []])
    def test_does_not_judge_an_empty_field(self, value: Any) -> None:
        edition = facts(step("a", values={"tone": value}), step("b"))
        assert found("field_bounded", edition, field="tone", allowed=["plain"]) == []

    def test_does_judge_zero(self) -> None:
        edition = facts(step("a", values={"duration_minutes": 0}))
        assert found("field_bounded", edition, field="duration_minutes", minimum=5)

    @pytest.mark.parametrize(
        ("value", "holds"),
        [("call", True), ("fax", False), (["call", "video"], True), (["call", "fax"], False)],
    )
    def test_keeps_texts_and_each_of_a_list_among_some(self, value: Any, holds: bool) -> None:
        edition = facts(step("a", values={"channel": value}))
        findings = found("field_bounded", edition, field="channel", allowed=["call", "video"])
        assert (findings == []) is holds

    def test_concerns_one_kind_only(self) -> None:
        edition = facts(
            step("a", values={"duration_minutes": 600}),
            step("b", REVIEW, values={"duration_minutes": 600}),
        )
        bounds: dict[str, Any] = {"field": "duration_minutes", "maximum": 90}
        findings = found("field_bounded", edition, step_kind="business_review", **bounds)
        assert where(findings) == [("b", 600, {"maximum": 90})]


class TestExpansionShare:
    def test_holds_at_exactly_the_limit(self) -> None:
        edition = facts(step("a", EXPANSION), step("b"), step("c"), step("d"))
        assert found("expansion_share", edition, most_percent=25) == []
        assert where(found("expansion_share", edition, most_percent=24)) == [("", 25.0, 24)]

    def test_holds_for_an_empty_edition(self) -> None:
        assert found("expansion_share", facts(), most_percent=0) == []

    @given(editions(), st.integers(0, 100))
    def test_never_holds_for_less_where_it_does_not_for_more(
        self, edition: EditionFacts, most: int
    ) -> None:
        if found("expansion_share", edition, most_percent=most):
            assert all(found("expansion_share", edition, most_percent=n) for n in range(most))


class TestOwnerRole:
    def test_finds_every_step_without_one(self) -> None:
        edition = facts(step("a"), step("b", owner_role=""), step("c", INTERNAL, owner_role=" "))
        assert [each.step for each in found("owner_role", edition)] == ["b", "c"]


class TestWhomAStepReaches:
    @pytest.mark.parametrize(
        ("kind", "side", "whom"),
        [
            ("sponsor_reached", Side.HIERARCHICAL, Stakeholder.SENIOR_SPONSOR),
            ("group_gathered", Side.GROUP, Stakeholder.GROUP),
        ],
    )
    def test_matters_where_the_profile_says_so(
        self, kind: str, side: Side, whom: Stakeholder
    ) -> None:
        nobody = facts(step("a", stakeholders=frozenset({Stakeholder.USERS})))
        somebody = facts(step("a"), step("b", stakeholders=frozenset({whom})))
        assert found(kind, nobody) == []
        assert where(found(kind, replace(nobody, sides=frozenset({side})))) == [("", None, whom)]
        assert found(kind, replace(somebody, sides=frozenset({side}))) == []


class TestFirstContact:
    def test_counts_the_earliest_contact_from_the_start(self) -> None:
        edition = facts(step("b", business_day=4), step("a", business_day=3))
        assert found("first_contact", edition, business_days=3) == []
        assert where(found("first_contact", edition, business_days=2)) == [("a", 3, 2)]

    def test_does_not_take_work_inside_for_contact(self) -> None:
        edition = facts(step("plan", INTERNAL, business_day=0), step("call", business_day=9))
        assert where(found("first_contact", edition, business_days=2)) == [("call", 9, 2)]

    def test_finds_a_playbook_that_never_contacts_from_the_start(self) -> None:
        edition = facts(step("a", anchor="renewal_date", business_day=0))
        assert where(found("first_contact", edition, business_days=2)) == [("", None, 2)]


class TestKindBefore:
    rule = {"first": "business_review", "then": "expansion"}

    def test_goes_by_the_day_within_an_anchor(self) -> None:
        late = facts(step("offer", EXPANSION, day=10), step("review", REVIEW, day=5))
        early = facts(step("review", REVIEW, day=11), step("offer", EXPANSION, day=10))
        assert found("kind_before", late, **self.rule) == []
        assert [each.step for each in found("kind_before", early, **self.rule)] == ["offer"]

    def test_goes_by_the_order_on_one_day_and_between_anchors(self) -> None:
        for anchor in ("run_start", "renewal_date"):
            review, offer = step("review", REVIEW), step("offer", EXPANSION, anchor=anchor)
            assert found("kind_before", facts(review, offer), **self.rule) == []
            assert found("kind_before", facts(offer, review), **self.rule)

    def test_does_not_compare_days_of_two_anchors(self) -> None:
        review, offer = step("review", REVIEW, day=30), step("offer", EXPANSION, day=1)
        later = replace(offer, anchor="renewal_date")
        assert found("kind_before", facts(review, later), **self.rule) == []
        assert found("kind_before", facts(replace(later, day=40), review), **self.rule)

    def test_finds_every_step_that_comes_too_early(self) -> None:
        edition = facts(
            step("one", EXPANSION, day=1),
            step("review", REVIEW, day=2),
            step("two", EXPANSION, day=3),
            step("three", EXPANSION, day=0),
        )
        assert [each.step for each in found("kind_before", edition, **self.rule)] == [
            "one",
            "three",
        ]

    def test_asks_nothing_where_there_is_no_such_step(self) -> None:
        assert found("kind_before", facts(step("a")), **self.rule) == []


class TestTotalLength:
    def test_is_counted_for_each_anchor(self) -> None:
        edition = facts(
            step("start", day=0),
            step("end", day=120),
            step("before", anchor="renewal_date", day=-100),
            step("after", anchor="renewal_date", day=21),
        )
        assert found("total_length", edition, most_days=121) == []
        assert where(found("total_length", edition, most_days=120)) == [("after", 121, 120)]


class TestTouchesPerWeek:
    def test_seven_days_are_a_week_and_the_eighth_begins_another(self) -> None:
        within = facts(step("a", day=0), step("b", day=3), step("c", day=6))
        beyond = facts(step("a", day=0), step("b", day=3), step("c", day=7))
        assert where(found("touches_per_week", within, most=2)) == [("c", 3, 2)]
        assert found("touches_per_week", beyond, most=2) == []

    def test_counts_contacts_of_one_anchor_only(self) -> None:
        edition = facts(step("a"), step("b", INTERNAL), step("c", anchor="renewal_date"))
        assert found("touches_per_week", edition, most=1) == []

    @given(editions(), st.integers(1, 4))
    def test_finds_what_looking_at_all_choices_finds(
        self, edition: EditionFacts, most: int
    ) -> None:
        contacts = [each for each in edition.steps if each.is_contact]
        crowded = {
            chosen[0].anchor
            for chosen in combinations(contacts, most + 1)
            if len({each.anchor for each in chosen}) == 1
            and max(each.day for each in chosen) - min(each.day for each in chosen) < 7
        }
        steps = {each.key: each for each in edition.steps}
        findings = found("touches_per_week", edition, most=most)
        assert {steps[each.step].anchor for each in findings} == crowded
        assert len(findings) == len(crowded)


class TestWhatIsBuiltIn:
    base = (step("kickoff", required=True, values={"outcome": "Goals are agreed."}),)

    def test_holds_where_how_and_when_differ(self) -> None:
        local = replace(self.base[0], kind=StepKind.IN_PERSON, day=9)
        assert judge(facts(local, base=self.base), []) == []

    def test_finds_a_required_step_dropped(self) -> None:
        (finding,) = judge(facts(base=self.base, market="FR"), [])
        assert (finding.rule, finding.step, finding.market) == ("step_dropped", "kickoff", "FR")

    def test_finds_a_required_step_made_optional(self) -> None:
        (finding,) = judge(facts(replace(self.base[0], required=False), base=self.base), [])
        assert (finding.rule, finding.field) == ("step_made_optional", "required")

    def test_finds_another_outcome(self) -> None:
        local = replace(self.base[0], values={"outcome": "A contract is signed."})
        (finding,) = judge(facts(local, base=self.base), [])
        assert (finding.rule, finding.limit) == ("outcome_changed", "Goals are agreed.")

    def test_lets_an_optional_step_go(self) -> None:
        assert judge(facts(base=(step("extra"),)), []) == []

    def test_leaves_an_added_step_its_outcome(self) -> None:
        added = step("own", values={"outcome": "Something else."})
        assert judge(facts(*self.base, added, base=self.base), []) == []

    def test_is_always_an_error(self) -> None:
        findings = judge(facts(base=self.base), [])
        assert errors(findings) == findings


class TestAGuardrailInForce:
    def in_force(self, **values: Any) -> Guardrail:
        defaults: dict[str, Any] = {
            "rule": kind_of("owner_role", {}),
            "severity": Severity.WARNING,
        }
        return Guardrail(**defaults | values)

    def test_gives_its_findings_what_it_is(self) -> None:
        key = uuid4()
        guardrail = self.in_force(protects="Nobody waits.", id=key)
        (finding,) = judge(facts(step("a", owner_role=""), market="JP"), [guardrail])
        assert finding == Finding(
            "owner_role",
            severity=Severity.WARNING,
            step="a",
            field="owner_role",
            market="JP",
            protects="Nobody waits.",
            guardrail=key,
        )
        assert errors([finding]) == []

    @pytest.mark.parametrize(
        ("scope", "concerns"),
        [
            ({}, True),
            ({"motion": Motion.ONBOARDING}, True),
            ({"motion": Motion.RENEWAL}, False),
            ({"playbook": "onboarding"}, True),
            ({"playbook": "other"}, False),
        ],
    )
    def test_concerns_its_scope_only(self, scope: dict[str, Any], concerns: bool) -> None:
        edition = facts(step("a", owner_role=""))
        assert bool(judge(edition, [self.in_force(**scope)])) is concerns


SAMPLES: dict[str, dict[str, Any]] = {
    "step_required": {"step": "kickoff"},
    "field_locked": {"field": "tone", "step": "a"},
    "field_bounded": {"field": "duration_minutes", "minimum": 1, "maximum": 3},
    "expansion_share": {"most_percent": 10},
    "owner_role": {},
    "sponsor_reached": {},
    "group_gathered": {},
    "first_contact": {"business_days": 0},
    "kind_before": {"first": "business_review", "then": "expansion"},
    "total_length": {"most_days": 1},
    "touches_per_week": {"most": 1},
}
"""Parameters for each kind, strict enough to be broken now and then."""


class TestTheKinds:
    def test_have_a_sample_a_name_and_words_each(self) -> None:
        assert set(SAMPLES) == set(KINDS) == {kind for kind, _label in GUARDRAIL_KINDS}
        assert set(WORDS) == set(KINDS) | set(BUILT_IN)

    def test_share_the_meaning_of_a_parameter_that_they_share(self) -> None:
        known: dict[str, Any] = {}
        for kind in KINDS:
            for name, parameter in parameters_of(kind).items():
                assert known.setdefault(name, parameter) == parameter

    @pytest.mark.parametrize("kind", KINDS)
    def test_keep_their_parameters_as_they_were_given(self, kind: str) -> None:
        rule = kind_of(kind, SAMPLES[kind])
        assert values_of(rule) == SAMPLES[kind]
        assert kind_of(kind, values_of(rule)) == rule

    @given(editions(), editions())
    def test_judge_any_edition_and_say_what_they_find(
        self, edition: EditionFacts, base: EditionFacts
    ) -> None:
        edition = replace(edition, base={each.key: each for each in base.steps})
        rules = [Guardrail(kind_of(kind, SAMPLES[kind]), Severity.ERROR) for kind in KINDS]
        findings = judge(edition, rules)
        keys = {each.key for each in (*edition.steps, *base.steps)} | {"", "kickoff"}
        assert {finding.step for finding in findings} <= keys
        for finding in findings:
            said = say(finding)
            assert said
            assert "does not hold" not in said
            assert finding.step in said
        assert judge(edition, rules) == findings


class TestParameters:
    @pytest.mark.parametrize("kind", KINDS)
    def test_that_are_unknown_are_named_with_the_one_meant(self, kind: str) -> None:
        for name in parameters_of(kind):
            with pytest.raises(UnfitParameters) as refused:
                kind_of(kind, SAMPLES[kind] | {f"{name}x": 1})
            assert refused.value.problems[f"{name}x"].among == (name,)
            assert name in say_problem(refused.value.problems[f"{name}x"])

    @pytest.mark.parametrize("kind", KINDS)
    def test_that_are_missing_are_named_all_at_once(self, kind: str) -> None:
        needed = required_parameters(kind)
        if not needed:
            return
        with pytest.raises(UnfitParameters) as refused:
            kind_of(kind, {})
        assert set(refused.value.problems) == needed
        assert {each.code for each in refused.value.problems.values()} == {"missing"}

    @pytest.mark.parametrize(
        ("kind", "parameters", "name", "code"),
        [
            ("expansion_share", {"most_percent": 101}, "most_percent", "out_of_range"),
            ("expansion_share", {"most_percent": -1}, "most_percent", "out_of_range"),
            ("expansion_share", {"most_percent": "25"}, "most_percent", "not_whole"),
            ("expansion_share", {"most_percent": True}, "most_percent", "not_whole"),
            ("expansion_share", {"most_percent": 2.5}, "most_percent", "not_whole"),
            ("expansion_share", {"most_percent": None}, "most_percent", "not_whole"),
            ("step_required", {"step": 1}, "step", "not_text"),
            ("step_required", {"step": ""}, "step", "not_name"),
            ("step_required", {"step": "a b"}, "step", "not_name"),
            ("step_required", {"step": "a\0"}, "step", "not_name"),
            ("step_required", {"step": "a" * 61}, "step", "not_name"),
            ("kind_before", {"first": "lunch", "then": "call"}, "first", "not_among"),
            ("kind_before", {"first": [], "then": "call"}, "first", "not_among"),
            ("kind_before", {"first": "call", "then": "call"}, "then", "same"),
            ("field_bounded", {"field": "tone"}, "", "no_bound"),
            ("field_bounded", {"field": "tone", "minimum": 2, "maximum": 1}, "maximum", None),
            (
                "field_bounded",
                {"field": "tone", "minimum": float("nan")},
                "minimum",
                "out_of_range",
            ),
            ("field_bounded", {"field": "tone", "minimum": 10**400}, "minimum", "out_of_range"),
            ("field_bounded", {"field": "tone", "allowed": []}, "allowed", "wrong_count"),
            ("field_bounded", {"field": "tone", "allowed": "ab"}, "allowed", "not_list_of_text"),
            ("field_bounded", {"field": "tone", "allowed": ["a", "a"]}, "allowed", "twice"),
            ("field_bounded", {"field": "tone", "allowed": ["\ud800"]}, "allowed", "word_unfit"),
            (
                "field_bounded",
                {"field": "tone", "allowed": ["a"], "minimum": 1},
                "allowed",
                "not_both",
            ),
            (
                "field_locked",
                {"field": "tone", "step": "a", "step_kind": "call"},
                "step_kind",
                "not_both",
            ),
        ],
    )
    def test_that_do_not_fit_say_why(
        self, kind: str, parameters: Any, name: str, code: str | None
    ) -> None:
        with pytest.raises(UnfitParameters) as refused:
            kind_of(kind, parameters)
        (found_name,) = refused.value.problems
        problem = refused.value.problems[name]
        assert found_name == name
        assert problem.code == (code or "below_minimum")
        assert say_problem(problem)

    @pytest.mark.parametrize("parameters", [None, [], "x", 1])
    def test_come_by_name(self, parameters: Any) -> None:
        with pytest.raises(UnfitParameters) as refused:
            kind_of("owner_role", parameters)
        assert refused.value.problems[""].code == "not_object"

    @given(
        st.sampled_from(sorted(KINDS)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(sorted({n for k in KINDS for n in parameters_of(k)}))
                    | st.text(),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
    )
    def test_of_any_shape_are_taken_or_refused(self, kind: str, parameters: Any) -> None:
        try:
            rule = kind_of(kind, parameters)
        except UnfitParameters as error:
            refused = error.problems
        else:
            refused = {}
            assert kind_of(kind, values_of(rule)) == rule
        assert all(say_problem(problem) for problem in refused.values())


def test_a_rule_without_words_is_still_told() -> None:
    assert "odd" in say(Finding("odd"))
    assert say(Finding("odd"), {"odd": lambda finding: "Own words."}) == "Own words."


def test_every_contact_kind_counts_as_contact() -> None:
    assert {kind for kind in StepKind if step("a", kind).is_contact} == CONTACT_KINDS
    assert {each.name for each in fields(StepFacts)} >= {"key", "kind", "values"}
