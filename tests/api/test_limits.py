"""How often the API may be asked, and by whom."""

from collections.abc import Iterator

import pytest
import redis
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from tenants import services
from tenants.choices import Scope
from tests.conftest import Cast, signed_in

ADDRESS = "/api/v1/regions/"


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> Iterator[None]:
    counters = redis.Redis.from_url(settings.REDIS_URL)
    settings.API_RATE_LIMIT = "3/hour"
    settings.API_ANONYMOUS_RATE_LIMIT = "2/minute"
    yield
    for name in counters.scan_iter("api-limit*"):
        counters.delete(name)


class TestAProgram:
    def test_is_told_what_is_left_and_then_when_to_come_back(self, cast: Cast) -> None:
        leader = signed_in(cast.leader)
        answers = [leader.get(ADDRESS) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        left = [answer.headers["RateLimit-Remaining"] for answer in answers]
        assert left == ["2", "1", "0", "0"]
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {"3;w=3600"}
        refused = answers[-1]
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (refused.json()["status"], refused.json()["code"]) == (429, "throttled")
        assert 0 < int(refused.headers["Retry-After"]) <= 3600
        assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
        assert "Retry-After" not in answers[0].headers

    def test_has_a_limit_of_its_own(self, cast: Cast) -> None:
        """What one program does too often is no other one's harm."""
        with cast.acting():
            texts = [
                services.create_api_key(membership=cast.leader, name=name, scope=Scope.READ)[1]
                for name in ("CRM", "BI")
            ]
        programs = [APIClient(headers={"Authorization": f"Bearer {text}"}) for text in texts]
        for asker in (*programs, signed_in(cast.leader), signed_in(cast.admin)):
            assert [asker.get(ADDRESS).status_code for _ in range(4)] == [200, 200, 200, 429]

    def test_that_is_refused_changes_nothing(self, cast: Cast) -> None:
        leader = signed_in(cast.leader)
        made = [leader.post(ADDRESS, {"code": f"r{n}", "name": "R"}).status_code for n in range(4)]
        assert made == [201, 201, 201, 429]


class TestAStranger:
    def test_is_limited_by_address_whatever_key_is_tried(self, cast: Cast) -> None:
        answers = [
            APIClient(headers={"Authorization": f"Bearer csp_{number}"}).get(ADDRESS)
            for number in range(3)
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert APIClient(REMOTE_ADDR="192.0.2.7").get(ADDRESS).status_code == 401
        assert signed_in(cast.leader).get(ADDRESS).status_code == 200


class TestWithoutRedis:
    def test_everybody_is_let_through_and_it_is_logged(
        self, cast: Cast, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        leader = signed_in(cast.leader)
        answers = [leader.get(ADDRESS) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        assert "RateLimit-Limit" not in answers[0].headers
        said = [record for record in caplog.records if "not counted" in record.getMessage()]
        assert len(said) == 1, "Redis is left alone for a while"


class TestPages:
    def test_are_not_limited(self, cast: Cast) -> None:
        client = APIClient()
        assert {client.get("/healthz").status_code for _ in range(5)} == {200}
