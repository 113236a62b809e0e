"""Attributes that an organization declares, and what accounts say of them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.attributes import LARGEST, MOST
from tests import factories
from tests.conftest import Cast, count_queries, signed_in

URL = "/api/v1/account-attributes/"
ACCOUNTS = "/api/v1/accounts/"
DECLARED: tuple[dict[str, Any], ...] = (
    {"key": "industry", "name": "Industry", "kind": "text"},
    {"key": "seats", "name": "Seats", "kind": "number"},
    {"key": "on_premises", "name": "On premises", "kind": "boolean"},
    {"key": "plan", "name": "Plan", "kind": "choice", "choices": ["Basic", "Enterprise"]},
)
VALUES = {"industry": "Retail", "seats": 250, "on_premises": False, "plan": "Enterprise"}

WRONG: dict[str, list[Any]] = {
    "industry": [None, 1, True, "", " ", "x" * 201, "a\nb", ["x"]],
    "seats": [None, "1", True, LARGEST, -LARGEST, 1e300, {}],
    "on_premises": [None, 1, 0, "true", []],
    "plan": [None, "Gold", "basic", 0, True, "", ["Basic"]],
}


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def account(cast: Cast, leader: APIClient) -> str:
    """Declare the attributes, and return the address of an account."""
    for each in DECLARED:
        assert leader.post(URL, each).status_code == 201
    with cast.acting():
        return f"{ACCOUNTS}{factories.account().pk}/"


def errors(answer: Any) -> dict[str, str]:
    """Return what is wrong, by its path."""
    assert answer.status_code == 400
    return {error["path"]: error["detail"] for error in answer.json()["errors"]}


class TestDeclarations:
    def test_are_written_and_read(self, leader: APIClient) -> None:
        made = leader.post(URL, DECLARED[3])
        assert made.status_code == 201
        attribute = made.json()
        assert attribute == {"id": attribute["id"], "version": 1, "archived_at": None} | DECLARED[3]
        changed = leader.patch(f"{URL}{attribute['id']}/", {"choices": [" Pro ", "Basic"]})
        assert changed.json()["choices"] == ["Pro", "Basic"]
        assert leader.get(URL, {"kind": "choice"}).json()["results"] == [changed.json()]
        assert leader.get(URL, {"kind": "text"}).json()["results"] == []

    @pytest.mark.parametrize("change", [{"key": "other"}, {"kind": "text"}])
    def test_keep_key_and_kind(self, leader: APIClient, change: dict[str, str]) -> None:
        attribute = leader.post(URL, DECLARED[1]).json()
        said = errors(leader.patch(f"{URL}{attribute['id']}/", change))
        assert {path: "read-only" in text for path, text in said.items()} == dict.fromkeys(
            change, True
        )

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"key": "no spaces"}, "key"),
            ({"kind": "date"}, "kind"),
            ({"choices": []}, ""),
            ({"choices": ["Basic", " "]}, "choices[1]"),
            ({"choices": ["Basic", "Basic "]}, "choices"),
            ({"choices": "Basic"}, "choices"),
            ({"kind": "number"}, ""),
        ],
    )
    def test_are_judged(self, leader: APIClient, change: dict[str, Any], path: str) -> None:
        assert list(errors(leader.post(URL, DECLARED[3] | change))) == [path]

    def test_have_a_key_each(self, leader: APIClient) -> None:
        leader.post(URL, DECLARED[0])
        assert errors(leader.post(URL, DECLARED[0])) == {
            "key": "There is an attribute with this key."
        }

    def test_are_archived_and_restored(self, leader: APIClient) -> None:
        address = f"{URL}{leader.post(URL, DECLARED[0]).json()['id']}/"
        assert leader.post(f"{address}archive/").json()["archived_at"]
        again = leader.post(f"{address}archive/")
        assert (again.status_code, again.json()["code"]) == (409, "AttributeArchived")
        assert leader.get(URL, {"archived": "false"}).json()["results"] == []
        assert leader.post(f"{address}restore/").json()["archived_at"] is None

    def test_are_not_in_use_without_number(self, leader: APIClient) -> None:
        operations = [
            {"action": "create", "values": {"key": f"k{number}", "name": "K", "kind": "text"}}
            for number in range(MOST)
        ]
        answer = leader.post(f"{URL}bulk/", {"atomic": True, "operations": operations})
        assert answer.status_code == 200
        more = leader.post(URL, DECLARED[0])
        assert (more.status_code, more.json()["code"]) == (409, "TooManyAttributes")
        first = answer.json()["results"][0]["value"]["id"]
        leader.post(f"{URL}{first}/archive/")
        assert leader.post(URL, DECLARED[0]).status_code == 201
        back = leader.post(f"{URL}{first}/restore/")
        assert (back.status_code, back.json()["code"]) == (409, "TooManyAttributes")

    @pytest.mark.parametrize("who", ["manager", "csm", "analyst"])
    def test_are_written_by_who_answers_for_all(self, cast: Cast, who: str) -> None:
        attribute = signed_in(cast.admin).post(URL, DECLARED[0]).json()
        client = signed_in(getattr(cast, who))
        assert client.get(f"{URL}{attribute['id']}/").status_code == 200
        assert client.post(URL, DECLARED[1]).status_code == 403
        assert client.patch(f"{URL}{attribute['id']}/", {"name": "X"}).status_code == 403
        assert client.post(f"{URL}{attribute['id']}/archive/").status_code == 403


class TestValues:
    def test_are_written_and_read(self, leader: APIClient, account: str) -> None:
        answer = leader.patch(account, {"attributes": VALUES, "complexity": "high"})
        assert answer.status_code == 200
        read = leader.get(account).json()
        assert (read["attributes"], read["complexity"]) == (VALUES, "high")
        leader.patch(account, {"city": "Lyon"})
        assert leader.get(account).json()["attributes"] == VALUES
        leader.patch(account, {"attributes": {"seats": 1.5}})
        assert leader.get(account).json()["attributes"] == {"seats": 1.5}

    def test_come_with_a_new_account(self, leader: APIClient, account: str) -> None:
        market = leader.get(account).json()["market"]
        body = {"name": "N", "market": market, "tier": "tier_1", "start_date": "2026-01-05"}
        made = leader.post(ACCOUNTS, body | {"attributes": {"plan": " Basic "}})
        assert made.status_code == 201
        assert made.json()["attributes"] == {"plan": "Basic"}
        assert made.json()["complexity"] == ""
        refused = leader.post(ACCOUNTS, body | {"attributes": {"plan": "Gold"}})
        assert errors(refused) == {"attributes.plan": "Choose one of Basic, Enterprise."}

    @pytest.mark.parametrize(
        ("key", "value"), [(key, value) for key, values in WRONG.items() for value in values]
    )
    def test_are_of_their_kind(
        self, leader: APIClient, account: str, key: str, value: object
    ) -> None:
        leader.patch(account, {"attributes": VALUES})
        answer = leader.patch(account, {"attributes": VALUES | {key: value}})
        assert list(errors(answer)) == [f"attributes.{key}"]
        assert leader.get(account).json()["attributes"] == VALUES

    def test_are_declared(self, leader: APIClient, account: str) -> None:
        said = errors(leader.patch(account, {"attributes": {"seat": 1, "zzz": 1, "seats": "x"}}))
        assert said == {
            "attributes.seat": "No attribute in use has this key. Did you mean seats?",
            "attributes.zzz": "No attribute in use has this key.",
            "attributes.seats": "Give a number of at most 15 digits.",
        }

    @pytest.mark.parametrize("value", [None, [], "x", 1, [["industry", "x"]]])
    def test_are_an_object(self, leader: APIClient, account: str, value: object) -> None:
        assert list(errors(leader.patch(account, {"attributes": value}))) == ["attributes"]

    def test_are_fifty_at_most(self, leader: APIClient, account: str) -> None:
        many = {f"key{number}": 1 for number in range(MOST + 1)}
        assert errors(leader.patch(account, {"attributes": many})) == {
            "attributes": "An account has 50 attributes at most."
        }

    def test_of_complexity_are_three(self, leader: APIClient, account: str) -> None:
        assert list(errors(leader.patch(account, {"complexity": "extreme"}))) == ["complexity"]
        leader.patch(account, {"complexity": "low"})
        for asked, found in (("low", 1), ("high", 0)):
            listed = leader.get(ACCOUNTS, {"complexity": asked}).json()["results"]
            assert len(listed) == found

    def test_of_another_organization_say_nothing(
        self, leader: APIClient, account: str, outsiders: Cast
    ) -> None:
        with outsiders.acting():
            foreign = f"{ACCOUNTS}{factories.account().pk}/"
        said = errors(signed_in(outsiders.admin).patch(foreign, {"attributes": {"seat": 1}}))
        assert said == {"attributes.seat": "No attribute in use has this key."}

    def test_are_listed_without_a_further_query(self, leader: APIClient, account: str) -> None:
        leader.get(ACCOUNTS)
        counts = []
        for values in ({}, VALUES):
            leader.patch(account, {"attributes": values})
            with count_queries() as captured:
                assert leader.get(ACCOUNTS).json()["results"][0]["attributes"] == values
            counts.append(len(captured))
        assert counts[0] == counts[1]
