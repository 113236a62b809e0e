"""Webhook endpoints, their secrets, and their deliveries."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from outbox.models import WebhookDelivery, WebhookEndpoint
from tests import factories
from tests.conftest import Cast, signed_in

ENDPOINTS = "/api/v1/webhook-endpoints/"
DELIVERIES = "/api/v1/webhook-deliveries/"


@pytest.fixture
def admin(cast: Cast) -> APIClient:
    return signed_in(cast.admin)


@pytest.fixture
def made(admin: APIClient) -> dict[str, Any]:
    """A new endpoint, with its secret."""
    body = {"url": "https://hooks.example/", "event_types": ["account.created"]}
    answer = admin.post(ENDPOINTS, body)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


class TestEndpoints:
    def test_show_their_secret_once(self, admin: APIClient, made: dict[str, Any]) -> None:
        assert made["secret"].startswith("whsec_")
        read = admin.get(f"{ENDPOINTS}{made['id']}/")
        assert read.json() == {name: made[name] for name in made.keys() - {"secret"}}
        assert "whsec_" not in admin.get(ENDPOINTS).content.decode()
        changed = admin.patch(f"{ENDPOINTS}{made['id']}/", {"description": "CRM"})
        assert (changed.status_code, "secret" in changed.json()) == (200, False)

    def test_let_nobody_keep_an_answer_with_a_secret(self, admin: APIClient) -> None:
        answer = admin.post(
            ENDPOINTS, {"url": "https://hooks.example/"}, headers={"Idempotency-Key": "1"}
        )
        assert answer.headers["Cache-Control"] == "no-store"
        again = admin.post(
            ENDPOINTS, {"url": "https://hooks.example/"}, headers={"Idempotency-Key": "1"}
        )
        assert again.status_code == 409

    def test_get_another_secret(self, cast: Cast, admin: APIClient, made: dict[str, Any]) -> None:
        answer = admin.post(f"{ENDPOINTS}{made['id']}/rotate-secret/")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        rotated = answer.json()
        assert rotated["secret"].startswith("whsec_")
        assert rotated["secret"] != made["secret"]
        assert rotated["old_secret_until"]
        with cast.acting():
            assert WebhookEndpoint.objects.get().old_secret == made["secret"]

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"url": "http://hooks.example/"}, "url"),
            ({"url": "https://192.168.0.1/"}, "url"),
            ({"url": "https://hooks.example/", "event_types": ["task.eaten"]}, "event_types[0]"),
            ({"url": "https://hooks.example/", "secret": "whsec_AAAA"}, "secret"),
            ({}, "url"),
        ],
    )
    def test_are_refused_by_the_field(
        self, admin: APIClient, body: dict[str, Any], path: str
    ) -> None:
        answer = admin.post(ENDPOINTS, body)
        assert answer.status_code == 400
        assert [error["path"] for error in answer.json()["errors"]] == [path]

    def test_are_removed(self, admin: APIClient, made: dict[str, Any]) -> None:
        assert admin.delete(f"{ENDPOINTS}{made['id']}/").status_code == 204
        assert admin.get(f"{ENDPOINTS}{made['id']}/").status_code == 404
        assert admin.get(ENDPOINTS).json()["results"] == []

    @pytest.mark.parametrize("who", ["leader", "manager", "csm", "analyst"])
    def test_are_for_who_manages_members(self, cast: Cast, who: str) -> None:
        client = signed_in(getattr(cast, who))
        assert client.get(ENDPOINTS).status_code == 403
        assert client.get(DELIVERIES).status_code == 403
        assert client.post(ENDPOINTS, {"url": "https://hooks.example/"}).status_code == 403


class TestDeliveries:
    def test_tell_what_happened(self, cast: Cast, admin: APIClient, made: dict[str, Any]) -> None:
        with cast.acting():
            account = factories.account()
        (delivery,) = admin.get(DELIVERIES, {"endpoint": made["id"]}).json()["results"]
        assert delivery["event_type"] == "account.created"
        assert delivery["payload"] == {"id": str(account.pk), "version": 1}
        assert (delivery["status"], delivery["attempts"]) == ("queued", 0)
        assert delivery["message_id"].startswith("msg_")
        assert admin.get(DELIVERIES, {"status": "parked"}).json()["results"] == []

    def test_are_made_to_try_an_endpoint_out(self, admin: APIClient, made: dict[str, Any]) -> None:
        answer = admin.post(f"{ENDPOINTS}{made['id']}/test/")
        assert (answer.status_code, answer.json()["event_type"]) == (200, "webhook.test")
        admin.patch(f"{ENDPOINTS}{made['id']}/", {"is_active": False})
        refused = admin.post(f"{ENDPOINTS}{made['id']}/test/")
        assert (refused.status_code, refused.json()["code"]) == (409, "EndpointInactive")

    def test_are_replayed(self, cast: Cast, admin: APIClient, made: dict[str, Any]) -> None:
        sent = admin.post(f"{ENDPOINTS}{made['id']}/test/").json()
        replay = f"{DELIVERIES}{sent['id']}/replay/"
        refused = admin.post(replay)
        assert (refused.status_code, refused.json()["code"]) == (409, "OnItsWay")
        with cast.acting():
            WebhookDelivery.objects.update(status="parked", attempts=10)
        stale = admin.post(replay, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        again = admin.post(replay, headers={"If-Match": '"1"'})
        assert (again.status_code, again.json()["version"]) == (200, 2)
        assert again.json()["message_id"] == sent["message_id"]
        assert (again.json()["status"], again.json()["attempts"]) == ("queued", 0)

    def test_are_not_written_by_hand(self, admin: APIClient) -> None:
        assert admin.post(DELIVERIES, {}).status_code == 405
