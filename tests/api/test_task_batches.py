"""Many tasks in one call: by ids or by a filter, answered one by one, taken back as one."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from engagement.models import Task
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.pages import a_task
from toolkit.uuid7 import uuid7

BULK = "/api/v1/tasks/bulk/"


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def tasks(cast: Cast) -> list[Task]:
    """Two tasks in France and one in Japan."""
    with cast.acting():
        return [
            a_task(factories.account(market=factories.market(code), owner=cast.csm), "2026-03-02")
            for code in ("FR", "FR", "JP")
        ]


def ids(*tasks: Task) -> list[str]:
    return [str(task.pk) for task in tasks]


def answers(body: dict[str, Any]) -> dict[str, bool]:
    return {each["task"]: each["done"] for each in body["answers"]}


class TestActingOnMany:
    def test_by_their_ids(self, leader: APIClient, tasks: list[Task]) -> None:
        unknown = str(uuid7())
        answer = leader.post(BULK, {"action": "complete", "ids": [*ids(*tasks), unknown]})
        assert answer.status_code == 200, answer.content
        assert answer.headers["ETag"] == '"1"'
        assert answers(answer.json()) == {**dict.fromkeys(ids(*tasks), True), unknown: False}

    def test_by_a_filter(self, leader: APIClient, tasks: list[Task]) -> None:
        market = str(tasks[0].account.market_id)
        body = {"action": "not_applicable", "filter": {"market": market}, "reason": "Closed"}
        assert set(answers(leader.post(BULK, body).json())) == set(ids(*tasks[:2]))

    def test_only_where_one_works(self, cast: Cast, tasks: list[Task]) -> None:
        with cast.acting():
            Assignment.objects.create(membership=cast.csm, market=tasks[0].account.market)
        answer = signed_in(cast.csm).post(BULK, {"action": "complete", "ids": ids(*tasks)})
        assert list(answers(answer.json()).values()) == [True, True, False]

    def test_is_not_for_those_who_only_read(self, cast: Cast, tasks: list[Task]) -> None:
        body = {"action": "complete", "ids": ids(*tasks)}
        assert signed_in(cast.analyst).post(BULK, body).status_code == 403

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"action": "complete"}, "ids"),
            ({"action": "complete", "ids": []}, "ids"),
            ({"action": "complete", "ids": [1]}, "ids[0]"),
            ({"action": "complete", "filter": {}, "ids": ["x"]}, "ids[0]"),
            ({"action": "explode", "filter": {}}, "action"),
            ({"action": "complete", "filter": {"marke": "x"}}, "marke"),
            ({"action": "complete", "filter": {"market": "x"}}, "filter.market"),
            ({"action": "shift", "filter": {}, "reason": "x", "days": 61}, "days"),
            ({"action": "shift", "filter": {}, "reason": "x", "days": "1"}, "days"),
            ({"action": "shift", "filter": {}, "days": 1}, "reason"),
            ({"action": "snooze", "filter": {}, "reason": "x"}, "until"),
            ({"action": "hand_over", "filter": {}}, "to"),
            ({"action": "complete", "filter": {}, "days": 1}, "days"),
        ],
    )
    def test_names_what_is_wrong(
        self, leader: APIClient, tasks: list[Task], body: dict[str, Any], path: str
    ) -> None:
        answer = leader.post(BULK, body)
        assert answer.status_code == 400, answer.content
        assert answer.json()["errors"][0]["path"] == path

    def test_hands_nothing_to_another_organization(
        self, leader: APIClient, tasks: list[Task], outsiders: Cast
    ) -> None:
        body = {"action": "hand_over", "ids": ids(*tasks), "to": str(outsiders.csm.pk)}
        answer = leader.post(BULK, body)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "to")


class TestTheUndo:
    def act(self, client: APIClient, tasks: list[Task]) -> str:
        body = {"action": "shift", "ids": ids(*tasks), "days": 2, "reason": "Fair"}
        return f"/api/v1/task-batches/{client.post(BULK, body).json()['id']}/"

    def test_answers_for_each(self, leader: APIClient, tasks: list[Task]) -> None:
        batch = self.act(leader, tasks)
        leader.post(f"/api/v1/tasks/{tasks[0].pk}/complete/")
        answer = leader.post(f"{batch}undo/")
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        undone = answer.json()
        assert undone["can_undo"] is False
        assert answers(undone) == {
            str(tasks[0].pk): False,
            **dict.fromkeys(ids(*tasks[1:]), True),
        }
        again = leader.post(f"{batch}undo/")
        assert (again.status_code, again.json()["code"]) == (409, "NothingToUndo")

    def test_is_for_who_did_it_and_for_leaders(self, cast: Cast, tasks: list[Task]) -> None:
        with cast.acting():
            for member in (cast.csm, cast.manager):
                Assignment.objects.create(membership=member, market=tasks[0].account.market)
        batch = self.act(signed_in(cast.csm), tasks[:1])
        assert signed_in(cast.manager).post(f"{batch}undo/").status_code == 403
        assert signed_in(cast.analyst).post(f"{batch}undo/").status_code == 403
        assert signed_in(cast.leader).post(f"{batch}undo/").status_code == 200

    def test_is_not_there_for_another_organization(
        self, leader: APIClient, tasks: list[Task], outsiders: Cast
    ) -> None:
        batch = self.act(leader, tasks)
        assert signed_in(outsiders.leader).post(f"{batch}undo/").status_code == 404


class TestSavedViews:
    VIEWS = "/api/v1/saved-views/"

    def names(self, client: APIClient) -> list[str]:
        return [row["name"] for row in client.get(self.VIEWS).json()["results"]]

    def save(self, client: APIClient, name: str, visibility: str = "mine") -> Any:
        body = {"name": name, "visibility": visibility, "filters": {"tier": "tier_1"}}
        return client.post(self.VIEWS, body)

    def test_belong_to_who_saves_them(self, cast: Cast) -> None:
        answer = self.save(signed_in(cast.csm), "Big ones")
        assert answer.status_code == 201, answer.content
        view = answer.json()
        assert (view["owner"], view["filters"]) == (str(cast.csm.pk), {"tier": "tier_1"})

    def test_are_seen_by_oneself_a_team_or_everybody(
        self, cast: Cast, tasks: list[Task], outsiders: Cast
    ) -> None:
        france, japan = tasks[0].account.market, tasks[2].account.market
        with cast.acting():
            Assignment.objects.create(membership=cast.csm, market=france)
            Assignment.objects.create(membership=cast.manager, region=france.region)
        for name, visibility in (("A", "mine"), ("B", "team")):
            self.save(signed_in(cast.csm), name, visibility)
        self.save(signed_in(cast.leader), "C", "shared")
        self.save(signed_in(cast.leader), "D", "mine")
        seen = {name: self.names(signed_in(getattr(cast, name))) for name in ("csm", "manager")}
        assert seen == {"csm": ["A", "B", "C"], "manager": ["B", "C"]}
        assert self.names(signed_in(cast.analyst)) == ["C"]
        assert self.names(signed_in(cast.leader)) == ["B", "C", "D"]
        assert self.names(signed_in(outsiders.leader)) == []
        with cast.acting():
            Assignment.objects.filter(membership=cast.manager).delete()
            Assignment.objects.create(membership=cast.manager, market=japan)
        assert self.names(signed_in(cast.manager)) == ["C"]

    def test_are_shared_with_everybody_by_leads(self, cast: Cast) -> None:
        refused = self.save(signed_in(cast.csm), "Mine", "shared")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["path"] == "visibility"
        assert self.save(signed_in(cast.manager), "Ours", "shared").status_code == 201

    def test_are_changed_by_their_owner_and_by_leaders(self, cast: Cast) -> None:
        view = self.save(signed_in(cast.manager), "Ours", "shared").json()
        address = f"{self.VIEWS}{view['id']}/"
        assert signed_in(cast.csm).patch(address, {"name": "Mine"}).status_code == 403
        assert signed_in(cast.csm).delete(address).status_code == 403
        assert signed_in(cast.manager).patch(address, {"name": "All"}).json()["name"] == "All"
        assert signed_in(cast.leader).delete(address).status_code == 204

    def test_have_one_name_each(self, cast: Cast) -> None:
        csm = signed_in(cast.csm)
        self.save(csm, "Same")
        again = self.save(csm, "Same")
        assert (again.status_code, again.json()["errors"][0]["path"]) == (400, "")
        assert self.save(signed_in(cast.leader), "Same").status_code == 201

    @pytest.mark.parametrize(
        ("filters", "path"),
        [
            ({"tier": "tier_9"}, "filters.tier"),
            ({"tire": "tier_1"}, "filters.tire"),
            ({"market": "00000000-0000-0000-0000-000000000000"}, "filters.market"),
            ({"owner": "x"}, "filters.owner"),
            ({"by": "day"}, "filters.by"),
        ],
    )
    def test_filter_by_what_there_is(self, cast: Cast, filters: dict[str, str], path: str) -> None:
        answer = signed_in(cast.csm).post(self.VIEWS, {"name": "x", "filters": filters})
        assert answer.status_code == 400, answer.content
        assert answer.json()["errors"][0]["path"] == path

    def test_are_listed_in_a_fixed_number_of_queries(self, cast: Cast) -> None:
        csm = signed_in(cast.csm)
        self.save(csm, "First")
        csm.get(self.VIEWS)
        with count_queries() as few:
            csm.get(self.VIEWS)
        for number in range(5):
            self.save(csm, f"View {number}")
        with count_queries() as many:
            csm.get(self.VIEWS)
        assert len(few) == len(many)
