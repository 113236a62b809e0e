"""The playbooks that ship, as their files have them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from governance.facts import EditionFacts, StepFacts
from governance.guardrails import Guardrail, Kind, judge
from governance.guardrails.kinds import ExpansionShare, GroupGathered, OwnerRole, SponsorReached
from governance.guardrails.timing import FirstContact, KindBefore, TotalLength, TouchesPerWeek
from governance.vocabulary import CONTACT_KINDS, Motion, Severity, Stakeholder, StepKind
from playbooks.assumptions import Report, open_questions
from playbooks.changes import (
    Action,
    Change,
    Layer,
    Level,
    Reason,
    ReasonKind,
    StepDocument,
    global_step,
)
from playbooks.checks import check_steps
from playbooks.facts import edition_facts, step_facts
from playbooks.placeholders import PLACEHOLDERS, placeholders_in
from playbooks.resolution import Resolved, resolve
from playbooks.schedule import Anchor
from regions.dimensions import Side
from regions.library import Scope, library_market
from regions.offsets import Unit

Document: TypeAlias = Mapping[str, Any]

FOLDER = Path(__file__).parents[2] / "playbooks" / "library"
MARKETS = ("AE", "DE", "ES", "FR", "GB", "JP", "US")
LANGUAGES = {"AE": "ar", "DE": "de", "ES": "es", "FR": "fr", "JP": "ja"}

MOTIONS = {
    "adoption-rescue": Motion.ADOPTION,
    "business-review": Motion.BUSINESS_REVIEW,
    "escalation": Motion.ESCALATION,
    "expansion": Motion.EXPANSION,
    "new-sponsor": Motion.SPONSOR_CHANGE,
    "onboarding": Motion.ONBOARDING,
    "renewal": Motion.RENEWAL,
}

ROLES = frozenset(
    {
        *("local_csm", "regional_lead", "hq_specialist"),
        *("executive_sponsor", "renewals_manager", "onboarding_specialist"),
    }
)

EMPTY: Document = {
    "title": "",
    "instructions": "",
    "outcome": "",
    "kind": "",
    "owner_role": "",
    "channel": "",
    "anchor": "run_start",
    "anchor_step": "",
    "offset": 0,
    "unit": "business_days",
    "roll": "",
    "duration_minutes": 30,
    "priority": "normal",
    "required": False,
    "depends_on": [],
    "condition": {},
    "checklist": [],
    "message": "",
    "tone": "",
    "assumption": "",
    "stakeholders": [],
    "if_past": "due_now",
    "position": 0,
}
"""What a field is where a file says nothing of it."""

ALLOWED: Mapping[str, frozenset[str]] = {
    "kind": frozenset(StepKind),
    "owner_role": ROLES,
    "channel": frozenset({"", "in_person", "call", "video", "email", "message"}),
    "anchor": frozenset(Anchor),
    "unit": frozenset(Unit),
    "priority": frozenset({"low", "normal", "high"}),
    "tone": frozenset({"", "formal", "friendly", "plain"}),
    "assumption": frozenset({"", *Side}),
    "if_past": frozenset({"due_now", "skip", "refuse"}),
}

RULES: tuple[Kind, ...] = (
    OwnerRole(),
    ExpansionShare(most_percent=25),
    TouchesPerWeek(most=3),
    KindBefore(first=StepKind.BUSINESS_REVIEW, then=StepKind.EXPANSION),
    SponsorReached(),
    GroupGathered(),
)

IN_ONBOARDING: tuple[Kind, ...] = (FirstContact(business_days=2), TotalLength(most_days=120))

BRITISH = re.compile(
    r"\b(\w*(organ|real|recogn|summar|priorit|custom|final|minim|maxim|apolog)is(e|es|ed|ing)"
    r"|\w+isations?|colour\w*|favour\w*|behaviour\w*|centre\w*|programmes?|licences?|cancelled"
    r"|travelled|whilst|enrol|fulfil|grey|cheques?|judgement|practis\w+|analys(e|ed|es|ing)"
    r"|neighbour\w*|honour\w*|labour|catalogue\w*|dialogues?|defence|learnt|towards)\b",
    re.IGNORECASE,
)

NATIONALITIES = re.compile(
    r"\b(Americans?|British|Brits?|French(men)?|Germans?|Spanish|Spaniards?|Japanese|Emiratis?"
    r"|Arabs?|Muslims?)\b"
)


def read(key: str) -> Document:
    document = yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
    playbook: Document
    (playbook,) = document["playbooks"]
    return playbook


PLAYBOOKS = {path.stem: read(path.stem) for path in sorted(FOLDER.glob("*.yaml"))}


def localization(key: str, market: str) -> Document:
    found: Document
    (found,) = (each for each in PLAYBOOKS[key]["localizations"] if each["market"] == market)
    return found


def all_changes() -> list[tuple[str, str, Document]]:
    return [
        (key, each["market"], change)
        for key, playbook in PLAYBOOKS.items()
        for each in playbook["localizations"]
        for change in each["changes"]
    ]


def global_value(key: str, step: str, field: str) -> Any:
    found = next(each for each in PLAYBOOKS[key]["steps"] if each["key"] == step)
    return found.get(field, EMPTY[field])


def changes_of(key: str, market: str, step: str) -> list[Document]:
    """Return what a market changes in a step beyond its language."""
    return [
        change
        for change in localization(key, market)["changes"]
        if change["step"] == step and change["reason"]["kind"] != "language"
    ]


def changed(key: str, market: str, step: str) -> dict[str, Any]:
    """Return the fields that a market changes in a step, beyond its language."""
    fields: dict[str, Any] = {}
    for change in changes_of(key, market, step):
        fields |= change["fields"]
    return fields


def global_steps(playbook: Document) -> list[StepDocument]:
    return [
        global_step(
            step["key"],
            {**EMPTY, "position": 10 * at, **{k: v for k, v in step.items() if k != "key"}},
        )
        for at, step in enumerate(playbook["steps"], start=1)
    ]


def pure_changes(change: Document) -> Iterator[Change]:
    reason = Reason(
        ReasonKind(change["reason"]["kind"]), change["reason"]["text"], change["reason"]["evidence"]
    )
    action = Action(change["action"])
    if action is Action.SET:
        for field, value in change["fields"].items():
            yield Change(action, change["step"], reason, field, value)
    else:
        yield Change(action, change["step"], reason, value=change.get("fields"))


def resolved(key: str, market: str) -> Resolved:
    playbook = PLAYBOOKS[key]
    made = [pure for each in localization(key, market)["changes"] for pure in pure_changes(each)]
    header = StepDocument("", {"name": playbook["name"], "goal": playbook["goal"]})
    layer = Layer(Level.MARKET, tuple(made))
    return resolve(header, global_steps(playbook), [layer], empty=EMPTY)


def reports(market: str) -> tuple[Report, ...]:
    """Return what the market library reports, as if the market had confirmed all of it."""
    return tuple(
        Report(statement.text, statement.side)
        for statement in library_market(market).statements
        if statement.side and statement.scope is Scope.CUSTOMERS
    )


def editions() -> list[tuple[str, str]]:
    return [(key, market) for key in PLAYBOOKS for market in ("", *MARKETS)]


def steps_of(key: str, market: str) -> tuple[StepDocument, ...]:
    return resolved(key, market).steps if market else tuple(global_steps(PLAYBOOKS[key]))


def facts_of(key: str, market: str) -> EditionFacts:
    base: dict[str, StepFacts] = {step.key: step for step in step_facts(steps_of(key, ""))}
    return edition_facts(
        steps_of(key, market),
        playbook=key,
        motion=MOTIONS[key],
        base=base,
        market=market,
        sides=[report.side for report in reports(market)] if market else (),
    )


class TestTheFiles:
    def test_there_is_one_for_each_of_seven_motions(self) -> None:
        assert {key: each["motion"] for key, each in PLAYBOOKS.items()} == MOTIONS

    @pytest.mark.parametrize("key", MOTIONS)
    def test_a_file_holds_one_playbook_of_its_name(self, key: str) -> None:
        document = yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
        assert document["format"] == 1
        assert [playbook["key"] for playbook in document["playbooks"]] == [key]

    @pytest.mark.parametrize("key", MOTIONS)
    def test_no_key_stands_twice_and_nothing_is_an_alias(self, key: str) -> None:
        text = (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")
        assert not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))
        for names in mappings(yaml.compose(text)):
            assert len(names) == len(set(names)), names

    @pytest.mark.parametrize("key", MOTIONS)
    def test_lines_are_plain(self, key: str) -> None:
        raw = (FOLDER / f"{key}.yaml").read_bytes()
        assert b"\r" not in raw
        assert b"\t" not in raw
        assert raw.endswith(b"\n")
        assert not re.search(rb" \n", raw)

    @pytest.mark.parametrize("key", MOTIONS)
    def test_the_spelling_is_american(self, key: str) -> None:
        """Only English words are looked at: other languages have words of their own."""
        for text in english_of(PLAYBOOKS[key]):
            assert not BRITISH.search(text), text


def mappings(node: yaml.Node | None) -> Iterator[list[str]]:
    """Yield the keys of every mapping beneath a node."""
    if isinstance(node, yaml.MappingNode):
        yield [key.value for key, _value in node.value]
        for _key, value in node.value:
            yield from mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from mappings(value)


def english_of(value: Any) -> Iterator[str]:
    """Yield every text beneath a value that is no translation."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from english_of(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if not str(name).startswith("translations"):
                yield from english_of(each)


@pytest.mark.parametrize("key", MOTIONS)
class TestEveryPlaybook:
    def test_it_has_eight_to_fourteen_steps(self, key: str) -> None:
        keys = [step["key"] for step in PLAYBOOKS[key]["steps"]]
        assert 8 <= len(keys) <= 14
        assert len(keys) == len(set(keys))

    def test_every_step_says_what_is_done_and_what_the_customer_gains(self, key: str) -> None:
        for step in steps_of(key, ""):
            assert step.fields["title"], step.key
            assert len(step.fields["title"]) <= 200
            assert len(step.fields["instructions"]) > 100, step.key
            assert 0 < len(step.fields["outcome"]) <= 500, step.key

    def test_few_steps_are_the_promise_itself(self, key: str) -> None:
        required = [step for step in PLAYBOOKS[key]["steps"] if step.get("required")]
        assert 1 <= len(required) <= 4

    def test_whatever_is_sent_has_a_template(self, key: str) -> None:
        for step in steps_of(key, ""):
            if step.fields["kind"] in {"email", "message", "survey"}:
                assert placeholders_in(step.fields["message"]), step.key

    def test_it_reaches_a_senior_sponsor(self, key: str) -> None:
        reached = {who for step in steps_of(key, "") for who in step.fields["stakeholders"]}
        assert "senior_sponsor" in reached

    def test_it_says_honestly_which_steps_rest_on_a_culture(self, key: str) -> None:
        assumed = [step for step in PLAYBOOKS[key]["steps"] if step.get("assumption")]
        assert 1 <= len(assumed) <= 5

    def test_every_market_has_its_localization_once(self, key: str) -> None:
        markets = [each["market"] for each in PLAYBOOKS[key]["localizations"]]
        assert sorted(markets) == sorted(MARKETS)


@pytest.mark.parametrize(("key", "market"), editions())
class TestEveryEdition:
    def test_every_field_is_known_and_takes_a_known_value(self, key: str, market: str) -> None:
        for step in steps_of(key, market):
            for name, value in step.fields.items():
                assert name in EMPTY or re.fullmatch(r"translations\.[a-z]{2}", name), name
                if name in ALLOWED:
                    assert value in ALLOWED[name], (step.key, name, value)
            assert set(step.fields["stakeholders"]) <= set(Stakeholder)
            assert 5 <= step.fields["duration_minutes"] <= 480
            assert all(isinstance(line, str) for line in step.fields["checklist"])

    def test_the_channel_fits_the_kind(self, key: str, market: str) -> None:
        for step in steps_of(key, market):
            kind, channel = step.fields["kind"], step.fields["channel"]
            assert bool(channel) == (kind in CONTACT_KINDS), step.key
            if kind in {"call", "video", "in_person", "email", "message"}:
                assert channel == kind, step.key

    def test_references_dates_and_placeholders_are_in_order(self, key: str, market: str) -> None:
        assert check_steps(steps_of(key, market), roles=ROLES, attributes=()) == ()

    def test_every_placeholder_is_known(self, key: str, market: str) -> None:
        for step in steps_of(key, market):
            assert set(placeholders_in(step.fields["message"])) <= set(PLACEHOLDERS)

    def test_no_guardrail_is_broken(self, key: str, market: str) -> None:
        rules = RULES + (IN_ONBOARDING if MOTIONS[key] is Motion.ONBOARDING else ())
        guardrails = [Guardrail(rule, Severity.ERROR) for rule in rules]
        assert judge(facts_of(key, market), guardrails) == []


@pytest.mark.parametrize("key", MOTIONS)
@pytest.mark.parametrize("market", MARKETS)
class TestEveryLocalization:
    def test_every_change_fits_somewhere_and_nothing_is_changed_twice(
        self, key: str, market: str
    ) -> None:
        assert resolved(key, market).misfits == ()
        made = [
            pure for each in localization(key, market)["changes"] for pure in pure_changes(each)
        ]
        assert len({change.place for change in made}) == len(made)

    def test_every_step_that_the_profile_speaks_against_is_settled(
        self, key: str, market: str
    ) -> None:
        assert open_questions(resolved(key, market).steps, reports(market)) == ()

    def test_nothing_is_left_out(self, key: str, market: str) -> None:
        assert resolved(key, market).dropped == {}


EACH_CHANGE = pytest.mark.parametrize(
    ("key", "market", "change"),
    [
        pytest.param(key, market, change, id=f"{key}-{market}-{change['step']}-{at}")
        for at, (key, market, change) in enumerate(all_changes())
    ],
)


class TestEveryChange:
    @EACH_CHANGE
    def test_it_has_a_reason_that_names_its_source(
        self, key: str, market: str, change: Document
    ) -> None:
        reason = change["reason"]
        assert ReasonKind(reason["kind"]) in {ReasonKind.CULTURE, ReasonKind.LANGUAGE}
        assert len(reason["text"]) > 20
        assert re.search(
            r"Customer Success around the globe|5 Considerations|The Cultural Gap",
            reason["evidence"],
        )

    @EACH_CHANGE
    def test_it_is_worded_as_a_report_and_not_as_a_rule_about_people(
        self, key: str, market: str, change: Document
    ) -> None:
        if change["reason"]["kind"] == "culture":
            assert re.search("report|the practitioner", change["reason"]["text"])
            for text in english_of(change):
                assert not NATIONALITIES.search(text), text

    @EACH_CHANGE
    def test_the_outcome_is_the_same_everywhere(
        self, key: str, market: str, change: Document
    ) -> None:
        if change["action"] == "set":
            assert not {"outcome", "required"} & change["fields"].keys()
        else:
            assert change["action"] == "add"
            assert change["fields"]["outcome"]
            assert not change["fields"].get("required")

    @EACH_CHANGE
    def test_a_translation_is_in_the_language_of_its_market(
        self, key: str, market: str, change: Document
    ) -> None:
        translated = [name for name in change["fields"] if name.startswith("translations.")]
        if change["reason"]["kind"] == "language":
            assert translated == [f"translations.{LANGUAGES[market]}"]
            words = change["fields"][translated[0]]
            assert words.keys() <= {"title", "outcome", "message"}
            assert {"title", "outcome"} <= words.keys()
        else:
            assert translated == []

    def test_a_translated_message_has_the_placeholders_of_the_global_one(self) -> None:
        for key, market, change in all_changes():
            for name, words in change["fields"].items():
                if name.startswith("translations.") and "message" in words:
                    step = next(s for s in PLAYBOOKS[key]["steps"] if s["key"] == change["step"])
                    ours = set(placeholders_in(words["message"]))
                    assert ours == set(placeholders_in(step["message"])), (key, market)


class TestTheMarkets:
    """What the reports say of each of the seven, and where the library follows them."""

    def test_germany_explains_the_role_of_the_csm_in_a_step_of_its_own(self) -> None:
        (change,) = changes_of("onboarding", "DE", "explain-role")
        assert change["action"] == "add"
        assert "what the CSM is there for" in change["fields"]["title"]
        assert "another seller" in change["reason"]["text"]

    def test_appointments_are_fixed_early_in_germany(self) -> None:
        fixed = changed("onboarding", "DE", "fix-dates")
        assert fixed["offset"] < global_value("onboarding", "fix-dates", "offset")
        assert "every appointment" in fixed["instructions"]
        review = changed("business-review", "DE", "set-date")
        assert review["offset"] < global_value("business-review", "set-date", "offset")

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("onboarding", "success-plan"),
            ("business-review", "decisions"),
            ("adoption-rescue", "rescue-plan"),
            ("new-sponsor", "confirm-goals"),
        ],
    )
    def test_agreements_are_explicit_and_written_in_germany(self, key: str, step: str) -> None:
        assert re.search("explicit written", changed(key, "DE", step)["instructions"])

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("onboarding", "kickoff"),
            ("business-review", "review"),
            ("renewal", "value-review"),
            ("adoption-rescue", "watch-users"),
            ("expansion", "value-review"),
            ("new-sponsor", "first-meeting"),
        ],
    )
    @pytest.mark.parametrize("market", ["FR", "ES"])
    def test_france_and_spain_meet_in_person(self, market: str, key: str, step: str) -> None:
        assert changed(key, market, step)["channel"] == "in_person"

    def test_there_is_more_time_in_france_before_expansion_is_decided(self) -> None:
        decision = changed("expansion", "FR", "decision")
        assert decision["offset"] > global_value("expansion", "decision", "offset")
        days = {step.key: step.day for step in facts_of("expansion", "FR").steps}
        sooner = {step.key: step.day for step in facts_of("expansion", "").steps}
        assert days["decision"] > sooner["decision"]
        assert days["start-well"] > sooner["start-well"]

    @pytest.mark.parametrize(
        ("key", "step"), [("onboarding", "pulse"), ("business-review", "collect-results")]
    )
    def test_a_low_rate_of_tens_is_read_against_the_baseline_of_france_itself(
        self, key: str, step: str
    ) -> None:
        words = " ".join(changed(key, "FR", step)["instructions"].split())
        assert "this market's own baseline" in words
        assert "a 9 promotes as well" in words

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("onboarding", "set-up"),
            ("adoption-rescue", "rescue-plan"),
            ("expansion", "try-it"),
            ("escalation", "relief"),
        ],
    )
    def test_the_gulf_is_offered_enablement_and_full_service_both(
        self, key: str, step: str
    ) -> None:
        (change,) = changes_of(key, "AE", step)
        assert re.search(r"[Bb]oth\s+ways|full service", change["fields"]["instructions"])
        assert re.search(r"choose|choice", change["fields"]["instructions"])
        assert "enablement and full service both" in change["reason"]["text"]

    def test_senior_people_are_involved_early_in_the_gulf(self) -> None:
        (change,) = changes_of("onboarding", "AE", "sponsor-welcome")
        assert change["fields"]["owner_role"] == "executive_sponsor"
        assert change["fields"]["stakeholders"] == ["senior_sponsor"]
        welcome = next(
            step for step in facts_of("onboarding", "AE").steps if step.key == "sponsor-welcome"
        )
        assert welcome.day <= 7
        assert changed("escalation", "AE", "leader-call")["offset"] < global_value(
            "escalation", "leader-call", "offset"
        )

    @pytest.mark.parametrize(
        ("key", "step"), [("onboarding", "fix-dates"), ("escalation", "acknowledge")]
    )
    def test_availability_is_agreed_and_nobody_is_on_call_by_default(
        self, key: str, step: str
    ) -> None:
        (change,) = changes_of(key, "AE", step)
        assert re.search(r"agree", change["fields"]["instructions"])
        assert "Nobody is on call" in change["fields"]["instructions"]
        assert "no CSM is on call by default" in change["reason"]["text"]

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("onboarding", "kickoff"),
            ("onboarding", "team-training"),
            ("onboarding", "first-review"),
            ("business-review", "review"),
            ("renewal", "value-review"),
            ("adoption-rescue", "restart-session"),
            ("escalation", "repair-trust"),
            ("new-sponsor", "first-meeting"),
        ],
    )
    def test_sessions_are_longer_in_spain(self, key: str, step: str) -> None:
        longer = changed(key, "ES", step)["duration_minutes"]
        assert longer > global_value(key, step, "duration_minutes")

    def test_the_csm_is_introduced_in_spain_by_whom_the_customer_knows(self) -> None:
        (change,) = changes_of("onboarding", "ES", "introduce-csm")
        assert change["action"] == "add"
        assert "account manager" in change["fields"]["title"]

    @pytest.mark.parametrize(
        ("key", "digital", "personal"),
        [("onboarding", "lessons", "personal-care"), ("adoption-rescue", "guides", "care-call")],
    )
    def test_personal_care_is_kept_beside_tech_touch_in_japan(
        self, key: str, digital: str, personal: str
    ) -> None:
        steps = {step.key: step.fields for step in resolved(key, "JP").steps}
        assert steps[digital]["kind"] == "digital"
        assert steps[personal]["kind"] == "call"
        assert steps[personal]["anchor_step"] == digital
        (change,) = changes_of(key, "JP", personal)
        assert re.search(r"beside tech touch, not\s+instead of it", change["reason"]["text"])

    @pytest.mark.parametrize(
        ("key", "step"),
        [("onboarding", "between-the-lines"), ("business-review", "read-between-lines")],
    )
    def test_the_united_kingdom_reads_between_the_lines(self, key: str, step: str) -> None:
        (change,) = changes_of(key, "GB", step)
        assert change["action"] == "add"
        assert change["fields"]["kind"] == "internal"
        phrases = [phrase.phrase for phrase in library_market("GB").phrases]
        words = " ".join(change["fields"]["instructions"].split())
        assert any(phrase in words for phrase in phrases)
        assert "phrasebook" in words

    def test_the_phrases_are_those_of_the_phrasebook(self) -> None:
        told = " ".join(
            " ".join(change["fields"]["instructions"].split())
            for _key, market, change in all_changes()
            if market == "GB" and "instructions" in change["fields"]
        ).lower()
        for phrase in library_market("GB").phrases:
            assert phrase.phrase.lower() in told

    @pytest.mark.parametrize(
        ("key", "step"),
        [("onboarding", "success-plan"), ("adoption-rescue", "rescue-plan")],
    )
    def test_less_is_promised_in_the_united_kingdom(self, key: str, step: str) -> None:
        (change,) = changes_of(key, "GB", step)
        assert "Promise less" in change["fields"]["instructions"]
        assert re.search(r"promise less and to\s+deliver more", change["reason"]["text"])

    def test_there_is_time_for_small_talk_in_the_united_kingdom(self) -> None:
        for key, step in (("onboarding", "kickoff"), ("new-sponsor", "first-meeting")):
            assert re.search("[Ss]mall talk", changed(key, "GB", step)["instructions"])

    def test_the_return_comes_early_in_the_united_states_and_is_tied_to_usage(self) -> None:
        (change,) = changes_of("onboarding", "US", "early-return")
        assert change["action"] == "add"
        assert "tied to usage" in change["fields"]["title"]
        days = {step.key: step.day for step in facts_of("onboarding", "US").steps}
        assert days["early-return"] < days["first-result"] < days["first-review"]

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("onboarding", "success-plan"),
            ("business-review", "collect-results"),
            ("renewal", "value-summary"),
            ("adoption-rescue", "rescue-plan"),
            ("expansion", "case"),
            ("new-sponsor", "one-page"),
        ],
    )
    def test_whatever_is_shown_in_the_united_states_says_return_and_usage(
        self, key: str, step: str
    ) -> None:
        words = changed(key, "US", step)["instructions"]
        assert "return" in words
        assert "usage" in words

    def test_an_escalation_is_answered_the_same_day_in_the_united_states(self) -> None:
        assert changed("escalation", "US", "acknowledge") == {"offset": 0}

    @pytest.mark.parametrize("market", sorted(LANGUAGES))
    def test_at_least_three_steps_speak_the_language_of_the_market(self, market: str) -> None:
        translated = [
            change
            for _key, where, change in all_changes()
            if where == market and change["reason"]["kind"] == "language"
        ]
        assert len(translated) >= 3
        assert library_market(market).languages[0].startswith(LANGUAGES[market])
