"""Promises: made, settled and moved by those who work there, and never over another's change."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Promise
from engagement.models import Task
from playbooks.models import Playbook
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries, signed_in

PROMISES = "/api/v1/promises/"
SOON, LATER = ((timezone.now() + dt.timedelta(days=days)).date().isoformat() for days in (7, 14))


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        return factories.account(owner=cast.csm)


def make(client: APIClient, account: Account, **values: Any) -> Any:
    body = {"account": str(account.pk), "what": "The new prices", "due_date": SOON}
    return client.post(PROMISES, body | values)


class TestPromises:
    def test_are_made_kept_and_taken_back(
        self, cast: Cast, leader: APIClient, account: Account
    ) -> None:
        made = make(leader, account)
        assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
        assert made.json()["owner"] == str(cast.csm.pk)
        assert made.json()["made_by"] == str(cast.leader.pk)
        address = f"{PROMISES}{made.json()['id']}/"
        kept = leader.post(f"{address}keep/")
        assert (kept.json()["status"], kept.headers["ETag"]) == ("kept", '"2"')
        again = leader.post(f"{address}break/", {"reason": "x"})
        assert (again.status_code, again.json()["code"]) == (409, "AlreadySettled")
        assert leader.post(f"{address}reopen/").json()["status"] == "open"

    def test_are_broken_with_a_reason(self, leader: APIClient, account: Account) -> None:
        address = f"{PROMISES}{make(leader, account).json()['id']}/break/"
        assert leader.post(address).status_code == 400
        broken = leader.post(address, {"reason": "Legal said no"}).json()
        assert (broken["status"], broken["reason"]) == ("broken", "Legal said no")

    def test_are_renegotiated_with_their_history(self, leader: APIClient, account: Account) -> None:
        address = f"{PROMISES}{make(leader, account).json()['id']}/"
        moved = leader.post(f"{address}renegotiate/", {"due_date": LATER, "reason": "Asked"})
        assert (moved.json()["due_date"], moved.json()["status"]) == (LATER, "open")
        (change,) = leader.get(address).json()["changes"]
        assert (change["old_date"], change["new_date"]) == (SOON, LATER)

    def test_change_their_day_in_no_other_way(self, leader: APIClient, account: Account) -> None:
        address = f"{PROMISES}{make(leader, account).json()['id']}/"
        match = {"If-Match": '"1"'}
        refused = leader.patch(address, {"due_date": LATER}, headers=match)
        assert refused.json()["errors"][0]["path"] == "due_date"
        assert leader.patch(address, {"what": "All prices"}, headers=match).status_code == 200
        assert leader.post(f"{address}keep/", headers=match).status_code == 412

    def test_are_for_days_to_come(self, leader: APIClient, account: Account) -> None:
        answer = make(leader, account, due_date="2020-02-29")
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "due_date")

    def test_are_made_by_those_who_work_there(self, cast: Cast, account: Account) -> None:
        for member in (cast.manager, cast.csm, cast.analyst):
            assert make(signed_in(member), account).status_code == 403

    def test_of_others_do_not_exist(self, outsiders: Cast, leader: APIClient) -> None:
        with outsiders.acting():
            theirs = factories.account()
        assert make(leader, theirs).status_code == 400
        made = make(signed_in(outsiders.leader), theirs).json()
        for act in ("keep", "reopen"):
            assert leader.post(f"{PROMISES}{made['id']}/{act}/").status_code == 404

    def test_are_listed_in_a_fixed_number_of_queries(
        self, cast: Cast, leader: APIClient, account: Account
    ) -> None:
        seen = []
        for _ in range(2):
            make(leader, account)
            make(leader, account, owner=str(cast.leader.pk))
            with count_queries() as queries:
                leader.get(PROMISES, {"account": str(account.pk), "status": "open"})
            seen.append(len(queries))
        assert seen[0] == seen[1]
        mine = leader.get(PROMISES, {"owner": str(cast.leader.pk), "due_to": SOON}).json()
        assert len(mine["results"]) == 2
        assert leader.get(PROMISES, {"due_from": LATER}).json()["results"] == []


class TestTasks:
    def test_are_made_by_hand(self, cast: Cast, leader: APIClient, account: Account) -> None:
        body = {"account": str(account.pk), "title": "Send it", "benefit": "They know."}
        made = leader.post("/api/v1/tasks/", body)
        assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
        task = made.json()
        assert (task["title"], task["benefit"], task["owner"]) == (
            "Send it",
            "They know.",
            str(cast.csm.pk),
        )
        assert signed_in(cast.csm).post("/api/v1/tasks/", body).status_code == 403

    def test_say_what_follows_once_done(
        self, cast: Cast, leader: APIClient, account: Account
    ) -> None:
        with cast.acting():
            playbook = factories.published(by=cast.leader).playbook
        rule = {"sentiment": "negative", "playbook": str(playbook.pk)}
        assert leader.post("/api/v1/outcome-rules/", rule).status_code == 201
        made = leader.post("/api/v1/tasks/", {"account": str(account.pk), "title": "x"}).json()
        body = {"sentiment": "negative", "next_step": {"title": "Call back"}}
        done = leader.post(f"/api/v1/tasks/{made['id']}/complete/", body).json()
        assert done["sentiment"] == "negative"
        assert [each["playbook"] for each in done["proposals"]] == [str(playbook.pk)]
        follow_up = leader.get(f"/api/v1/tasks/{done['follow_up']}/").json()
        assert (follow_up["title"], follow_up["status"]) == ("Call back", "open")

    def test_name_the_part_of_a_next_step_that_is_wrong(
        self, cast: Cast, leader: APIClient
    ) -> None:
        task: Task = make_row(Task, cast)
        body = {"next_step": {"title": "x", "due_date": "2020-02-29"}}
        answer = leader.post(f"/api/v1/tasks/{task.pk}/complete/", body)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (
            400,
            "next_step.due_date",
        )

    def test_are_an_occasion_for_a_promise(self, cast: Cast, leader: APIClient) -> None:
        task: Task = make_row(Task, cast)
        body = {"what": "The new prices", "due_date": SOON}
        made = leader.post(f"/api/v1/tasks/{task.pk}/promise/", body)
        assert made.status_code == 201
        found = leader.get("/api/v1/tasks/", {"promise": made.json()["id"]}).json()
        assert [each["id"] for each in found["results"]] == [str(task.pk)]
        with cast.acting():
            assert Promise.objects.get().account_id == task.account_id


class TestEscalating:
    def test_starts_a_run_or_says_why_not(
        self, cast: Cast, leader: APIClient, account: Account
    ) -> None:
        body = {"account": str(account.pk)}
        answer = leader.post("/api/v1/runs/escalate/", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "NoEscalation")
        with cast.acting():
            version = factories.published(by=cast.leader)
            Playbook.objects.filter(pk=version.playbook_id).update(motion="escalation")
        started = leader.post("/api/v1/runs/escalate/", body)
        assert (started.status_code, started.json()["status"]) == (201, "active")
        assert signed_in(cast.csm).post("/api/v1/runs/escalate/", body).status_code == 403
