"""Localizations: written with reasons, checked, published, moved to newer versions."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from playbooks import services
from playbooks.models import PlaybookVersion
from regions.models import Assignment, CulturalStatement, Market
from regions.services import save_assignment
from tests import factories
from tests.conftest import Cast, signed_in

URL = "/api/v1/localizations/"
REASON = {"reason_kind": "culture", "reason": "A visit comes before a call here."}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def france(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("FR")


@pytest.fixture
def version(cast: Cast, france: Market) -> PlaybookVersion:
    """A published playbook of three steps, which France and Spain follow."""
    with cast.acting():
        factories.market("ES")
        return factories.published(
            factories.step("kickoff", required=True),
            factories.step("training", offset=5, depends_on=["kickoff"]),
            factories.step("survey", kind="survey", channel="email", offset=20),
            by=cast.leader,
        )


def written(version: PlaybookVersion, place: Any, *changes: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a localization."""
    where = {"market" if isinstance(place, Market) else "region": str(place.pk)}
    return {"playbook": str(version.playbook_id), **where, "changes": list(changes)}


def change(step: str, field: str = "", value: Any = None, **values: Any) -> dict[str, Any]:
    """Return a change with its reason: of a field, or of the whole step."""
    what = {"action": "set" if field else "drop", "step": step}
    if field or value is not None:
        what |= {"field": field, "value": value}
    return what | REASON | values


def paths(answer: Any) -> list[str]:
    assert answer.status_code == 400
    return [error["path"] for error in answer.json()["errors"]]


def next_version(cast: Cast, version: PlaybookVersion, **offsets: int) -> PlaybookVersion:
    """Publish a version whose steps fall on other days."""
    with cast.acting():
        draft = services.start_draft(version.playbook, by=cast.leader)
        steps = [services.step_values(step) for step in draft.steps.all()]
        for step in steps:
            step["offset"] = offsets.get(step["key"], step["offset"])
        services.save_version(draft, steps=steps)
        services.publish_version(draft, by=cast.leader, at=timezone.now())
    return draft


class TestALocalization:
    def test_is_written_and_read(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        changes = [
            change("kickoff", "kind", "in_person", evidence="A report."),
            change("kickoff", "translations.fr", {"title": "Lancement"}, reason_kind="language"),
            change("", "name", "Intégration"),
            change("survey"),
            change("visit", action="add", value={**factories.step(), "kind": "in_person"}),
        ]
        del changes[-1]["value"]["key"]
        made = leader.post(URL, written(version, france, *changes))
        assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
        row = made.json()
        assert (row["market"], row["region"], row["rests_on"]) == (str(france.pk), None, 1)
        assert leader.get(f"{URL}{row['id']}/").json() == row
        found = {(each["step"], each["field"]): each for each in row["changes"]}
        assert len(found) == len(changes)
        assert found["kickoff", "kind"]["author"] == str(cast.leader.pk)
        assert found["kickoff", "kind"]["evidence"] == "A report."
        assert found["visit", ""]["value"]["kind"] == "in_person"
        (listed,) = leader.get(URL, {"market": str(france.pk)}).json()["results"]
        assert listed == row

    def test_replaces_its_changes_whole_and_keeps_who_made_the_others(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        body = written(version, france, change("kickoff", "offset", 3), change("survey"))
        row = leader.post(URL, body).json()
        address = f"{URL}{row['id']}/"
        kept = change("kickoff", "offset", 3)
        changed = signed_in(cast.admin).patch(
            address, {"changes": [kept]}, headers={"If-Match": '"1"'}
        )
        assert changed.headers["ETag"] == '"2"'
        (only,) = changed.json()["changes"]
        assert (only["author"], only["since"]) == (
            str(cast.leader.pk),
            next(each["since"] for each in row["changes"] if each["step"] == "kickoff"),
        )
        assert leader.patch(address, {"note": "x"}).json()["changes"] == [only]
        stale = leader.patch(address, {"changes": []}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["changed_by"]) == (412, "CS leader of Alder")

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            (change("kickof", "offset", 3), "step"),
            (change("kickoff", "ofset", 3), "value.ofset"),
            (change("kickoff", "offset", "3"), "value.offset"),
            (change("kickoff", "offset", 10**30), "value.offset"),
            (change("kickoff", "kind", None), "value.kind"),
            (change("kickoff", "kind", ["call"]), "value.kind"),
            (change("kickoff", "translations", {"fr": {}}), "value.translations"),
            (change("kickoff", "translations", "x"), "value.translations"),
            (change("kickoff", "translations.", {}), "value.translations."),
            (change("kickoff", "translations.fr", "x"), "value.translations.fr"),
            (change("kickoff", action="set", field=""), "field"),
            (change("kickoff", value=1), "value"),
            (change("new", action="add"), "value"),
            (change("new", action="add", value=[1]), "value"),
            (change("new", action="add", value={"title": "x"}), "value.outcome"),
            (change("new", action="add", value={"translations": "x"}), "value.translations"),
            (change(""), "step"),
            (change("kickoff", action="dance"), "action"),
            (change("kickoff", reason=""), "reason"),
            (change("kickoff", reason=" "), "reason"),
            (change("kickoff", reason_kind="whim"), "reason_kind"),
            (change("kickoff", statement="x"), "statement"),
            (change("kickoff", statement=[]), "statement"),
            (change("kickoff") | {"step": ["kickoff"]}, "step"),
            (change("kickoff") | {"field": {"a": 1}}, "field"),
            (change("kickoff", author="x"), "author"),
            (change("kickoff", why="x"), "why"),
        ],
    )
    def test_names_the_change_that_cannot_be_taken(
        self,
        leader: APIClient,
        version: PlaybookVersion,
        france: Market,
        wrong: dict[str, Any],
        path: str,
    ) -> None:
        body = written(version, france, change("survey"), wrong)
        assert f"changes[1].{path}" in paths(leader.post(URL, body))
        row = leader.post(URL, written(version, france)).json()
        answer = leader.patch(f"{URL}{row['id']}/", {"changes": body["changes"]})
        assert f"changes[1].{path}" in paths(answer)

    def test_is_of_one_place_that_it_keeps(
        self, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        playbook = {"playbook": str(version.playbook_id)}
        assert paths(leader.post(URL, playbook)) == ["market"]
        both = {"market": str(france.pk), "region": str(france.region_id)}
        assert paths(leader.post(URL, playbook | both)) == [""]
        row = leader.post(URL, written(version, france)).json()
        assert leader.post(URL, written(version, france)).status_code == 400
        for name in ("market", "region", "playbook", "base"):
            assert paths(leader.patch(f"{URL}{row['id']}/", {name: row["base"]})) == [name]

    def test_points_to_a_report_of_the_markets_own_profile(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        with cast.acting():
            own, other = (
                CulturalStatement.objects.filter(market=market).first()
                for market in (france, factories.market("JP"))
            )
        assert own
        assert other
        body = written(version, france, change("survey", statement=str(other.pk)))
        assert paths(leader.post(URL, body)) == ["changes[0].statement"]
        body = written(version, france, change("survey", statement=str(own.pk)))
        assert leader.post(URL, body).json()["changes"][0]["statement"] == str(own.pk)

    def test_is_removed_until_it_is_published(
        self, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        address = f"{URL}{leader.post(URL, written(version, france)).json()['id']}/"
        assert leader.delete(address).status_code == 204
        address = f"{URL}{leader.post(URL, written(version, france)).json()['id']}/"
        leader.post(f"{address}publish/")
        kept = leader.delete(address)
        assert (kept.status_code, kept.json()["code"]) == (409, "in_use")


class TestWhoMayWrite:
    def test_is_who_works_in_the_place(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        with cast.acting():
            save_assignment(Assignment(membership=cast.manager, market=france))
            spain = factories.market("ES")
        manager = signed_in(cast.manager)
        made = manager.post(URL, written(version, france, change("survey")))
        assert made.status_code == 201
        address = f"{URL}{made.json()['id']}/"
        for name in ("check", "publish"):
            assert manager.post(f"{address}{name}/").status_code == 200
        assert manager.post(f"{address}rebase/").json()["code"] == "NothingNewer"
        for place in (spain, france.region):
            assert manager.post(URL, written(version, place)).status_code == 403
        elsewhere = f"{URL}{leader.post(URL, written(version, spain)).json()['id']}/"
        assert manager.get(elsewhere).status_code == 200
        assert manager.patch(elsewhere, {"note": "x"}).status_code == 403
        assert manager.delete(elsewhere).status_code == 403
        for name in ("check", "publish", "rebase"):
            assert manager.post(f"{elsewhere}{name}/").status_code == 403

    @pytest.mark.parametrize("who", ["csm", "analyst"])
    def test_is_nobody_who_only_reads(
        self,
        cast: Cast,
        leader: APIClient,
        version: PlaybookVersion,
        france: Market,
        who: str,
    ) -> None:
        client = signed_in(getattr(cast, who))
        address = f"{URL}{leader.post(URL, written(version, france)).json()['id']}/"
        assert client.get(address).status_code == 200
        assert client.post(URL, written(version, france)).status_code == 403
        assert client.patch(address, {"note": "x"}).status_code == 403
        for name in ("check", "publish", "rebase"):
            assert client.post(f"{address}{name}/").status_code == 403


class TestPublishing:
    def test_tells_every_rule_that_is_broken_at_once(
        self, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        body = written(
            version,
            france,
            change("kickoff"),
            change("survey", "outcome", "Nothing."),
            change("survey", "owner_role", "pilot"),
        )
        address = f"{URL}{leader.post(URL, body).json()['id']}/"
        checked = leader.post(f"{address}check/").json()
        assert checked["publishable"] is False
        (market,) = checked["markets"]
        assert market["market_code"] == "FR"
        answer = leader.post(f"{address}publish/")
        assert (answer.status_code, answer.json()["code"]) == (409, "Flawed")
        findings = answer.json()["findings"]
        assert findings == market["findings"]
        assert {each["market"] for each in findings} == {"FR"}
        assert len(findings) >= 2

    def test_makes_a_revision_and_an_edition(
        self, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        row = leader.post(URL, written(version, france, change("kickoff", "offset", 3))).json()
        address = f"{URL}{row['id']}/"
        checked = leader.post(f"{address}check/").json()
        assert (checked["publishable"], checked["conflicts"]) == (True, [])
        assert leader.get(address).json()["version"] == 1
        stale = leader.post(f"{address}publish/", headers={"If-Match": '"9"'})
        assert stale.status_code == 412
        published = leader.post(f"{address}publish/", headers={"If-Match": '"1"'})
        assert published.headers["ETag"] == '"2"'
        (edition,) = published.json()["editions"]
        revisions = leader.get("/api/v1/localization-revisions/", {"market": str(france.pk)})
        (revision,) = revisions.json()["results"]
        assert edition["market_revision"] == revision["id"]
        assert (edition["market_code"], edition["number"]) == ("FR", 2)
        assert revision["changes"][0]["reason"]["text"] == REASON["reason"]
        detail = f"/api/v1/localization-revisions/{revision['id']}/"
        assert leader.get(detail).json() == revision
        assert leader.delete(detail).status_code == 405

    def test_waits_for_the_version(self, cast: Cast, leader: APIClient, france: Market) -> None:
        with cast.acting():
            draft = factories.playbook()
        address = f"{URL}{leader.post(URL, written(draft, france)).json()['id']}/"
        assert leader.post(f"{address}check/").json()["publishable"] is False
        answer = leader.post(f"{address}publish/")
        assert (answer.status_code, answer.json()["code"]) == (409, "BaseNotPublished")

    @pytest.mark.parametrize(
        ("settle", "path"),
        [
            ({}, "settle"),
            ([1], "settle[0]"),
            ([{"market": "FR", "step": "a", "choice": "coin"}], "settle[0].choice"),
            ([{"market": "FR", "step": "a", "choice": "value"}], "settle[0].value"),
            ([{"market": "FR", "step": "a", "choice": "base", "value": 1}], "settle[0].value"),
            ([{"step": "a", "choice": "base"}], "settle[0].market"),
            ([{"market": "JP", "step": "a", "choice": "base"}], "settle[0].market"),
            ([{"market": "FR", "step": ["a"], "choice": "base"}], "settle[0].step"),
            ([{"market": "FR", "step": "a", "field": {}, "choice": "base"}], "settle[0].field"),
            ([{"market": "FR", "step": "a", "choice": "base"}] * 2, "settle[1]"),
            ([{"market": "FR", "stepp": "a", "choice": "base"}], "settle[0].stepp"),
        ],
    )
    def test_reads_settlements_strictly(
        self,
        leader: APIClient,
        version: PlaybookVersion,
        france: Market,
        settle: Any,
        path: str,
    ) -> None:
        row = leader.post(URL, written(version, france.region)).json()
        for name in ("check", "publish"):
            answer = leader.post(f"{URL}{row['id']}/{name}/", {"settle": settle})
            assert any(found.startswith(path) for found in paths(answer))


class TestRebasing:
    def test_asks_to_settle_what_both_changed(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        body = written(
            version, france, change("training", "offset", 8), change("kickoff", "offset", 3)
        )
        address = f"{URL}{leader.post(URL, body).json()['id']}/"
        leader.post(f"{address}publish/")
        next_version(cast, version, training=6)
        refused = leader.post(f"{address}rebase/")
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "RebaseConflicts")
        (conflict,) = problem["conflicts"]
        said = conflict.pop("detail")
        assert said in problem["detail"]
        assert conflict == {
            "place": "FR",
            "kind": "changed_both",
            "step": "training",
            "field": "offset",
            "before": 5,
            "after": 6,
            "local": 8,
        }
        settle = {"step": "training", "field": "offset", "choice": "value"}
        wrong = leader.post(f"{address}rebase/", {"settle": [settle | {"value": "x"}]})
        assert paths(wrong) == ["training.offset"]
        rebased = leader.post(f"{address}rebase/", {"settle": [settle | {"value": 7}]}).json()
        assert rebased["rests_on"] == 2
        assert {each["step"]: each["value"] for each in rebased["changes"]} == {
            "kickoff": 3,
            "training": 7,
        }
        assert leader.get(address).json() == rebased
        again = leader.post(f"{address}rebase/")
        assert (again.status_code, again.json()["code"]) == (409, "NothingNewer")
        assert len(leader.post(f"{address}publish/").json()["editions"]) == 1

    def test_of_a_region_takes_its_markets_along(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, france: Market
    ) -> None:
        region = leader.post(
            URL, written(version, france.region, change("survey", "offset", 25))
        ).json()
        address = f"{URL}{region['id']}/"
        assert len(leader.post(f"{address}publish/").json()["editions"]) == 2
        market = leader.post(URL, written(version, france, change("training", "offset", 8)))
        leader.post(f"{URL}{market.json()['id']}/publish/")
        next_version(cast, version, training=6)
        assert leader.post(f"{address}rebase/").json()["rests_on"] == 2
        checked = leader.post(f"{address}check/").json()
        assert checked["publishable"] is False
        refused = leader.post(f"{address}publish/").json()
        assert refused["conflicts"] == checked["conflicts"]
        (conflict,) = refused["conflicts"]
        assert (conflict["place"], conflict["step"]) == ("FR", "training")
        settle = {"market": "FR", "step": "training", "field": "offset", "choice": "local"}
        assert leader.post(f"{address}check/", {"settle": [settle]}).json()["publishable"] is True
        published = leader.post(f"{address}publish/", {"settle": [settle]})
        assert {each["rests_on"] for each in published.json()["editions"]} == {2}
        assert leader.get(f"{URL}{market.json()['id']}/").json()["rests_on"] == 2
