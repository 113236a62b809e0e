"""Playbooks and their versions: written, checked, published, compared."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.models import GovernanceSettings
from governance.services import save_settings
from playbooks import services
from playbooks.models import Edition, Playbook
from playbooks.services import Standing
from regions.models import CulturalStatement
from regions.services import confirm_statement
from tests import factories
from tests.conftest import Cast, count_queries, signed_in

URL = "/api/v1/playbooks/"
VERSIONS = "/api/v1/playbook-versions/"
LIBRARY = "/api/v1/library-playbooks/"
NEW = {
    "key": "onboarding",
    "motion": "onboarding",
    "name": "First 90 days",
    "goal": "The customer works with the product.",
    "tiers": ["tier_1"],
    "steps": [
        factories.step("kickoff", required=True),
        factories.step("training", kind="training", offset=5, depends_on=["kickoff"]),
    ],
}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def draft(leader: APIClient) -> dict[str, Any]:
    """The first draft of a playbook, as the API returns it."""
    playbook = leader.post(URL, NEW).json()
    version: dict[str, Any] = leader.get(f"{VERSIONS}{playbook['versions'][0]['id']}/").json()
    return version


def paths(answer: Any) -> list[str]:
    assert answer.status_code == 400
    return [error["path"] for error in answer.json()["errors"]]


class TestAPlaybook:
    def test_is_written_with_its_first_draft(self, leader: APIClient) -> None:
        made = leader.post(URL, NEW)
        assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
        playbook = made.json()
        (version,) = playbook["versions"]
        assert version | {"number": 1, "status": "draft", "name": "First 90 days"} == version
        assert leader.get(f"{URL}{playbook['id']}/").json() == playbook
        whole = leader.get(f"{VERSIONS}{version['id']}/").json()
        assert [step["key"] for step in whole["steps"]] == ["kickoff", "training"]
        assert whole["steps"][1]["depends_on"] == ["kickoff"]
        assert (whole["tiers"], whole["playbook_key"]) == (["tier_1"], "onboarding")

    def test_names_every_step_that_cannot_be_taken(self, cast: Cast, leader: APIClient) -> None:
        steps = [
            factories.step("a", titel="x"),
            factories.step("b", kind="dance"),
            {"key": "c"},
            factories.step("a b"),
            factories.step("d", offset="2", required=1),
        ]
        answer = leader.post(URL, NEW | {"steps": steps})
        assert paths(answer) == [
            "steps[0].titel",
            "steps[1].kind",
            *("steps[2].title", "steps[2].outcome", "steps[2].kind"),
            "steps[3].key",
            *("steps[4].offset", "steps[4].required"),
        ]
        assert "Did you mean title?" in answer.json()["errors"][0]["detail"]
        with cast.acting():
            assert not Playbook.objects.exists()

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"steps": {}}, "steps"),
            ({"steps": [1]}, "steps[0]"),
            ({"steps": [factories.step() | {"key": ["a"]}]}, "steps[0].key"),
            ({"steps": [factories.step("a"), factories.step("a")]}, "steps[1].key"),
            (
                {"steps": [factories.step() | {"translations.fr": {"title": "x"}}]},
                "steps[0].translations.fr",
            ),
            ({"steps": [factories.step(offset=10**30)]}, "steps[0].offset"),
            ({"steps": [factories.step(translations={"fr": ["x"]})]}, "steps[0].translations"),
            ({"steps": [factories.step(condition={"tiers": [{}]})]}, "steps[0].condition"),
            ({"steps": [factories.step(depends_on=[["a"]])]}, "steps[0].depends_on"),
            ({"steps": [factories.step(anchor_step="kickoff")]}, "steps[0].anchor_step"),
            ({"steps": [factories.step(f"s{n}") for n in range(101)]}, "steps"),
            ({"key": "no spaces"}, "key"),
            ({"key": None}, "key"),
            ({"motion": "dancing"}, "motion"),
            ({"tiers": ["tier_9"]}, "tiers[0]"),
            ({"goal": ""}, "goal"),
            ({"gaol": "x"}, "gaol"),
            ({"library_key": "x"}, "library_key"),
        ],
    )
    def test_is_judged(self, leader: APIClient, change: dict[str, Any], path: str) -> None:
        assert paths(leader.post(URL, NEW | change)) == [path]

    def test_has_a_key_of_its_own(self, leader: APIClient) -> None:
        playbook = leader.post(URL, NEW).json()
        assert paths(leader.post(URL, NEW)) == ["key"]
        assert paths(leader.patch(f"{URL}{playbook['id']}/", {"key": "other"})) == ["key"]

    def test_is_archived_by_deleting_it_and_restored(self, leader: APIClient) -> None:
        address = f"{URL}{leader.post(URL, NEW).json()['id']}/"
        assert leader.delete(address).status_code == 204
        assert leader.get(address).json()["archived_at"]
        assert leader.get(URL, {"archived": "false"}).json()["results"] == []
        refused = leader.post(f"{address}draft/")
        assert (refused.status_code, refused.json()["code"]) == (409, "PlaybookArchived")
        assert leader.post(f"{address}restore/").json()["archived_at"] is None

    def test_changes_its_motion_in_the_version_that_was_read(self, leader: APIClient) -> None:
        address = f"{URL}{leader.post(URL, NEW).json()['id']}/"
        changed = leader.patch(address, {"motion": "adoption"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        stale = leader.patch(address, {"motion": "risk"}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        bare = APIClient.generic(leader, "PATCH", address, "{}", content_type="application/json")
        assert bare.status_code == 428

    @pytest.mark.parametrize("who", ["manager", "csm", "analyst"])
    def test_is_written_by_who_answers_for_all(
        self, cast: Cast, draft: dict[str, Any], who: str
    ) -> None:
        client = signed_in(getattr(cast, who))
        playbook, version = f"{URL}{draft['playbook']}/", f"{VERSIONS}{draft['id']}/"
        for address in (playbook, version, f"{playbook}markets/", f"{playbook}worklist/"):
            assert client.get(address).status_code == 200
        refused = [
            client.post(URL, NEW | {"key": "x"}),
            client.patch(playbook, {"motion": "risk"}),
            client.delete(playbook),
            client.patch(version, {"name": "X"}),
            client.delete(version),
            client.post(f"{LIBRARY}renewal/adopt/"),
            *(client.post(f"{playbook}{name}/") for name in ("draft", "restore")),
            client.post(f"{playbook}adopt-localizations/"),
            *(client.post(f"{version}{name}/") for name in ("check", "submit", "publish")),
            *(client.post(f"{version}{name}/") for name in ("reject", "retire")),
        ]
        assert {answer.status_code for answer in refused} == {403}


class TestADraft:
    def test_is_changed_whole(self, leader: APIClient, draft: dict[str, Any]) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        kickoff, _training = draft["steps"]
        body = {"name": "First 60 days", "steps": [kickoff, factories.step("survey", offset=9)]}
        changed = leader.patch(address, body, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        assert [step["key"] for step in changed.json()["steps"]] == ["kickoff", "survey"]
        assert changed.json()["name"] == "First 60 days"
        assert leader.get(address).json() == changed.json()
        again = leader.patch(address, body, headers={"If-Match": '"1"'})
        assert (again.status_code, again.json()["changed_by"]) == (412, "CS leader of Alder")

    def test_keeps_its_steps_where_none_are_sent(
        self, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        changed = leader.patch(f"{VERSIONS}{draft['id']}/", {"change_note": "New."}).json()
        assert (changed["steps"], changed["change_note"]) == (draft["steps"], "New.")

    def test_does_not_change_by_steps_that_cannot_be_taken(
        self, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        answer = leader.patch(address, {"name": "X", "steps": [*draft["steps"], {"key": "x"}]})
        assert paths(answer) == ["steps[2].title", "steps[2].outcome", "steps[2].kind"]
        assert leader.get(address).json() == draft

    def test_says_what_cannot_be_set(self, leader: APIClient, draft: dict[str, Any]) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        for name in ("status", "number", "playbook", "published_at", "decided_by"):
            assert paths(leader.patch(address, {name: draft[name]})) == [name]
        assert leader.post(VERSIONS, {}).status_code == 405

    def test_is_checked_without_being_changed(
        self, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        assert leader.post(f"{address}check/").json() == {"publishable": True, "findings": []}
        steps = [factories.step("a", depends_on=["b"]), factories.step("c", owner_role="pilot")]
        leader.patch(address, {"steps": steps})
        checked = leader.post(f"{address}check/").json()
        assert checked["publishable"] is False
        assert [(each["rule"], each["step"], each["field"]) for each in checked["findings"]] == [
            ("unknown_step", "a", "depends_on"),
            ("unknown_role", "c", "owner_role"),
        ]
        assert leader.get(address).json()["version"] == 2
        assert leader.post(f"{address}check/", {"deep": True}).status_code == 400

    def test_is_refused_with_everything_that_is_wrong(
        self, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        leader.patch(address, {"steps": [factories.step("a", depends_on=["b", "c"])]})
        for name in ("submit", "publish"):
            answer = leader.post(f"{address}{name}/")
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (409, "Flawed")
            assert [each["value"] for each in problem["findings"]] == ["b", "c"]
            assert all(each["severity"] == "error" for each in problem["findings"])
            assert all(each["detail"] in problem["detail"] for each in problem["findings"])

    def test_is_discarded_with_a_playbook_that_was_never_published(
        self, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        assert leader.delete(f"{VERSIONS}{draft['id']}/").status_code == 204
        assert leader.get(f"{URL}{draft['playbook']}/").status_code == 404

    def test_is_the_only_one(self, leader: APIClient, draft: dict[str, Any]) -> None:
        answer = leader.post(f"{URL}{draft['playbook']}/draft/")
        assert (answer.status_code, answer.json()["code"]) == (409, "DraftExists")


class TestReview:
    def test_takes_two(self, cast: Cast, leader: APIClient, draft: dict[str, Any]) -> None:
        with cast.acting():
            save_settings(GovernanceSettings(second_person_approves=True))
        address, admin = f"{VERSIONS}{draft['id']}/", signed_in(cast.admin)
        alone = leader.post(f"{address}publish/")
        assert (alone.status_code, alone.json()["code"]) == (409, "SecondPersonNeeded")
        submitted = leader.post(f"{address}submit/").json()
        assert submitted["status"] == "in_review"
        assert submitted["submitted_by"] == str(cast.leader.pk)
        edited = leader.patch(address, {"name": "X"})
        assert (edited.status_code, edited.json()["code"]) == (409, "VersionNotDraft")
        assert paths(admin.post(f"{address}reject/", {})) == ["comment"]
        assert paths(admin.post(f"{address}reject/", {"comment": " "})) == ["comment"]
        rejected = admin.post(f"{address}reject/", {"comment": "Say why."}).json()
        assert (rejected["status"], rejected["decision_comment"]) == ("draft", "Say why.")
        leader.post(f"{address}submit/")
        assert leader.post(f"{address}publish/").json()["code"] == "SecondPersonNeeded"
        assert admin.post(f"{address}publish/").json()["status"] == "published"

    def test_is_told_by_the_wrong_state(self, leader: APIClient, draft: dict[str, Any]) -> None:
        address = f"{VERSIONS}{draft['id']}/"
        for name, body, code in (
            ("reject", {"comment": "x"}, "NotInReview"),
            ("retire", {}, "NotPublished"),
        ):
            answer = leader.post(f"{address}{name}/", body)
            assert (answer.status_code, answer.json()["code"]) == (409, code)


class TestPublishing:
    def test_makes_the_editions_of_markets_that_follow(
        self, cast: Cast, leader: APIClient, draft: dict[str, Any]
    ) -> None:
        with cast.acting():
            factories.market("FR"), factories.market("JP")
        address = f"{VERSIONS}{draft['id']}/"
        stale = leader.post(f"{address}publish/", headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        published = leader.post(f"{address}publish/")
        assert published.headers["ETag"] == f'"{published.json()["version"]}"'
        made = published.json()["editions"]
        assert [(each["market_code"], each["number"]) for each in made] == [("FR", 1), ("JP", 1)]
        assert published.json()["status"] == "published"
        for answer in (leader.patch(address, {"name": "X"}), leader.delete(address)):
            assert (answer.status_code, answer.json()["code"]) == (409, "VersionNotDraft")
        again = leader.post(f"{address}publish/")
        assert (again.status_code, again.json()["code"]) == (409, "VersionNotDraft")

    def test_leaves_localized_markets_behind_until_they_follow(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            version = factories.published(factories.step(), by=cast.leader)
            localized = factories.localization(
                version, france, factories.change("kickoff", "offset", 4)
            )
            services.publish_localization(localized, by=cast.leader, at=timezone.now())
        address = f"{URL}{version.playbook_id}/"
        draft = leader.post(f"{address}draft/")
        assert (draft.status_code, draft.json()["number"]) == (201, 2)
        assert [step["key"] for step in draft.json()["steps"]] == ["kickoff"]
        leader.post(f"{VERSIONS}{draft.json()['id']}/publish/")
        states = {each["market_code"]: each for each in leader.get(f"{address}markets/").json()}
        assert states["FR"]["standing"] == Standing.BEHIND
        assert (states["FR"]["versions_behind"], states["FR"]["drift"]["timing"]) == (1, 1)
        assert states["JP"]["standing"] == Standing.CURRENT
        in_force = leader.get(f"{address}editions/").json()
        assert {each["market_code"]: each["rests_on"] for each in in_force} == {"FR": 1, "JP": 2}
        for market in ("JP", str(japan.pk)):
            (one,) = leader.get(f"{address}editions/", {"market": market}).json()
            assert one["id"] == states["JP"]["edition"]
        for market in ("XX", "0198c5f2-7a31-7c3e-9d0b-5f4e2c1a6b70"):
            assert paths(leader.get(f"{address}editions/", {"market": market})) == ["market"]

    def test_retires_what_is_published(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            version = factories.published(by=cast.leader)
        retired = leader.post(f"{VERSIONS}{version.pk}/retire/").json()
        assert (retired["status"], bool(retired["retired_at"])) == ("retired", True)


class TestComparing:
    def test_shows_every_step_and_what_differs(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            one = factories.published(
                factories.step("a"), factories.step("b"), by=cast.leader, name="One"
            )
            two = services.start_draft(one.playbook, by=cast.leader)
            two.name = "Two"
            steps = [factories.step("a", offset=7), factories.step("c")]
            services.save_version(two, steps=steps)
        query = {"left": str(one.pk), "right": str(two.pk)}
        answer = leader.get(f"{VERSIONS}compare/", query).json()
        found = {each["key"]: each for each in answer}
        assert {key: each["difference"] for key, each in found.items()} == {
            "": "changed",
            "a": "changed",
            "b": "only_left",
            "c": "only_right",
        }
        assert [(f["name"], f["left"], f["right"]) for f in found[""]["fields"]] == [
            ("name", "One", "Two")
        ]
        assert found["a"]["changes_timing"] is True
        assert found["a"]["fields"][0]["left_origin"]["level"] == "global"

    def test_asks_for_two_that_are_there(
        self, cast: Cast, leader: APIClient, outsiders: Cast
    ) -> None:
        with cast.acting():
            own = str(factories.playbook().pk)
        with outsiders.acting():
            foreign = str(factories.playbook().pk)
        address = f"{VERSIONS}compare/"
        assert paths(leader.get(address, {"left": own})) == ["right"]
        assert paths(leader.get(address, {"left": own, "right": "x"})) == ["right"]
        assert paths(leader.get(address, {"left": own, "right": own, "middle": own})) == ["middle"]
        missing = "0198c5f2-7a31-7c3e-9d0b-5f4e2c1a6b70"
        met = [
            leader.get(address, {"left": own, "right": pk}).content.decode().replace(pk, "")
            for pk in (foreign, missing)
        ]
        assert met[0] == met[1]


class TestTheList:
    def test_is_filtered(self, leader: APIClient, draft: dict[str, Any]) -> None:
        leader.post(URL, NEW | {"key": "risk", "motion": "risk"})
        assert [each["key"] for each in leader.get(URL).json()["results"]] == ["onboarding", "risk"]
        (found,) = leader.get(URL, {"motion": "risk"}).json()["results"]
        assert found["key"] == "risk"
        query = {"playbook": draft["playbook"], "status": "draft"}
        (version,) = leader.get(VERSIONS, query).json()["results"]
        assert version["id"] == draft["id"]
        assert "steps" not in version
        assert leader.get(VERSIONS, query | {"status": "retired"}).json()["results"] == []

    def test_of_markets_and_open_questions_takes_as_many_queries_for_many_markets(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            factories.market("FR")
            version = factories.published(factories.step(assumption="remote"), by=cast.leader)

        def queries() -> list[int]:
            counts = []
            for name in ("editions", "markets", "worklist"):
                with count_queries() as captured:
                    assert leader.get(f"{URL}{version.playbook_id}/{name}/").status_code == 200
                counts.append(len(captured))
            return counts

        few = queries()
        with cast.acting():
            for code in ("JP", "DE", "ES", "AE"):
                factories.market(code)
            assert Edition.objects.count() == 5
        assert queries() == few


class TestTheWorklist:
    def test_lists_steps_that_a_profile_denies_until_somebody_decides(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            france = factories.market("FR")
            statement = CulturalStatement.objects.filter(market=france, side="in_person").get()
            confirm_statement(statement, by=cast.manager, at=timezone.now())
            version = factories.published(factories.step(assumption="remote"), by=cast.leader)
        address = f"{URL}{version.playbook_id}/worklist/"
        (question,) = leader.get(address).json()
        assert (question["market_code"], question["step"]) == ("FR", "kickoff")
        assert question["statements"][0]["id"] == str(statement.pk)
        body = {
            "playbook": str(version.playbook_id),
            "market": str(france.pk),
            "step": "kickoff",
            "assumption": "remote",
            "because": "They asked for video.",
        }
        decided = leader.post("/api/v1/assumption-decisions/", body)
        assert decided.status_code == 201
        assert decided.json()["decided_by"] == str(cast.leader.pk)
        assert leader.get(address).json() == []
        twice = leader.post("/api/v1/assumption-decisions/", body)
        assert twice.status_code == 400
        row = f"/api/v1/assumption-decisions/{decided.json()['id']}/"
        assert leader.patch(row, {"because": "x"}).status_code == 405
        assert leader.delete(row, headers={"If-Match": '"1"'}).status_code == 204
        assert len(leader.get(address, {"market": "FR"}).json()) == 1


class TestTheLibrary:
    def test_is_adopted_with_the_localizations_of_the_markets_there_are(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            factories.market("FR")
        listed = {each["key"]: each for each in leader.get(LIBRARY).json()}
        assert "FR" in listed["onboarding"]["markets"]
        assert listed["onboarding"]["is_adopted"] is False
        adopted = leader.post(f"{LIBRARY}onboarding/adopt/")
        assert adopted.status_code == 201
        version = adopted.json()
        assert len(version["steps"]) == listed["onboarding"]["steps"]
        assert leader.get(f"{LIBRARY}onboarding/").json()["is_adopted"] is True
        query = {"playbook": version["playbook"]}
        (localization,) = leader.get("/api/v1/localizations/", query).json()["results"]
        assert localization["changes"]
        again = leader.post(f"{LIBRARY}onboarding/adopt/")
        assert (again.status_code, again.json()["code"]) == (409, "PlaybookExists")
        assert leader.post(f"{LIBRARY}nothing/adopt/").status_code == 404
        assert leader.post(f"{LIBRARY}renewal/adopt/", {"all": True}).status_code == 400
        with cast.acting():
            factories.market("DE")
        address = f"{URL}{version['playbook']}/adopt-localizations/"
        added = leader.post(address)
        assert (added.status_code, len(added.json())) == (200, 1)
        assert leader.post(address).json() == []
