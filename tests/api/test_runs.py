"""Runs: started for one account or for many, followed, held and ended by who works there."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import Account
from engagement.models import Run, Task
from playbooks.models import PlaybookVersion
from regions import services as regions_services
from regions.models import Assignment
from tests import factories
from tests.api.contract import check
from tests.conftest import Cast, day, signed_in

RUNS = "/api/v1/runs/"

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    """A call, an e-mail that waits for it, and a visit for the third tier only."""
    with cast.acting():
        factories.market("FR")
        return factories.published(
            factories.step("call"),
            factories.step("mail", kind="email", channel="email", offset=5, depends_on=["call"]),
            factories.step("visit", condition={"tiers": ["tier_3"]}),
            by=cast.leader,
        )


@pytest.fixture
def account(cast: Cast, version: PlaybookVersion) -> Account:
    with cast.acting():
        return factories.account(name="Acme", owner=cast.csm)


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


def start(client: APIClient, version: PlaybookVersion, account: Account, **more: Any) -> Any:
    body = {"playbook": str(version.playbook_id), "account": str(account.pk), **more}
    answer = client.post(RUNS, body)
    check(answer)
    return answer


def launch(client: APIClient, version: PlaybookVersion, wanted: Any, **more: Any) -> Any:
    body = {"playbook": str(version.playbook_id), "filter": wanted, **more}
    answer = client.post(f"{RUNS}launch/", body)
    check(answer)
    return answer


def act(client: APIClient, run: Any, name: str, **body: Any) -> Any:
    answer = client.post(f"{RUNS}{run['id']}/{name}/", body)
    check(answer)
    return answer


class TestStarting:
    def test_gives_a_run_with_its_tasks_and_what_was_left_out(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        answer = start(leader, version, account)
        assert answer.status_code == 201
        run = answer.json()
        tasks = [(task["title"], task["status"], task["due_date"]) for task in run["tasks"]]
        assert tasks == [
            ("Do call", "open", "2026-03-04"),
            ("Do mail", "waiting", "2026-03-09"),
        ]
        assert run["left_out"] == [
            {
                "step": "visit",
                "title": "Do visit",
                "reason": "condition",
                "detail": "tiers",
                "text": "It is for other accounts (tier).",
            }
        ]
        assert run["progress"] == {
            "pace": "on_track",
            "settled": 0,
            "tasks": 2,
            "next_task": run["tasks"][0]["id"],
        }
        assert leader.get(f"{RUNS}{run['id']}/").json() == run

    def test_twice_says_that_it_is_under_way(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        start(leader, version, account)
        again = start(leader, version, account)
        problem = again.json()
        assert (again.status_code, problem["code"]) == (409, "RunRefused")
        assert (problem["reason"], problem["refused_for"]) == ("under_way", "")

    def test_asks_for_the_days_that_steps_count_from(
        self, cast: Cast, leader: APIClient, account: Account
    ) -> None:
        with cast.acting():
            version = factories.published(
                factories.step("offer", anchor="renewal", offset=-30, unit="days"), by=cast.leader
            )
        refused = start(leader, version, account).json()
        assert (refused["reason"], refused["refused_for"]) == ("anchor_missing", "renewal")
        run = start(leader, version, account, anchors={"renewal": "2026-06-30"}).json()
        assert [task["due_date"] for task in run["tasks"]] == ["2026-05-29"]
        assert run["anchors"] == {"run_start": "2026-03-02", "renewal": "2026-06-30"}

    def test_counts_from_the_day_given(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account, start="2026-03-09").json()
        assert (run["start_date"], run["tasks"][0]["due_date"]) == ("2026-03-09", "2026-03-11")

    @pytest.mark.parametrize("far", ["0001-01-01", "9999-12-31"])
    def test_on_a_day_that_nobody_knows_is_refused(
        self, leader: APIClient, version: PlaybookVersion, account: Account, far: str
    ) -> None:
        refused = start(leader, version, account, start=far)
        assert (refused.status_code, refused.json()["reason"]) == (409, "calendar_ends")

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"anchors": {"run_start": "2026-03-02"}}, "anchors.run_start"),
            ({"anchors": {"renewal": "soon"}}, "anchors.renewal"),
            ({"start": "tomorrow"}, "start"),
        ],
    )
    def test_takes_nothing_else(
        self,
        leader: APIClient,
        version: PlaybookVersion,
        account: Account,
        more: dict[str, Any],
        path: str,
    ) -> None:
        answer = start(leader, version, account, **more)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path)

    def test_is_for_those_who_work_there(
        self, cast: Cast, version: PlaybookVersion, account: Account
    ) -> None:
        for member in (cast.csm, cast.manager, cast.analyst):
            assert start(signed_in(member), version, account).status_code == 403
        with cast.acting():
            regions_services.save_assignment(Assignment(membership=cast.csm, market=account.market))
        assert start(signed_in(cast.csm), version, account).status_code == 201


class TestLaunching:
    @pytest.fixture
    def many(self, cast: Cast, version: PlaybookVersion) -> None:
        """Three accounts in France, of which one is churned, and one where nothing is published."""
        with cast.acting():
            factories.account(tier="tier_2", owner=cast.csm)
            factories.account(tier="tier_3")
            factories.account(stage="churned")

    def test_starts_for_all_of_a_filter_and_says_who_is_left(
        self, leader: APIClient, version: PlaybookVersion, many: None
    ) -> None:
        foreseen = launch(leader, version, {}, dry_run=True).json()
        assert (foreseen["dry_run"], foreseen["runs"], foreseen["tasks"]) == (True, 2, 5)
        (refused,) = foreseen["refused"]
        assert (refused["reason"], refused["accounts"]) == ("not_active", 1)
        assert refused["examples"][0]["text"] == "The account is archived or churned."
        assert leader.get(RUNS).json()["results"] == []
        launched = launch(leader, version, {}).json()
        assert launched == foreseen | {"dry_run": False}
        assert len(leader.get(RUNS).json()["results"]) == 2
        again = launch(leader, version, {}).json()
        reasons = {each["reason"]: each["accounts"] for each in again["refused"]}
        assert (again["runs"], reasons) == (0, {"under_way": 2, "not_active": 1})

    def test_keeps_to_the_filter(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, many: None
    ) -> None:
        with cast.acting():
            market = factories.market("FR")
        for wanted, runs in (
            ({"tier": "tier_3"}, 1),
            ({"owner": str(cast.csm.pk)}, 1),
            ({"stage": "onboarding"}, 0),
            ({"market": str(market.pk)}, 2),
            ({"region": str(market.region_id), "tier": "tier_2"}, 1),
        ):
            assert launch(leader, version, wanted, dry_run=True).json()["runs"] == runs

    def test_is_for_who_leads_there(self, cast: Cast, version: PlaybookVersion, many: None) -> None:
        with cast.acting():
            market = factories.market("FR")
            for member in (cast.csm, cast.manager):
                regions_services.save_assignment(Assignment(membership=member, market=market))
        here, manager = {"market": str(market.pk)}, signed_in(cast.manager)
        assert launch(signed_in(cast.csm), version, here).status_code == 403
        assert launch(manager, version, {}).status_code == 403
        assert launch(manager, version, {"region": str(market.region_id)}).status_code == 403
        assert launch(manager, version, here).json()["runs"] == 2

    def test_refuses_a_filter_that_it_does_not_know(
        self, leader: APIClient, version: PlaybookVersion
    ) -> None:
        answer = launch(leader, version, {"teir": "tier_1"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "filter.teir"


class TestHolding:
    def test_takes_a_reason_and_moves_what_is_left(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account).json()
        assert act(leader, run, "pause").status_code == 400
        paused = act(leader, run, "pause", reason="They move.").json()
        assert (paused["status"], paused["reason"]) == ("paused", "They move.")
        assert (paused["progress"]["pace"], paused["paused_on"]) == (None, "2026-03-02")
        assert act(leader, run, "pause", reason="Again.").json()["code"] == "AlreadyPaused"
        with time_machine.travel(NOW + dt.timedelta(days=7), tick=False):
            resumed = act(signed_in(cast.leader), run, "resume").json()
        assert [task["due_date"] for task in resumed["tasks"]] == ["2026-03-11", "2026-03-16"]
        assert act(leader, run, "resume").json()["code"] == "NotPaused"

    def test_ends_for_good_with_a_reason(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account).json()
        ended = act(leader, run, "cancel", reason="They left.").json()
        assert (ended["status"], ended["reason"]) == ("cancelled", "They left.")
        assert {task["status"] for task in ended["tasks"]} == {"cancelled"}
        assert act(leader, run, "resume").json()["code"] == "RunEnded"

    def test_of_a_version_that_changed_is_refused(
        self, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account).json()
        act(leader, run, "pause", reason="They move.")
        stale = leader.post(
            f"{RUNS}{run['id']}/cancel/", {"reason": "No."}, headers={"If-Match": '"1"'}
        )
        assert stale.status_code == 412

    def test_is_for_those_who_work_there(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account).json()
        for member in (cast.csm, cast.manager, cast.analyst):
            assert act(signed_in(member), run, "pause", reason="Why.").status_code == 403


class TestTheList:
    def test_is_filtered_and_says_how_each_goes(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        with cast.acting():
            other = factories.account(market=factories.market("DE"))
        first, second = (start(leader, version, each).json() for each in (account, other))
        assert [row["id"] for row in leader.get(RUNS).json()["results"]] == [
            second["id"],
            first["id"],
        ]
        for query in (
            {"account": str(account.pk)},
            {"market": str(account.market_id)},
            {"market": str(account.market_id), "playbook": str(version.playbook_id)},
            {
                "status": "active",
                "region": str(account.market.region_id),
                "account": str(account.pk),
            },
        ):
            rows = leader.get(RUNS, query).json()["results"]
            assert [row["id"] for row in rows] == [first["id"]]
        assert leader.get(RUNS, {"status": "paused"}).json()["results"] == []
        for now, pace in (("2026-03-05", "behind"), ("2026-03-16", "stuck")):
            with time_machine.travel(f"{now}T09:00:00Z", tick=False):
                rows = signed_in(cast.leader).get(RUNS).json()["results"]
            assert {row["progress"]["pace"] for row in rows} == {pace}

    def test_of_tasks_knows_those_of_a_run(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, account: Account
    ) -> None:
        run = start(leader, version, account).json()
        rows = leader.get("/api/v1/tasks/", {"run": run["id"]}).json()["results"]
        assert {row["id"] for row in rows} == {task["id"] for task in run["tasks"]}
        with cast.acting():
            assert Task.objects.count() == 2
            assert Run.objects.get().start_date == day("2026-03-02")
