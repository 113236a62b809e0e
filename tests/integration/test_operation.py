"""What operators see: probes and logs."""

import json
import time
from collections.abc import Iterator

import pytest
import redis
import structlog
from django.conf import settings
from django.test import Client

from engagement.tasks import PULSE_KEY, plan_due_regions
from tests.conftest import Cast, signed_in


@pytest.fixture(autouse=True)
def no_pulse() -> Iterator["redis.Redis"]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(PULSE_KEY)
    yield client
    client.delete(PULSE_KEY)


class TestHealthz:
    def test_answers_without_any_server(self, client: Client) -> None:
        assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
class TestReadyz:
    def test_misses_a_worker_that_was_never_seen(self, client: Client) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "ready": False,
            "database": "ok",
            "redis": "ok",
            "worker": "no worker has been seen",
            "planning": "ok",
        }

    def test_is_ready_after_a_tick(self, client: Client) -> None:
        plan_due_regions()
        assert client.get("/readyz").json()["ready"] is True

    @pytest.mark.parametrize(
        ("pulse", "part"),
        [
            ({"at": -600, "late_seconds": 0}, "worker"),
            ({"at": 0, "late_seconds": 3600}, "planning"),
        ],
    )
    def test_says_which_part_is_late(
        self, client: Client, no_pulse: "redis.Redis", pulse: dict[str, float], part: str
    ) -> None:
        no_pulse.set(PULSE_KEY, json.dumps(pulse | {"at": time.time() + pulse["at"]}))
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert [name for name, text in answer.json().items() if text not in ("ok", False)] == [part]

    def test_a_server_out_of_reach_is_told(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        assert client.get("/readyz").json()["redis"] == "unreachable"


@pytest.mark.django_db
class TestLogs:
    def test_every_line_of_a_request_names_request_and_organization(self, cast: Cast) -> None:
        seen: list[dict[str, object]] = []

        def keep(_: object, __: str, event: dict[str, object]) -> dict[str, object]:
            seen.append(dict(structlog.contextvars.get_contextvars()))
            raise structlog.DropEvent

        processors = structlog.get_config()["processors"]
        client = signed_in(cast.csm)
        processors.insert(0, keep)
        try:
            client.get("/api/v1/regions/")
        finally:
            processors.remove(keep)
        assert seen[-1]["organization"] == str(cast.organization.pk)
        assert seen[-1]["request_id"]
