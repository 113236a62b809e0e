"""A POST with an Idempotency-Key has one effect, however often it is sent."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from regions.models import Region
from tenants import services
from tenants.choices import Scope
from tenants.models import ApiKey, AuditEntry, KeptAnswer
from tenants.tasks import forget_old_answers
from tests import factories
from tests.conftest import Cast, make_cast, signed_in

ADDRESS = "/api/v1/regions/"
BODY = {"code": "emea", "name": "EMEA"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


def new_key(cast: Cast, name: str) -> dict[str, str]:
    """Return the header with which a program acts as the admin."""
    with cast.acting():
        _key, text = services.create_api_key(membership=cast.admin, name=name, scope=Scope.WRITE)
    return {"Authorization": f"Bearer {text}"}


def regions(cast: Cast) -> int:
    with cast.acting():
        return Region.objects.count()


class TestTheSameRequest:
    def test_gets_the_same_answer_and_has_one_effect(self, cast: Cast, leader: APIClient) -> None:
        first = leader.post(ADDRESS, BODY, headers=KEY)
        again = leader.post(ADDRESS, BODY, headers=KEY)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        assert again.headers["ETag"] == first.headers["ETag"] == '"1"'
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert regions(cast) == 1

    def test_gets_it_for_actions_too(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            account = factories.account()
        address = f"/api/v1/accounts/{account.pk}/archive/"
        answers = [leader.post(address, headers=KEY) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert leader.post(address).json()["code"] == "AccountArchived"

    def test_may_be_tried_again_after_a_refusal(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            region = factories.region(code="emea")
        assert leader.post(ADDRESS, BODY, headers=KEY).status_code == 400
        with cast.acting():
            region.delete()
            assert not KeptAnswer.objects.exists()
        tried = leader.post(ADDRESS, BODY, headers=KEY)
        assert tried.status_code == 201
        assert "Idempotency-Replayed" not in tried.headers

    def test_of_somebody_else_is_another_one(self, cast: Cast, outsiders: Cast) -> None:
        clients = [
            signed_in(cast.leader),
            signed_in(cast.admin),
            APIClient(headers=new_key(cast, "CRM")),
            APIClient(headers=new_key(cast, "BI")),
            signed_in(outsiders.leader),
        ]
        made = [
            client.post(ADDRESS, BODY | {"code": f"region-{number}"}, headers=KEY)
            for number, client in enumerate(clients)
        ]
        assert [answer.status_code for answer in made] == [201] * len(clients)

    def test_is_forgotten_after_a_day(self, cast: Cast, leader: APIClient) -> None:
        leader.post(ADDRESS, BODY, headers=KEY)
        with cast.acting():
            made_at = KeptAnswer.objects.get().created_at
            trail = AuditEntry.objects.count()
            for hours, left in ((23, 1), (25, 0)):
                KeptAnswer.objects.update(created_at=made_at - dt.timedelta(hours=hours))
                forget_old_answers()
                assert KeptAnswer.objects.count() == left
            tables = AuditEntry.objects.filter(action="delete").values_list("table", flat=True)
            assert "tenants_keptanswer" not in tables
            assert AuditEntry.objects.count() > trail, "the trail goes on afterwards"


class TestAnotherRequest:
    @pytest.mark.parametrize(
        ("address", "body"),
        [(ADDRESS, BODY | {"name": "Europe"}), ("/api/v1/contacts/", BODY)],
    )
    def test_with_the_same_key_is_refused(
        self, cast: Cast, leader: APIClient, address: str, body: dict[str, str]
    ) -> None:
        leader.post(ADDRESS, BODY, headers=KEY)
        answer = leader.post(address, body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert regions(cast) == 1


class TestAKey:
    @pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\x00b"])
    def test_that_is_none_is_refused(self, cast: Cast, leader: APIClient, key: str) -> None:
        answer = leader.post(ADDRESS, BODY, headers={"Idempotency-Key": key})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "Idempotency-Key"
        assert regions(cast) == 0

    def test_of_a_stranger_is_not_kept(self, cast: Cast) -> None:
        assert APIClient().post(ADDRESS, BODY, headers=KEY).status_code == 401


class TestASecret:
    def test_is_never_kept(self, cast: Cast) -> None:
        admin = signed_in(cast.admin)
        made = admin.post("/api/v1/api-keys/", {"name": "BI", "scope": "read"}, headers=KEY)
        assert made.headers["Cache-Control"] == "no-store"
        again = admin.post("/api/v1/api-keys/", {"name": "BI", "scope": "read"}, headers=KEY)
        assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
        with cast.acting():
            assert ApiKey.objects.count() == 1
            (kept,) = KeptAnswer.objects.values()
            trail = list(AuditEntry.objects.values())
        assert made.json()["key"] not in str(kept)
        assert made.json()["key"] not in str(trail)

    def test_no_answer_reaches_the_audit_trail(self, cast: Cast, leader: APIClient) -> None:
        leader.post(ADDRESS, BODY, headers=KEY)
        with cast.acting():
            entries = AuditEntry.objects.filter(table="tenants_keptanswer")
            kept = [entry.after or {} for entry in entries]
        assert kept
        assert all("body" not in after for after in kept)


@pytest.mark.django_db(transaction=True)
class TestFiftyAtOnce:
    def test_have_one_effect_and_one_answer(self) -> None:
        cast = make_cast("Alder")
        headers = new_key(cast, "CRM") | KEY

        def post(_number: int) -> Any:
            try:
                return APIClient().post(ADDRESS, BODY, headers=headers)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(post, range(50)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        replayed = ["Idempotency-Replayed" in answer.headers for answer in answers]
        assert sorted(replayed) == [False] + [True] * 49
        assert regions(cast) == 1


class TestAFile:
    def test_is_uploaded_once_however_large(self, cast: Cast, leader: APIClient) -> None:
        """Django's own limit for a body is far below that of a file."""
        table = "name,country\n" + "Sakura Foods,JP\n" * 200_000
        answers = [
            leader.generic(
                "POST", "/api/v1/account-imports/", table, content_type="text/csv", headers=KEY
            )
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert leader.get("/api/v1/account-imports/").json()["results"][1:] == []
