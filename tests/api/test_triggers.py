"""Triggers: kept by leaders, tried dry, fired by programs, and explained."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import Account
from playbooks.models import PlaybookVersion
from regions import services as regions_services
from regions.models import Assignment
from tests import factories
from tests.api.contract import check
from tests.conftest import Cast, count_queries, day, signed_in

TRIGGERS = "/api/v1/triggers/"
FIRINGS = "/api/v1/trigger-firings/"

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    with cast.acting():
        factories.market("FR")
        return factories.published(factories.step("call"), by=cast.leader)


@pytest.fixture
def account(cast: Cast, version: PlaybookVersion) -> Account:
    """An account that renews in thirty days."""
    with cast.acting():
        return factories.account(name="Acme", renewal_date=day("2026-04-01"))


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


def make(client: APIClient, version: PlaybookVersion, **values: Any) -> Any:
    body = {"playbook": str(version.playbook_id), "name": "Renewal", "is_active": True} | values
    answer = client.post(TRIGGERS, body)
    check(answer)
    return answer


def dated(client: APIClient, version: PlaybookVersion, **values: Any) -> Any:
    return make(client, version, **{"kind": "before_renewal", "days": 30} | values).json()


def fire(client: APIClient, trigger: Any, **body: Any) -> Any:
    answer = client.post(f"{TRIGGERS}{trigger['id']}/fire/", body)
    check(answer)
    return answer


def dry_run(client: APIClient, trigger: Any, **query: Any) -> Any:
    answer = client.get(f"{TRIGGERS}{trigger['id']}/dry-run/", query)
    check(answer)
    return answer


class TestKeeping:
    def test_is_written_changed_and_archived(
        self, leader: APIClient, version: PlaybookVersion
    ) -> None:
        answer = make(leader, version, kind="before_renewal", days=30)
        assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
        trigger = answer.json()
        assert (trigger["cool_down_days"], trigger["grace_days"]) == (30, 7)
        url = f"{TRIGGERS}{trigger['id']}/"
        answer = leader.patch(url, {"days": 45}, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["days"]) == (200, 45)
        assert leader.delete(url, headers={"If-Match": '"2"'}).status_code == 204
        found = leader.get(url).json()
        assert found["archived_at"]
        assert not found["is_active"]

    def test_names_the_field_that_its_kind_needs(
        self, leader: APIClient, version: PlaybookVersion
    ) -> None:
        answer = make(leader, version, kind="after_start")
        assert answer.status_code == 400
        assert [each["path"] for each in answer.json()["errors"]] == ["days"]

    def test_is_for_leaders_and_for_managers_where_they_work(
        self, cast: Cast, version: PlaybookVersion
    ) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            regions_services.save_assignment(Assignment(membership=cast.manager, market=france))
        assert make(signed_in(cast.csm), version, kind="manual").status_code == 403
        manager = signed_in(cast.manager)
        assert make(manager, version, kind="manual").status_code == 403
        assert make(manager, version, kind="manual", market=str(japan.pk)).status_code == 403
        assert make(manager, version, kind="manual", market=str(france.pk)).status_code == 201

    def test_does_not_exist_for_others(
        self, leader: APIClient, version: PlaybookVersion, outsiders: Cast
    ) -> None:
        trigger = dated(leader, version)
        stranger = signed_in(outsiders.leader)
        assert dry_run(stranger, trigger).status_code == 404
        assert fire(stranger, trigger).status_code == 404


class TestDryRun:
    def test_tells_who_would_start_and_who_not(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        trigger = dated(leader, version, is_active=False)
        with cast.acting():
            factories.account()
        assert dry_run(leader, trigger).json() == {
            "runs": 1,
            "tasks": 1,
            "accounts": [str(account.pk)],
            "held_back": [],
            "watched": 2,
            "without_occasion": 1,
        }

    def test_says_why_one_account_does_not_start(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        trigger = dated(leader, version, days=10)
        (found,) = dry_run(leader, trigger, account=account.pk).json()["held_back"]
        assert (found["reason"], found["count"]) == ("not_yet", 1)
        assert found["accounts"] == [
            {"account": str(account.pk), "text": "Its day is still to come: March 22, 2026."}
        ]

    def test_refuses_an_account_that_is_not_there(
        self, leader: APIClient, version: PlaybookVersion
    ) -> None:
        trigger = dated(leader, version)
        answer = dry_run(leader, trigger, account="0198c0de-0000-7000-8000-000000000000")
        assert answer.status_code == 400


class TestFiring:
    def test_starts_what_is_due_once(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        trigger = dated(leader, version)
        assert fire(leader, trigger).json()["runs"] == 1
        again = fire(leader, trigger).json()
        assert (again["runs"], again["held_back"][0]["reason"]) == (0, "decided")
        (firing,) = leader.get(FIRINGS, {"account": str(account.pk)}).json()["results"]
        assert (firing["result"], firing["occasion"]) == ("started", "2026-04-01")
        run = leader.get(f"/api/v1/runs/{firing['run']}/").json()
        assert (run["cause"], run["account"]) == ("trigger", str(account.pk))

    def test_takes_what_another_program_calls_it(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        trigger = make(leader, version, kind="api", cool_down_days=0).json()
        body = {"account": str(account.pk), "occasion": "crm-17"}
        assert fire(leader, trigger, **body).json()["runs"] == 1
        assert fire(leader, trigger, **body).json()["runs"] == 0
        assert fire(leader, trigger, occasion="crm-18").status_code == 400

    def test_refuses_what_is_off(self, leader: APIClient, version: PlaybookVersion) -> None:
        answer = fire(leader, dated(leader, version, is_active=False))
        assert (answer.status_code, answer.json()["code"]) == (409, "TriggerOff")

    def test_is_for_who_may_edit_structure(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        assert fire(signed_in(cast.csm), dated(leader, version)).status_code == 403

    def test_are_listed_in_a_fixed_number_of_queries(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        trigger = dated(leader, version)
        fire(leader, trigger)
        with count_queries() as one:
            leader.get(FIRINGS)
        with cast.acting():
            for _number in range(4):
                factories.account(renewal_date=day("2026-04-01"))
        fire(leader, trigger)
        with count_queries() as five:
            assert len(leader.get(FIRINGS).json()["results"]) == 5
        assert len(one) == len(five)
