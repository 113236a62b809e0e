"""Lists: paged by key, ordered and filtered by what is declared, in a fixed number of queries."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from engagement.models import Task
from engagement.services import start_run
from playbooks import services as playbooks_services
from playbooks.models import AssumptionDecision, Cadence, ContactBudget
from regions import services as regions_services
from regions.models import Assignment, Closure
from tenants import services as tenants_services
from tenants.choices import Role
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries, day, signed_in


@pytest.fixture
def client(cast: Cast) -> APIClient:
    return signed_in(cast.analyst)


def names_of(client: APIClient, address: str) -> list[str]:
    return [row["name"] for row in client.get(address).json()["results"]]


class TestPaging:
    def test_walks_through_all_rows_once(self, cast: Cast, client: APIClient) -> None:
        with cast.acting():
            for name in ("Delta", "alpha", "Échelle", "Bravo", "alpha"):
                factories.account(name=name)
        address: str | None = "/api/v1/accounts/?page_size=2"
        walked: list[str] = []
        while address:
            page = client.get(address).json()
            walked += [row["name"] for row in page["results"]]
            address = page["next"]
        assert walked == ["alpha", "alpha", "Bravo", "Delta", "Échelle"]

    def test_walks_downwards(self, cast: Cast, client: APIClient) -> None:
        with cast.acting():
            market = factories.market("JP")
            for start in ("2026-05-01", "2026-05-03", "2026-05-03", "2026-05-02"):
                regions_services.save_part(
                    Closure(market=market, name=start, start=day(start), end=day(start))
                )
        first = client.get("/api/v1/closures/?ordering=-start&page_size=3").json()
        second = client.get(first["next"]).json()
        starts = [row["start"] for page in (first, second) for row in page["results"]]
        assert starts == ["2026-05-03", "2026-05-03", "2026-05-02", "2026-05-01"]
        assert second["next"] is None

    def test_refuses_a_cursor_of_another_ordering(self, cast: Cast, client: APIClient) -> None:
        with cast.acting():
            for name in ("Alpha", "Bravo"):
                factories.account(name=name)
        following = client.get("/api/v1/accounts/?page_size=1").json()["next"]
        answer = client.get(following + "&ordering=-search_name")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "cursor"

    @pytest.mark.parametrize("size", ["0", "201", "-1", "two", "9" * 30, "٢"])
    def test_refuses_a_size_out_of_range(self, client: APIClient, size: str) -> None:
        answer = client.get("/api/v1/accounts/", {"page_size": size})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "page_size"

    def test_refuses_an_ordering_that_no_index_serves(self, client: APIClient) -> None:
        assert client.get("/api/v1/accounts/?ordering=city").status_code == 400


class TestFilters:
    def test_find_accounts_by_the_beginning_of_the_name(
        self, cast: Cast, client: APIClient
    ) -> None:
        with cast.acting():
            for name in ("Müller AG", "MULLIGAN", "Meyer"):
                factories.account(name=name)
        assert names_of(client, "/api/v1/accounts/?name=mul") == ["Müller AG", "MULLIGAN"]

    def test_tell_archived_accounts_from_others(self, cast: Cast, client: APIClient) -> None:
        with cast.acting():
            factories.account(name="Stays")
            gone = factories.account(name="Goes")
        archived = signed_in(cast.leader).post(f"/api/v1/accounts/{gone.pk}/archive/")
        assert archived.json()["archived_at"]
        assert names_of(client, "/api/v1/accounts/?archived=false") == ["Stays"]
        assert names_of(client, "/api/v1/accounts/?archived=true") == ["Goes"]

    def test_combine(self, cast: Cast, client: APIClient) -> None:
        with cast.acting():
            factories.account(name="A", tier="tier_1", owner=cast.csm)
            factories.account(name="B", tier="tier_2", owner=cast.csm)
            factories.account(name="C", tier="tier_1")
            region = factories.market("FR").region_id
        address = f"/api/v1/accounts/?tier=tier_1&owner={cast.csm.pk}&region={region}"
        assert names_of(client, address) == ["A"]

    @pytest.mark.parametrize(
        "query",
        ["archived=maybe", "archived=", "tier=gold", "tier=tier_1&tier=tier_2", "owner=me"],
    )
    def test_refuse_what_they_do_not_understand(self, client: APIClient, query: str) -> None:
        answer = client.get(f"/api/v1/accounts/?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == query.partition("=")[0]

    def test_read_days_as_in_iso_8601_in_every_language(
        self, cast: Cast, client: APIClient
    ) -> None:
        answer = client.get("/api/v1/tasks/?due_from=01.02.2026", headers={"Accept-Language": "de"})
        assert answer.status_code == 400


def _add_account(cast: Cast, number: int) -> None:
    factories.account(owner=cast.csm, market=factories.handmade_market())


def _add_contact(cast: Cast, number: int) -> None:
    factories.contact(account=factories.account())


def _add_cadence(cast: Cast, number: int) -> None:
    factories.cadence(market=factories.handmade_market(), reason="Other habits.")


def _add_member(cast: Cast, number: int) -> None:
    tenants_services.add_member(email=f"n{number}@alder.example", name="New", role=Role.CSM)


def _add_assignment(cast: Cast, number: int) -> None:
    regions_services.save_assignment(
        Assignment(membership=cast.csm, market=factories.handmade_market())
    )


def _add_task(cast: Cast, number: int) -> None:
    task = make_row(Task, cast)
    task.owner = cast.csm
    task.save()


def _add_run(cast: Cast, number: int) -> None:
    market = factories.handmade_market()
    version = factories.published(by=cast.leader)
    start_run(
        playbook=version.playbook,
        account=factories.account(market=market, owner=cast.csm),
        by=cast.csm,
        at=timezone.now(),
    )


def _add_library_market(cast: Cast, number: int) -> None:
    factories.market(("FR", "JP", "SA", "GB")[number])


def _add_playbook(cast: Cast, number: int) -> None:
    version = factories.published(by=cast.leader)
    playbooks_services.start_draft(version.playbook, by=cast.leader)


def _add_localization(cast: Cast, number: int) -> None:
    market = factories.handmade_market()
    factories.published(by=cast.leader)
    localization = factories.localization(
        factories.published(by=cast.leader),
        market,
        factories.change("kickoff", "offset", 3),
        factories.change("kickoff", "kind", "in_person"),
    )
    playbooks_services.publish_localization(localization, by=cast.leader, at=timezone.now())


def _add_decision(cast: Cast, number: int) -> None:
    decision = AssumptionDecision(
        playbook=factories.published(by=cast.leader).playbook,
        market=factories.handmade_market(),
        step="kickoff",
        assumption="remote",
        because="They asked for it.",
    )
    playbooks_services.decide_assumption(decision, by=cast.leader, at=timezone.now())


def _add_budget(cast: Cast, number: int) -> None:
    market = factories.handmade_market()
    playbooks_services.save_budget(
        ContactBudget(tier="tier_1", market=market, most_touches=20, reason="Other habits.")
    )


GROWING: dict[str, Callable[[Cast, int], None]] = {
    "accounts": _add_account,
    "contacts": _add_contact,
    "cadences": _add_cadence,
    "members": _add_member,
    "assignments": _add_assignment,
    "tasks": _add_task,
    "runs": _add_run,
    "enrolments": _add_task,
    "market-passes": _add_task,
    "region-plannings": _add_account,
    "markets": _add_account,
    "audit-entries": _add_account,
    "cultural-statements": _add_library_market,
    "playbooks": _add_playbook,
    "playbook-versions": _add_playbook,
    "localizations": _add_localization,
    "localization-revisions": _add_localization,
    "editions": _add_localization,
    "assumption-decisions": _add_decision,
    "contact-budgets": _add_budget,
    "cadence-revisions": _add_cadence,
}


@pytest.mark.parametrize("prefix", GROWING)
def test_the_number_of_queries_does_not_grow_with_the_rows(prefix: str, cast: Cast) -> None:
    client, address = signed_in(cast.admin), f"/api/v1/{prefix}/?page_size=200"

    def queries_and_rows() -> tuple[int, int]:
        with count_queries() as captured:
            rows = client.get(address).json()["results"]
        return len(captured), len(rows)

    with cast.acting():
        GROWING[prefix](cast, 0)
    few, rows_before = queries_and_rows()
    with cast.acting():
        for number in range(1, 4):
            GROWING[prefix](cast, number)
    many, rows_after = queries_and_rows()
    assert rows_after >= rows_before + 3
    assert many == few


def test_an_archived_cadence_can_be_left_out(cast: Cast) -> None:
    with cast.acting():
        kept, gone = factories.cadence(), factories.cadence(tier="tier_3")
    admin = signed_in(cast.admin)
    assert admin.delete(f"/api/v1/cadences/{gone.pk}/").status_code == 204
    listed = admin.get("/api/v1/cadences/?archived=false").json()["results"]
    assert [row["id"] for row in listed] == [str(kept.pk)]
    with cast.acting():
        assert Cadence.objects.get(pk=gone.pk).archived_at is not None
