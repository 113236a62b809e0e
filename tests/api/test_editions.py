"""Editions: whose word every field is, on which days steps fall, and how two markets differ."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from playbooks import services
from playbooks.models import Edition
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.conftest import Cast, signed_in

URL = "/api/v1/editions/"
BUDGETS = "/api/v1/contact-budgets/"


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def editions(cast: Cast) -> dict[str, Edition]:
    """What France, which is localized, and Japan carry out."""
    with cast.acting(cast.leader):
        france, japan = factories.market("FR"), factories.market("JP")
        version = factories.published(
            factories.step("kickoff", offset=1),
            factories.step("training", offset=3, unit="weeks"),
            factories.step("survey", anchor="renewal", offset=-1, unit="months"),
            by=cast.leader,
            name="First 90 days",
        )
        localization = factories.localization(
            version,
            france,
            factories.change("kickoff", "offset", 4, evidence="A report."),
            factories.change("survey"),
        )
        services.publish_localization(localization, by=cast.leader, at=timezone.now())
        return {
            edition.market.code: edition for edition in services.editions_in_force(version.playbook)
        } | {"": Edition.objects.get(market=france, number=1), "JP": _of(version, japan)}


def _of(version: Any, market: Any) -> Edition:
    edition = services.edition_in_force(version.playbook, market)
    assert edition
    return edition


def paths(answer: Any) -> list[str]:
    assert answer.status_code == 400
    return [error["path"] for error in answer.json()["errors"]]


class TestAnEdition:
    def test_knows_whose_word_every_field_is(
        self, leader: APIClient, editions: dict[str, Edition]
    ) -> None:
        whole = leader.get(f"{URL}{editions['FR'].pk}/").json()
        assert (whole["name"], whole["rests_on"], whole["number"]) == ("First 90 days", 1, 2)
        assert [step["key"] for step in whole["steps"]] == ["kickoff", "training"]
        kickoff, training = whole["steps"]
        assert kickoff["fields"]["offset"] == 4
        assert list(kickoff["origins"]) == ["offset"]
        origin = kickoff["origins"]["offset"]
        assert (origin["level"], origin["reason"]["evidence"]) == ("market", "A report.")
        assert training["origins"] == {}
        (dropped,) = whole["dropped"]
        assert (dropped["key"], dropped["origin"]["level"]) == ("survey", "market")

    def test_is_never_changed(self, leader: APIClient, editions: dict[str, Edition]) -> None:
        address = f"{URL}{editions['FR'].pk}/"
        for method in ("post", "put", "patch", "delete"):
            assert getattr(leader, method)(address, {}).status_code == 405
        assert leader.post(URL, {}).status_code == 405

    def test_is_listed_with_those_before_it(
        self, leader: APIClient, editions: dict[str, Edition]
    ) -> None:
        query = {"market": str(editions["FR"].market_id)}
        found = leader.get(URL, query).json()["results"]
        assert [(each["market_code"], each["number"]) for each in found] == [("FR", 1), ("FR", 2)]
        assert "steps" not in found[0]
        query = {"playbook": str(editions["FR"].playbook_id)}
        assert len(leader.get(URL, query).json()["results"]) == 3

    @pytest.mark.parametrize("who", ["manager", "csm", "analyst"])
    def test_is_read_by_everybody(self, cast: Cast, editions: dict[str, Edition], who: str) -> None:
        client, address = signed_in(getattr(cast, who)), f"{URL}{editions['FR'].pk}/"
        for each in (URL, address, f"{address}schedule/?start=2026-03-02"):
            assert client.get(each).status_code == 200


class TestTheSchedule:
    def test_has_the_days_of_the_markets_calendar(
        self, leader: APIClient, editions: dict[str, Edition]
    ) -> None:
        # Golden Week: 29 April, 4, 5 and 6 May are holidays in Japan.
        query = {"start": "2026-04-28", "renewal": "2026-12-31"}
        answer = leader.get(f"{URL}{editions['JP'].pk}/schedule/", query).json()
        kickoff, training, survey = answer
        assert (kickoff["date"], kickoff["missing"]) == ("2026-04-30", "")
        assert kickoff["due_at"].startswith("2026-04-30T")
        assert (training["date"], survey["date"]) == ("2026-05-19", "2026-11-30")

    def test_says_what_is_missing_and_what_moved_a_day(
        self, leader: APIClient, editions: dict[str, Edition]
    ) -> None:
        query = {"renewal": "2026-07-01"}
        kickoff, _training, survey = leader.get(f"{URL}{editions['JP'].pk}/schedule/", query).json()
        assert (kickoff["date"], kickoff["due_at"], kickoff["missing"]) == (None, None, "run_start")
        assert survey["date"] == "2026-06-01"
        query = {"renewal": "2026-06-06"}
        _kickoff, _training, survey = leader.get(
            f"{URL}{editions['JP'].pk}/schedule/", query
        ).json()
        assert survey["date"] == "2026-05-01"
        assert survey["moves"][0]["from_date"] == "2026-05-06"

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ("start=2026-02-30", "start"),
            ("start=02.03.2026", "start"),
            ("start=0001-01-01", "start"),
            ("start=9999-12-31", "start"),
            ("notice=9999-12-31&start=2026-03-02", "notice"),
            ("begin=2026-03-02", "begin"),
            ("start=", "start"),
        ],
    )
    def test_names_the_day_that_cannot_be_taken(
        self, leader: APIClient, editions: dict[str, Edition], query: str, path: str
    ) -> None:
        answer = leader.get(f"{URL}{editions['JP'].pk}/schedule/?{query}")
        if path != "notice":  # no step counts from it
            assert path in paths(answer)
        assert answer.status_code < 500


class TestTwoMarkets:
    def test_are_compared_step_by_step(
        self, leader: APIClient, editions: dict[str, Edition]
    ) -> None:
        query = {"left": str(editions["FR"].pk), "right": str(editions["JP"].pk)}
        found = {each["key"]: each for each in leader.get(f"{URL}compare/", query).json()}
        assert {key: each["difference"] for key, each in found.items()} == {
            "": "same",
            "kickoff": "changed",
            "training": "same",
            "survey": "only_right",
        }
        (field,) = found["kickoff"]["fields"]
        assert (field["name"], field["left"], field["right"]) == ("offset", 4, 1)
        assert field["left_origin"]["reason"]["kind"] == "culture"
        assert field["right_origin"] == {
            "level": "global",
            "reason": None,
            "author": "",
            "since": "",
        }

    def test_are_those_of_ones_own_organization(
        self, cast: Cast, outsiders: Cast, editions: dict[str, Edition]
    ) -> None:
        client, address = signed_in(outsiders.admin), f"{URL}compare/"
        own, missing = str(editions["FR"].pk), "0198c5f2-7a31-7c3e-9d0b-5f4e2c1a6b70"
        met = [
            client.get(address, {"left": pk, "right": pk}).content.decode().replace(pk, "")
            for pk in (own, missing)
        ]
        assert met[0] == met[1]


class TestContactBudgets:
    def test_are_kept_for_everywhere_and_for_places(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            save_assignment(Assignment(membership=cast.manager, market=france))
        manager = signed_in(cast.manager)
        body = {"tier": "tier_1", "most_touches": 8}
        assert manager.post(BUDGETS, body).status_code == 403
        made = leader.post(BUDGETS, body)
        assert (made.status_code, made.json()["period_days"]) == (201, 30)
        assert leader.post(BUDGETS, body).status_code == 400
        local = body | {"market": str(france.pk), "reason": "Fewer are expected here."}
        assert manager.post(BUDGETS, body | {"market": str(france.pk)}).status_code == 400
        mine = manager.post(BUDGETS, local).json()
        assert manager.post(BUDGETS, local | {"market": str(japan.pk)}).status_code == 403
        address = f"{BUDGETS}{mine['id']}/"
        assert manager.patch(address, {"market": str(japan.pk)}).status_code == 403
        assert manager.patch(address, {"most_touches": 0}).status_code == 400
        assert manager.patch(address, {"most_touches": 6}).json()["version"] == 2
        query = {"market": str(france.pk), "tier": "tier_1"}
        assert len(leader.get(BUDGETS, query).json()["results"]) == 1
        assert manager.delete(address).status_code == 204


class TestRevisionsOfCadences:
    def test_say_what_a_cadence_said(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            cadence = factories.cadence(title="Before")
            cadence.title = "After"
            services.save_cadence(cadence)
            factories.cadence(tier="tier_3")
        query = {"cadence": str(cadence.pk)}
        found = leader.get("/api/v1/cadence-revisions/", query).json()["results"]
        assert [(each["number"], each["content"]["title"]) for each in found] == [
            (1, "Before"),
            (2, "After"),
        ]
