"""Tasks: read by everybody, worked on by those who work there, and the planning behind them."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from engagement.models import RegionPlanning, Task
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, signed_in


@pytest.fixture
def task(cast: Cast) -> Task:
    made: Task = make_row(Task, cast)
    return made


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


class TestActions:
    def test_complete(self, cast: Cast, task: Task, leader: APIClient) -> None:
        body = {"outcome": "reply", "note": "All is well."}
        answer = leader.post(f"/api/v1/tasks/{task.pk}/complete/", body)
        assert answer.status_code == 200
        done = answer.json()
        assert (done["status"], done["outcome"], done["note"]) == ("done", "reply", "All is well.")
        assert done["closed_by"] == str(cast.leader.pk)
        assert answer.headers["ETag"] == '"2"'

    def test_complete_twice_tells_who_did_it(
        self, cast: Cast, task: Task, leader: APIClient
    ) -> None:
        assert leader.post(f"/api/v1/tasks/{task.pk}/complete/").status_code == 200
        second = signed_in(cast.admin).post(f"/api/v1/tasks/{task.pk}/complete/")
        assert (second.status_code, second.json()["code"]) == (409, "TaskAlreadyClosed")
        assert "CS leader of Alder" in second.json()["detail"]

    def test_move_to_a_working_day(self, task: Task, leader: APIClient) -> None:
        address = f"/api/v1/tasks/{task.pk}/snooze/"
        day = dt.date(2049, 6, 2)
        moved = leader.post(address, {"until": day.isoformat(), "reason": "Asked for"}).json()
        assert (moved["status"], moved["due_date"]) == ("snoozed", "2049-06-02")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"until": "2020-06-02", "reason": "x"}, "until"),
            ({"until": "2150-06-02", "reason": "x"}, "until"),
            ({"until": "2049-06-05", "reason": "x"}, "until"),
            ({"until": "2049-06-02"}, "reason"),
            ({"until": "2049-06-02", "reason": " "}, "reason"),
        ],
    )
    def test_move_to_no_other_day(
        self, task: Task, leader: APIClient, body: dict[str, str], path: str
    ) -> None:
        answer = leader.post(f"/api/v1/tasks/{task.pk}/snooze/", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == path

    def test_close_as_not_applicable_with_a_reason(self, task: Task, leader: APIClient) -> None:
        address = f"/api/v1/tasks/{task.pk}/not-applicable/"
        assert leader.post(address, {}).status_code == 400
        closed = leader.post(address, {"reason": "They merged."}).json()
        assert (closed["status"], closed["reason"]) == ("not_applicable", "They merged.")

    def test_hand_over(self, cast: Cast, task: Task, leader: APIClient) -> None:
        address = f"/api/v1/tasks/{task.pk}/hand-over/"
        handed = leader.post(address, {"to": str(cast.csm.pk)}).json()
        assert (handed["owner"], handed["owner_name"]) == (str(cast.csm.pk), "CSM of Alder")

    def test_undo(self, task: Task, leader: APIClient) -> None:
        leader.post(f"/api/v1/tasks/{task.pk}/complete/")
        undone = leader.post(f"/api/v1/tasks/{task.pk}/undo/")
        assert (undone.status_code, undone.json()["status"]) == (200, "open")
        again = leader.post(f"/api/v1/tasks/{task.pk}/undo/")
        assert (again.status_code, again.json()["code"]) == (409, "NothingToUndo")

    def test_are_for_those_who_work_there(self, cast: Cast, task: Task) -> None:
        for member in (cast.manager, cast.csm, cast.analyst):
            answer = signed_in(member).post(f"/api/v1/tasks/{task.pk}/complete/")
            assert answer.status_code == 403

    def test_refuse_fields_that_they_do_not_know(self, task: Task, leader: APIClient) -> None:
        answer = leader.post(f"/api/v1/tasks/{task.pk}/complete/", {"outcom": "reply"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "outcom"

    def test_are_the_only_way_to_change_a_task(self, task: Task, leader: APIClient) -> None:
        address = f"/api/v1/tasks/{task.pk}/"
        assert leader.patch(address, {"status": "done"}).status_code == 405
        assert leader.delete(address).status_code == 405


def is_listed(client: APIClient, task: Task, query: dict[str, str]) -> bool:
    listed = client.get("/api/v1/tasks/", query).json()["results"]
    return str(task.pk) in {row["id"] for row in listed}


class TestTheList:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"status": "open"}, True),
            ({"status": "done"}, False),
            ({"overdue": "true"}, True),
            ({"overdue": "false"}, False),
            ({"due_from": "2026-03-02", "due_to": "2026-03-02"}, True),
            ({"due_to": "2026-03-01"}, False),
            ({"needs_stand_in": "true"}, False),
        ],
    )
    def test_is_filtered(
        self, task: Task, leader: APIClient, query: dict[str, str], found: bool
    ) -> None:
        assert is_listed(leader, task, query) == found

    def test_is_filtered_by_place(self, cast: Cast, task: Task, leader: APIClient) -> None:
        with cast.acting():
            here = task.account.market
            elsewhere = factories.handmade_market()
        for name, place, other in (
            ("market", here.pk, elsewhere.pk),
            ("region", here.region_id, elsewhere.region_id),
        ):
            assert is_listed(leader, task, {name: str(place)})
            assert not is_listed(leader, task, {name: str(other)})


class TestThePlanningOfARegion:
    def test_has_a_time_that_can_be_changed(self, cast: Cast, leader: APIClient) -> None:
        planning = make_row(RegionPlanning, cast)
        address = f"/api/v1/region-plannings/{planning.pk}/"
        changed = leader.patch(address, {"local_time": "06:30:00", "time_zone": "Asia/Kathmandu"})
        assert changed.status_code == 200
        # Kathmandu is 5 h 45 min ahead.
        assert changed.json()["next_at"].endswith("T00:45:00Z")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"time_zone": "localtime"}, "time_zone"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"local_time": "25:00"}, "local_time"),
            ({"next_at": "2026-01-01T00:00:00Z"}, "next_at"),
        ],
    )
    def test_refuses_what_is_no_time(
        self, cast: Cast, leader: APIClient, body: dict[str, str], path: str
    ) -> None:
        planning = make_row(RegionPlanning, cast)
        answer = leader.patch(f"/api/v1/region-plannings/{planning.pk}/", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == path
