"""The fuzzing would notice: each thing it looks for is shown to it once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.models import Account
from tests.conftest import Cast
from tests.everything import digest
from tests.fuzz import verdict
from tests.fuzz.stage import FOREIGN, Stage
from tests.fuzz.weaving import Sent
from toolkit.api.problems import MEDIA_TYPE

FOREIGN_ID = "0198c0de-0000-7000-8000-000000000001"
STAGE = Stage(
    own={},
    foreign={Account: FOREIGN_ID},
    foreign_address="csm@wanderfalke.example",
    versions={},
    keys={},
    _foreign_organization=FOREIGN_ID,  # type: ignore[arg-type]
)
ASKED = Sent("GET", "/api/v1/accounts/")


def complaints(response: HttpResponse, sent: Sent = ASKED) -> list[str]:
    return list(verdict.of_answer(response, sent, STAGE))


def problem(status: int, /, **members: Any) -> HttpResponse:
    body = json.dumps({"status": status} | members)
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


class TestTheVerdict:
    def test_lets_a_good_answer_pass(self) -> None:
        assert not complaints(HttpResponse('{"name": "Sperling"}'))
        assert not complaints(problem(404))

    @pytest.mark.parametrize(
        "response",
        [
            problem(500),
            problem(400, status=404),
            HttpResponse("<h1>Bad Request</h1>", status=400),
            HttpResponse(json.dumps({"name": FOREIGN.upper()})),
            HttpResponse("{}", headers={"Location": f"/{FOREIGN}/"}),
            HttpResponse(json.dumps({"account": FOREIGN_ID})),
        ],
    )
    def test_complains_of_a_bad_one(self, response: HttpResponse) -> None:
        assert complaints(response)

    def test_allows_to_repeat_what_was_sent_and_no_more(self) -> None:
        sent = Sent("POST", "/api/v1/members/", body=b'{"email": "csm@wanderfalke.example"}')
        assert not complaints(HttpResponse('{"email": "csm@wanderfalke.example"}'), sent)
        assert complaints(
            HttpResponse('{"email": "csm@wanderfalke.example", "name": "Wanderfalke"}'), sent
        )


class TestTheDigest:
    @pytest.fixture
    def other(self, cast: Cast, outsiders: Cast) -> Iterator[Cast]:
        before = digest(cast.organization.pk)
        yield outsiders
        assert digest(cast.organization.pk) == before

    def test_changes_with_any_row_and_with_the_trail(self, other: Cast) -> None:
        met = {digest(other.organization.pk)}
        with other.acting():
            other.csm.is_active = False
            other.csm.save()
        met.add(digest(other.organization.pk))
        with other.acting():
            other.csm.is_active = True
            other.csm.save()
        met.add(digest(other.organization.pk))
        assert len(met) == 3
