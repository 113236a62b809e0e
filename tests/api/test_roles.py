"""Roles, which steps of playbooks name by their code."""

import pytest
from rest_framework.test import APIClient

from tests.conftest import Cast, signed_in

URL = "/api/v1/roles/"
PARTNER = {"code": "partner", "name": "Partner", "level": "regional", "description": "Sells on."}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


class TestRoles:
    def test_are_written_and_read(self, leader: APIClient) -> None:
        made = leader.post(URL, PARTNER)
        assert made.status_code == 201
        role = made.json()
        assert role == {"id": role["id"], "version": 1, "archived_at": None} | PARTNER
        changed = leader.patch(f"{URL}{role['id']}/", {"name": "Partner manager"})
        assert changed.json() == role | {"version": 2, "name": "Partner manager"}
        assert leader.get(URL).json()["results"] == [changed.json()]

    def test_keep_their_code(self, leader: APIClient) -> None:
        role = leader.post(URL, PARTNER).json()
        answer = leader.patch(f"{URL}{role['id']}/", {"code": "other"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "code"
        assert "read-only" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("change", "path"),
        [({"code": "no spaces"}, "code"), ({"level": "moon"}, "level"), ({"name": ""}, "name")],
    )
    def test_are_judged(self, leader: APIClient, change: dict[str, str], path: str) -> None:
        answer = leader.post(URL, PARTNER | change)
        assert answer.status_code == 400
        assert [error["path"] for error in answer.json()["errors"]] == [path]

    def test_have_a_code_each(self, leader: APIClient) -> None:
        leader.post(URL, PARTNER)
        answer = leader.post(URL, PARTNER)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "code")

    def test_are_archived_and_found_by_filters(self, leader: APIClient) -> None:
        role = leader.post(URL, PARTNER).json()
        leader.post(URL, PARTNER | {"code": "sponsor", "level": "hq"})
        address = f"{URL}{role['id']}/"
        assert leader.post(f"{address}archive/").json()["archived_at"]
        again = leader.post(f"{address}archive/")
        assert (again.status_code, again.json()["code"]) == (409, "RoleArchived")
        for query, codes in (
            ({"archived": "true"}, ["partner"]),
            ({"archived": "false"}, ["sponsor"]),
            ({"level": "regional"}, ["partner"]),
            ({"ordering": "-code"}, ["sponsor", "partner"]),
        ):
            assert [each["code"] for each in leader.get(URL, query).json()["results"]] == codes
        assert leader.post(f"{address}restore/").json()["archived_at"] is None

    def test_are_adopted_from_those_that_ship(self, leader: APIClient) -> None:
        leader.post(URL, PARTNER | {"code": "local_csm"})
        added = leader.post(f"{URL}adopt/")
        assert added.status_code == 200
        assert len(added.json()) == 5
        assert "local_csm" not in {role["code"] for role in added.json()}
        assert leader.post(f"{URL}adopt/").json() == []
        assert leader.post(f"{URL}adopt/", {"force": True}).status_code == 400

    @pytest.mark.parametrize("who", ["manager", "csm", "analyst"])
    def test_are_written_by_who_answers_for_all(self, cast: Cast, who: str) -> None:
        role = signed_in(cast.admin).post(URL, PARTNER).json()
        client = signed_in(getattr(cast, who))
        assert client.get(f"{URL}{role['id']}/").status_code == 200
        assert client.post(URL, PARTNER | {"code": "x"}).status_code == 403
        assert client.post(f"{URL}adopt/").status_code == 403
        assert client.patch(f"{URL}{role['id']}/", {"name": "X"}).status_code == 403
        assert client.post(f"{URL}{role['id']}/archive/").status_code == 403
