"""Many writes in one call: one answer each, and the work of many shared."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Contact
from cs_platform.api import router
from engagement.models import MarketPass, Task
from engagement.services import plan_region_now
from regions import services as regions_services
from regions.models import Assignment, Closure
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from toolkit.uuid7 import uuid7

ACCOUNTS = "/api/v1/accounts/bulk/"
ONE_BY_ONE = {
    *("account-imports", "playbooks", "playbook-versions", "localizations"),
    *("meetings", "runs", "tasks", "webhook-endpoints"),
    *("calendar-feeds", "chat-channels", "agreement-links", "agreement-proposals"),
}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def accounts(cast: Cast) -> list[Account]:
    with cast.acting():
        return [factories.account(name=f"Before {number}") for number in range(3)]


def change(row: Any, **values: Any) -> dict[str, Any]:
    return {"action": "update", "id": str(row.pk), "version": row.version, "values": values}


def send(client: APIClient, *operations: Any, address: str = ACCOUNTS, **body: Any) -> Any:
    return client.post(address, {"operations": list(operations), **body})


def results(client: APIClient, *operations: Any, address: str = ACCOUNTS) -> list[dict[str, Any]]:
    answer = send(client, *operations, address=address)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def statuses(answers: list[dict[str, Any]]) -> list[int]:
    return [answer["status"] for answer in answers]


class TestOperations:
    def test_are_answered_in_their_order_each_as_if_alone(
        self, cast: Cast, leader: APIClient, accounts: list[Account]
    ) -> None:
        market = str(accounts[0].market_id)
        new = {"market": market, "name": "New", "tier": "tier_1", "start_date": "2026-01-05"}
        answers = results(
            leader,
            change(accounts[0], name="After"),
            {"action": "create", "values": new},
            {"action": "create", "values": new | {"tier": "tier_9"}},
            change(accounts[1], nmae="Typo"),
            {"action": "update", "id": str(uuid7()), "version": 1, "values": {}},
            change(accounts[2], city="Lyon"),
        )
        assert statuses(answers) == [200, 201, 400, 400, 404, 200]
        assert answers[0]["value"] == leader.get(f"/api/v1/accounts/{accounts[0].pk}/").json()
        assert answers[0]["value"]["version"] == 2
        created = answers[1]["value"]
        assert created == leader.get(f"/api/v1/accounts/{created['id']}/").json()
        assert answers[2]["problem"]["errors"][0]["path"] == "values.tier"
        assert answers[3]["problem"]["errors"][0]["path"] == "values.nmae"
        assert answers[4]["problem"]["code"] == "not_found"
        assert answers[5]["value"]["city"] == "Lyon"

    def test_need_the_version_that_they_change(
        self, cast: Cast, leader: APIClient, accounts: list[Account]
    ) -> None:
        first = change(accounts[0], name="Mine")
        with cast.acting(cast.admin):
            Account.objects.filter(pk=accounts[0].pk).update(version=7, name="Theirs")
        unversioned = {name: first[name] for name in ("action", "id", "values")}
        answers = results(leader, first, unversioned, change(accounts[1], name="Mine"))
        assert statuses(answers) == [412, 428, 200]
        assert answers[0]["problem"]["changed_by"] == "Admin of Alder"
        assert answers[1]["problem"]["code"] == "precondition_required"

    def test_on_one_row_see_what_those_before_did(
        self, leader: APIClient, accounts: list[Account]
    ) -> None:
        account = accounts[0]
        again = change(account, city="Lille") | {"version": 2}
        answers = results(
            leader,
            change(account, tier="tier_9", name="Refused"),
            change(account, city="Lyon"),
            change(account, city="Metz"),
            again,
        )
        assert statuses(answers) == [400, 200, 412, 200]
        assert answers[3]["value"]["city"] == "Lille"
        assert answers[3]["value"]["name"] == account.name, "nothing of a refused one is left"

    def test_remove_rows(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            contact = factories.contact()
        operation = {"action": "delete", "id": str(contact.pk), "version": 1}
        answers = results(leader, operation, operation, address="/api/v1/contacts/bulk/")
        assert answers[0] == {"status": 204}
        assert statuses(answers) == [204, 404]
        with cast.acting():
            assert not Contact.objects.exists()

    @pytest.mark.parametrize(
        ("operation", "path"),
        [
            ({}, "action"),
            ({"action": "destroy"}, "action"),
            ({"action": ["create"]}, "action"),
            ({"action": "delete", "id": str(uuid7()), "version": 1}, "action"),
            ({"action": "create"}, "values"),
            ({"action": "create", "values": []}, "values"),
            ({"action": "create", "values": {}, "id": str(uuid7())}, "id"),
            ({"action": "update", "values": {}, "version": 1}, "id"),
            ({"action": "update", "values": {}, "version": 1, "id": "x"}, "id"),
            ({"action": "update", "values": {}, "version": "1", "id": str(uuid7())}, "version"),
            ({"action": "update", "values": {}, "verzion": 1, "id": str(uuid7())}, "verzion"),
        ],
    )
    def test_that_make_no_sense_say_why(
        self, leader: APIClient, operation: dict[str, Any], path: str
    ) -> None:
        (answer,) = results(leader, operation)
        assert answer["status"] == 400
        assert answer["problem"]["errors"][0]["path"] == path

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"operations": []},
            {"operations": {}},
            {"operations": [1]},
            {"operations": [{"action": "create", "values": {}}] * 1001},
            {"operations": [{}], "atomic": 1},
            {"operations": [{}], "atomik": True},
            [],
        ],
    )
    def test_come_in_a_list_of_up_to_a_thousand(self, leader: APIClient, body: Any) -> None:
        assert leader.post(ACCOUNTS, body).status_code == 400

    def test_are_offered_where_a_resource_is_written(self, cast: Cast) -> None:
        admin = signed_in(cast.admin)
        for prefix, view, _name in router.registry:
            answer = admin.post(f"/api/v1/{prefix}/bulk/", {"operations": [{"action": "x"}]})
            written = any(hasattr(view, name) for name in ("create", "update", "destroy"))
            # Files come one by one, and so does what is a whole of many parts.
            offered = written and prefix not in ONE_BY_ONE
            assert (answer.status_code in {200, 403}) == offered, prefix


class TestAtomicOperations:
    def test_are_all_done_or_none(
        self, cast: Cast, leader: APIClient, accounts: list[Account]
    ) -> None:
        good, bad = change(accounts[0], name="After"), change(accounts[1], tier="tier_9")
        answer = send(leader, good, bad, atomic=True)
        assert (answer.status_code, answer.json()["code"]) == (409, "bulk_refused")
        assert statuses(answer.json()["results"]) == [424, 400]
        with cast.acting():
            assert not Account.objects.filter(name="After").exists()
        answer = send(leader, good, change(accounts[1], tier="tier_2"), atomic=True)
        assert statuses(answer.json()["results"]) == [200, 200]


class TestRights:
    def test_are_judged_for_every_row(self, cast: Cast, accounts: list[Account]) -> None:
        with cast.acting():
            japan = factories.account(market=factories.market("JP"))
            regions_services.save_assignment(
                Assignment(membership=cast.csm, market=accounts[0].market)
            )
        csm = signed_in(cast.csm)
        away = change(accounts[1], market=str(japan.market_id))
        answers = results(csm, change(accounts[0], city="Lyon"), change(japan, city="Tokyo"), away)
        assert statuses(answers) == [200, 403, 403]

    def test_to_write_are_needed_at_all(self, cast: Cast, accounts: list[Account]) -> None:
        assert send(signed_in(cast.analyst), change(accounts[0], city="X")).status_code == 403

    def test_end_where_another_organization_begins(
        self, cast: Cast, outsiders: Cast, accounts: list[Account]
    ) -> None:
        with outsiders.acting():
            own = factories.account()
        outsider = signed_in(outsiders.admin)
        foreign = accounts[0]
        met = []
        for pk, market in ((foreign.pk, foreign.market_id), (uuid7(), uuid7())):
            operations = change(foreign) | {"id": str(pk)}, change(own, market=str(market))
            answers = results(outsider, *operations)
            assert statuses(answers) == [404, 400]
            assert answers[1]["problem"]["errors"][0]["path"] == "values.market"
            met.append(str(answers).replace(str(market), "<id>"))
        assert met[0] == met[1]


class TestServicesBehind:
    def test_add_members_and_keys_as_alone(self, cast: Cast) -> None:
        admin = signed_in(cast.admin)
        person = {"email": "noor@alder.example", "name": "Noor", "role": "csm"}
        add = {"action": "create", "values": person}
        answers = results(admin, add, add, address="/api/v1/members/bulk/")
        assert statuses(answers) == [201, 409]
        key = {"action": "create", "values": {"name": "BI", "scope": "read"}}
        answer = send(admin, key, address="/api/v1/api-keys/bulk/")
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.json()["results"][0]["value"]["key"]
        program = APIClient(headers={"Authorization": f"Bearer {text}"})
        assert program.get("/api/v1/regions/").status_code == 200


class TestConsequences:
    @pytest.fixture
    def planned(self, cast: Cast, accounts: list[Account]) -> list[Account]:
        with cast.acting():
            factories.cadence(unit="weeks")
            plan_region_now(region=accounts[0].market.region, now=timezone.now())
            assert Task.objects.filter(owner=None).count() >= 3
        return accounts

    def test_are_drawn_once_for_all(
        self, cast: Cast, leader: APIClient, planned: list[Account]
    ) -> None:
        with cast.acting():
            before = MarketPass.objects.count()
        answers = results(leader, *(change(each, owner=str(cast.csm.pk)) for each in planned))
        assert statuses(answers) == [200, 200, 200]
        with cast.acting():
            assert MarketPass.objects.count() == before + 1
            owners = Task.objects.filter(status="open").values_list("owner", flat=True)
            assert set(owners) == {cast.csm.pk}

    def test_of_refused_operations_are_not_drawn(
        self, cast: Cast, leader: APIClient, planned: list[Account]
    ) -> None:
        with cast.acting():
            before = MarketPass.objects.count()
        results(leader, change(planned[0], owner=str(cast.csm.pk), tier="tier_9"))
        with cast.acting():
            assert MarketPass.objects.count() == before

    def test_that_cannot_be_are_told_to_who_caused_them(
        self, cast: Cast, leader: APIClient, planned: list[Account]
    ) -> None:
        """A closure for ever leaves planning no day; the other one stands."""
        market = str(planned[0].market_id)
        spans = (("2026-05-15", "2026-05-15"), ("0001-01-01", "9999-12-31"))
        operations = [
            {
                "action": "create",
                "values": {"market": market, "name": "Closed", "start": start, "end": end},
            }
            for start, end in spans
        ]
        answers = results(leader, *operations, address="/api/v1/closures/bulk/")
        assert statuses(answers) == [201, 409]
        assert answers[1]["problem"]["code"] == "NoKnownDay"
        with cast.acting():
            assert Closure.objects.count() == 1


class TestTheWork:
    def test_of_loading_is_done_once_for_all(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            accounts = [factories.account() for _ in range(12)]
            owners = [
                Membership.objects.get(pk=member.pk)
                for member in (cast.admin, cast.leader, cast.manager, cast.csm)
            ]

        def operations(rows: list[Account]) -> list[dict[str, Any]]:
            return [
                change(row, city="X", owner=str(owners[number % 4].pk))
                for number, row in enumerate(rows)
            ]

        with count_queries() as four:
            results(leader, *operations(accounts[:4]))
        with count_queries() as eight:
            results(leader, *operations(accounts[4:]))
        loading = [
            sum(
                query["sql"].startswith("SELECT")
                and '"tenants_membership"."id" IN' in query["sql"]
                or "FOR NO KEY UPDATE OF" in query["sql"]
                for query in captured
            )
            for captured in (four, eight)
        ]
        assert loading == [2, 2]
        assert (len(eight) - len(four)) / 4 < 15
