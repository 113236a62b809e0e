"""What operators see: probes and logs."""

import datetime as dt
import time
from collections.abc import Iterator

import pytest
import redis
import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from cs_platform.security import ProxyMiddleware
from cs_platform.tasks import clear_expired_sessions
from engagement.models import RegionPlanning
from engagement.services import ensure_region_planning
from engagement.tasks import PULSE_KEY, plan_due_regions
from tests import factories
from tests.conftest import Cast, signed_in


@pytest.fixture(autouse=True)
def pulse() -> Iterator["redis.Redis"]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(PULSE_KEY)
    yield client
    client.delete(PULSE_KEY)


@pytest.fixture
def tick(pulse: "redis.Redis") -> None:
    """A worker has just taken a tick."""
    pulse.set(PULSE_KEY, time.time())


def not_ok(client: Client) -> list[str]:
    """Return the parts that the readiness probe finds fault with."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()
    del parts["ready"], parts["figures"]
    return [name for name, text in parts.items() if text != "ok"]


class TestHealthz:
    def test_answers_without_any_server(self, client: Client) -> None:
        assert client.get("/healthz").status_code == 200

    def test_answers_a_probe_that_knows_only_our_address(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["cs.example.com"])
        monkeypatch.setattr(settings, "SECURE_SSL_REDIRECT", True)
        assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
class TestReadyz:
    def test_misses_a_worker_that_was_never_seen(self, client: Client) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "ready": False,
            "database": "ok",
            "migrations": "ok",
            "redis": "ok",
            "worker": "no worker has been seen",
            "planning": "ok",
            "figures": {
                "pending_migrations": 0,
                "planning_late_seconds": 0,
                "failed_regions": 0,
                "oldest_letter_seconds": 0,
            },
            "mail": "ok",
        }

    def test_is_ready_after_a_tick(self, client: Client) -> None:
        plan_due_regions()
        answer = client.get("/readyz").json()
        assert answer["ready"] is True
        assert 0 <= answer["figures"]["worker_silent_seconds"] < 60

    def test_misses_a_worker_that_fell_silent(self, client: Client, pulse: "redis.Redis") -> None:
        pulse.set(PULSE_KEY, time.time() - 600)
        assert not_ok(client) == ["worker"]

    @pytest.mark.usefixtures("tick")
    def test_says_that_a_region_is_late_even_while_somebody_holds_it(
        self, client: Client, cast: Cast
    ) -> None:
        with cast.acting():
            now = timezone.now()
            ensure_region_planning(market=factories.market("FR"), now=now)
            RegionPlanning.objects.update(
                next_at=now - dt.timedelta(hours=1), leased_until=now + dt.timedelta(minutes=5)
            )
        assert not_ok(client) == ["planning"]

    @pytest.mark.usefixtures("tick")
    def test_counts_regions_that_failed(self, client: Client, cast: Cast) -> None:
        with cast.acting():
            ensure_region_planning(market=factories.market("FR"), now=timezone.now())
            RegionPlanning.objects.update(failure="France: no calendar")
        assert client.get("/readyz").json()["figures"]["failed_regions"] == 1

    @pytest.mark.usefixtures("tick")
    def test_says_that_migrations_are_pending(self, client: Client) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0003_planning_state'")
        assert not_ok(client) == ["migrations"]

    def test_a_server_out_of_reach_is_told(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        assert client.get("/readyz").json()["redis"] == "unreachable"


@pytest.mark.django_db
class TestHousekeeping:
    def test_deletes_the_sessions_that_ran_out(self) -> None:
        now = timezone.now()
        for key, days in (("past", -1), ("valid", 1)):
            Session.objects.create(
                session_key=key, session_data="", expire_date=now + dt.timedelta(days=days)
            )
        clear_expired_sessions()
        assert [session.session_key for session in Session.objects.all()] == ["valid"]


class TestTheProxy:
    @pytest.mark.parametrize(
        ("trusted", "forwarded", "address", "secure"),
        [
            (["127.0.0.1"], "203.0.113.9", "203.0.113.9", True),
            (["127.0.0.1"], "198.51.100.1, 2001:db8::9", "2001:db8::9", True),
            (["*"], "203.0.113.9", "203.0.113.9", True),
            (["10.0.0.1"], "203.0.113.9", "127.0.0.1", False),
            ([], "203.0.113.9", "127.0.0.1", False),
            (["127.0.0.1"], "unknown", "127.0.0.1", True),
            (["127.0.0.1"], "", "127.0.0.1", True),
        ],
    )
    def test_alone_is_believed(
        self,
        monkeypatch: pytest.MonkeyPatch,
        trusted: list[str],
        forwarded: str,
        address: str,
        secure: bool,
    ) -> None:
        monkeypatch.setattr(settings, "TRUSTED_PROXIES", trusted)
        monkeypatch.setattr(
            settings, "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")
        )
        request = RequestFactory().get(
            "/", headers={"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
        )
        ProxyMiddleware(lambda _: HttpResponse())(request)
        assert (request.META["REMOTE_ADDR"], request.is_secure()) == (address, secure)


class TestBrowsers:
    @pytest.mark.parametrize("path", ["/login/", "/nowhere/", "/api/v1/tasks/"])
    def test_are_told_to_run_nothing_inline(self, client: Client, path: str) -> None:
        policy = client.get(path)["Content-Security-Policy"].split("; ")
        assert {"default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"} <= set(policy)
        assert {"base-uri 'self'", "form-action 'self'"} <= set(policy)
        assert "unsafe" not in "".join(policy)

    @pytest.mark.parametrize("path", ["/admin/", "/api/docs/"])
    def test_are_told_what_a_place_needs_on_top(self, client: Client, path: str) -> None:
        policy = client.get(path)["Content-Security-Policy"]
        assert ("'unsafe-eval'" in policy) == (path == "/admin/")
        assert ("data:" in policy) == (path == "/api/docs/")
        assert "frame-ancestors 'none'" in policy

    def test_are_told_to_keep_our_addresses_and_their_devices_to_themselves(
        self, client: Client
    ) -> None:
        answer = client.get("/login/")
        assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in answer["Permissions-Policy"]


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
