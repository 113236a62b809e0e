"""Layer 1 by the API: who writes where, what is refused and by which path, the starting set."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from governance.models import Guardrail, Philosophy
from regions import services as regions_services
from regions.models import Assignment, Market
from tests import factories
from tests.conftest import Cast, signed_in

API = "/api/v1"
GUARDRAIL = {"name": "Owners", "kind": "owner_role", "protects": "Nobody waits."}
KPI = {"key": "nrr", "name": "NRR", "unit": "percent", "formula": "Words."}
TRAIT = {"key": "formality", "name": "Formality", "description": "Polite.", "is_local": True}
EVERYWHERE: dict[str, dict[str, Any]] = {
    "philosophies": {"text": "We serve."},
    "principles": {"title": "Value first", "text": "Always."},
    "voice-traits": TRAIT,
    "kpis": KPI,
    "guardrails": GUARDRAIL,
    "governance-settings": {"second_person_approves": True},
}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def france(cast: Cast) -> Market:
    with cast.acting():
        market = factories.market("FR")
        regions_services.save_assignment(Assignment(membership=cast.manager, market=market))
    return market


@pytest.fixture
def japan(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("JP")


def paths(response: Any) -> list[str]:
    assert response.status_code == 400, response.content
    return sorted(error["path"] for error in response.json()["errors"])


class TestWhatHoldsEverywhere:
    @pytest.mark.parametrize("route", EVERYWHERE)
    @pytest.mark.parametrize(
        ("role", "status"),
        [("admin", 201), ("leader", 201), ("manager", 403), ("csm", 403), ("analyst", 403)],
    )
    def test_is_written_by_who_works_everywhere(
        self, cast: Cast, france: Market, route: str, role: str, status: int
    ) -> None:
        client = signed_in(getattr(cast, role))
        assert client.post(f"{API}/{route}/", EVERYWHERE[route]).status_code == status

    @pytest.mark.parametrize("route", EVERYWHERE)
    def test_is_read_by_everybody(self, cast: Cast, leader: APIClient, route: str) -> None:
        made = leader.post(f"{API}/{route}/", EVERYWHERE[route]).json()
        found = signed_in(cast.csm).get(f"{API}/{route}/").json()["results"]
        assert [each["id"] for each in found] == [made["id"]]


class TestWhatIsLocal:
    @pytest.mark.parametrize(
        ("parent", "route", "body"),
        [
            ("voice-traits", "voice-variations", {"wording": "Vous.", "reason": "Asked for."}),
            ("kpis", "kpi-targets", {"value": "98.50", "reason": "Its own baseline."}),
        ],
    )
    def test_is_written_where_one_works(
        self,
        cast: Cast,
        leader: APIClient,
        france: Market,
        japan: Market,
        parent: str,
        route: str,
        body: dict[str, str],
    ) -> None:
        of = leader.post(f"{API}/{parent}/", EVERYWHERE[parent]).json()["id"]
        body = body | {"trait" if parent == "voice-traits" else "kpi": of}
        manager = signed_in(cast.manager)
        for market, status in ((france, 201), (japan, 403)):
            answer = manager.post(f"{API}/{route}/", body | {"market": str(market.pk)})
            assert answer.status_code == status
        (only,) = manager.get(f"{API}/{route}/?market={france.pk}").json()["results"]
        assert manager.delete(f"{API}/{route}/{only['id']}/").status_code == 204

    def test_needs_a_trait_that_may_vary(self, leader: APIClient, france: Market) -> None:
        made = leader.post(f"{API}/voice-traits/", TRAIT | {"is_local": False}).json()
        body = {"trait": made["id"], "market": str(france.pk), "wording": "…", "reason": "…"}
        assert paths(leader.post(f"{API}/voice-variations/", body)) == ["trait"]

    def test_keeps_its_trait_varying(self, leader: APIClient, france: Market) -> None:
        made = leader.post(f"{API}/voice-traits/", TRAIT).json()
        body = {"trait": made["id"], "market": str(france.pk), "wording": "…", "reason": "…"}
        assert leader.post(f"{API}/voice-variations/", body).status_code == 201
        answer = leader.patch(f"{API}/voice-traits/{made['id']}/", {"is_local": False})
        assert (answer.status_code, answer.json()["code"]) == (409, "TraitVaries")


class TestThePhilosophy:
    def test_is_published_as_the_next_number(self, cast: Cast, leader: APIClient) -> None:
        for number in (1, 2):
            made = leader.post(f"{API}/philosophies/", {"text": "We serve.", "after": number - 1})
            assert (made.status_code, made.json()["number"]) == (201, number)
            assert made.json()["published_by"] == str(cast.leader.pk)
        newest = leader.get(f"{API}/philosophies/?ordering=-number").json()["results"][0]
        assert newest["number"] == 2

    def test_is_refused_after_another_one(self, cast: Cast, leader: APIClient) -> None:
        leader.post(f"{API}/philosophies/", {"text": "Theirs."})
        late = leader.post(f"{API}/philosophies/", {"text": "Mine.", "after": 0})
        assert (late.status_code, late.json()["code"]) == (409, "NewerPhilosophy")
        with cast.acting():
            assert Philosophy.objects.get().text == "Theirs."

    def test_is_never_changed(self, leader: APIClient) -> None:
        made = leader.post(f"{API}/philosophies/", {"text": "We serve."}).json()
        for method in (leader.patch, leader.put, leader.delete):
            assert method(f"{API}/philosophies/{made['id']}/", {}).status_code == 405


class TestAGuardrail:
    def test_is_written_with_its_parameters(self, leader: APIClient) -> None:
        body = GUARDRAIL | {"kind": "kind_before"}
        body |= {"parameters": {"first": "business_review", "then": "expansion"}}  # type: ignore[dict-item]
        made = leader.post(f"{API}/guardrails/", body).json()
        assert made["parameters"] == body["parameters"]
        changed = leader.patch(
            f"{API}/guardrails/{made['id']}/",
            {"kind": "first_contact", "parameters": {"business_days": 3}},
        )
        assert changed.json()["parameters"] == {"business_days": 3}

    @pytest.mark.parametrize(
        ("kind", "parameters", "expected"),
        [
            ("first_contact", {}, ["parameters.business_days"]),
            ("first_contact", {"business_days": "2"}, ["parameters.business_days"]),
            (
                "first_contact",
                {"days": 2},
                ["parameters.business_days", "parameters.days"],
            ),
            ("field_bounded", {"field": "tone"}, ["parameters"]),
            ("owner_role", [], ["parameters"]),
            ("owner_role", None, ["parameters"]),
        ],
    )
    def test_names_the_path_of_what_does_not_fit(
        self, leader: APIClient, kind: str, parameters: Any, expected: list[str]
    ) -> None:
        body = GUARDRAIL | {"kind": kind, "parameters": parameters}
        assert paths(leader.post(f"{API}/guardrails/", body)) == expected

    def test_whose_kind_changes_needs_other_parameters(self, leader: APIClient) -> None:
        made = leader.post(f"{API}/guardrails/", GUARDRAIL).json()
        answer = leader.patch(f"{API}/guardrails/{made['id']}/", {"kind": "first_contact"})
        assert paths(answer) == ["parameters.business_days"]

    def test_is_found_by_its_scope(self, leader: APIClient) -> None:
        leader.post(f"{API}/guardrails/", GUARDRAIL)
        leader.post(f"{API}/guardrails/", GUARDRAIL | {"name": "Renewals", "motion": "renewal"})
        for query, count in (("motion=renewal", 1), ("kind=owner_role", 2), ("is_active=false", 0)):
            assert len(leader.get(f"{API}/guardrails/?{query}").json()["results"]) == count


class TestWhatIsGivenUp:
    @pytest.mark.parametrize("route", ["principles", "kpis"])
    def test_is_archived_and_brought_back(self, leader: APIClient, route: str) -> None:
        made = leader.post(f"{API}/{route}/", EVERYWHERE[route]).json()
        archived = leader.post(f"{API}/{route}/{made['id']}/archive/")
        assert archived.json()["archived_at"]
        assert leader.get(f"{API}/{route}/?archived=false").json()["results"] == []
        restored = leader.post(f"{API}/{route}/{made['id']}/restore/")
        assert restored.json()["archived_at"] is None


class TestTheStartingSet:
    def test_is_added_once(self, cast: Cast, leader: APIClient) -> None:
        first = leader.post(f"{API}/guardrails/adopt/")
        assert first.status_code == 200
        assert first.json()["philosophy"]["number"] == 1
        assert len(first.json()["kpis"]) == 10
        again = leader.post(f"{API}/guardrails/adopt/").json()
        assert again.pop("philosophy") is None
        assert list(again.values()) == [[], [], [], []]
        with cast.acting():
            assert Guardrail.objects.count() == len(first.json()["guardrails"])

    def test_is_not_for_who_works_in_one_market(self, cast: Cast, france: Market) -> None:
        answer = signed_in(cast.manager).post(f"{API}/guardrails/adopt/")
        assert answer.status_code == 403
