"""Moving runs by the API: foreseen, then done, by who works there."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from engagement import services
from engagement.models import Run
from playbooks.models import PlaybookVersion
from regions import services as regions_services
from regions.models import Assignment
from tests import factories
from tests.api.contract import check
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.localizing import following

RUNS = "/api/v1/runs/"

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OFFER = factories.step("offer", anchor="renewal", offset=-30, unit="days")


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    with cast.acting():
        factories.market("FR")
        return factories.published(factories.step("call"), OFFER, by=cast.leader)


@pytest.fixture
def run(cast: Cast, version: PlaybookVersion) -> Run:
    with cast.acting():
        return start(version, cast)


@pytest.fixture
def newer(cast: Cast, version: PlaybookVersion, run: Run) -> PlaybookVersion:
    """The call is later, the offer is gone, and a visit is new."""
    with cast.acting():
        return following(version, cast, factories.step("call", offset=4), factories.step("visit"))


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


def start(version: PlaybookVersion, cast: Cast) -> Run:
    account = factories.account(owner=cast.csm, renewal_date=day("2026-06-30"))
    return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


def send(client: APIClient, address: str, **body: Any) -> Any:
    answer = client.post(f"{RUNS}{address}/", body)
    check(answer)
    return answer


def fates(answer: Any) -> dict[str, tuple[str, str | None]]:
    return {each["step"]: (each["fate"], each["after"]) for each in answer.json()["tasks"]}


class TestARun:
    def test_names_the_edition_that_it_may_move_to(
        self, leader: APIClient, run: Run, newer: PlaybookVersion
    ) -> None:
        found = leader.get(f"{RUNS}{run.pk}/").json()
        assert found["newer_edition"] not in (None, found["edition"])
        for wanted, ids in (("true", [str(run.pk)]), ("false", [])):
            rows = leader.get(RUNS, {"newer_edition": wanted}).json()["results"]
            assert [row["id"] for row in rows] == ids
        send(leader, f"{run.pk}/move")
        found = leader.get(f"{RUNS}{run.pk}/").json()
        assert found["newer_edition"] is None
        assert [each["kind"] for each in found["moves"]] == ["edition"]

    def test_is_foreseen_as_it_is_moved(
        self, leader: APIClient, run: Run, newer: PlaybookVersion
    ) -> None:
        foreseen = send(leader, f"{run.pk}/move", dry_run=True)
        assert fates(foreseen) == {
            "call": ("moved", "2026-03-06"),
            "visit": ("added", "2026-03-04"),
            "offer": ("dropped", None),
        }
        assert leader.get(f"{RUNS}{run.pk}/").json()["moves"] == []
        moved = send(leader, f"{run.pk}/move")
        assert moved.json() == foreseen.json() | {"dry_run": False}
        again = send(leader, f"{run.pk}/move")
        assert (again.status_code, again.json()["reason"]) == (409, "in_force")

    def test_counts_from_another_date(self, leader: APIClient, run: Run) -> None:
        body = {"anchors": {"renewal": "2026-07-31"}}
        foreseen = send(leader, f"{run.pk}/anchors", **body, dry_run=True)
        assert fates(foreseen) == {
            "call": ("same", "2026-03-04"),
            "offer": ("moved", "2026-07-01"),
        }
        send(leader, f"{run.pk}/anchors", **body)
        found = leader.get(f"{RUNS}{run.pk}/").json()
        assert found["anchors"]["renewal"] == "2026-07-31"
        assert found["moves"][0]["changes"]["anchors"] == {"renewal": ["2026-06-30", "2026-07-31"]}

    @pytest.mark.parametrize(
        "anchors", [{}, {"event": "2026-07-31"}, {"renewal": "2926-07-31"}, {"party": "2026-07-31"}]
    )
    def test_refuses_dates_that_mean_nothing(
        self, leader: APIClient, run: Run, anchors: dict[str, str]
    ) -> None:
        assert send(leader, f"{run.pk}/anchors", anchors=anchors).status_code == 400

    def test_is_moved_by_who_works_there(
        self, cast: Cast, run: Run, newer: PlaybookVersion
    ) -> None:
        for member in (cast.manager, cast.analyst):
            client = signed_in(member)
            assert send(client, f"{run.pk}/move").status_code == 403
            body = {"anchors": {"renewal": "2026-07-31"}}
            assert send(client, f"{run.pk}/anchors", **body).status_code == 403
        with cast.acting():
            regions_services.save_assignment(
                Assignment(membership=cast.manager, market=run.account.market)
            )
        assert send(signed_in(cast.manager), f"{run.pk}/move").status_code == 200

    def test_does_not_exist_for_another_organization(
        self, outsiders: Cast, run: Run, newer: PlaybookVersion
    ) -> None:
        client = signed_in(outsiders.leader)
        assert send(client, f"{run.pk}/move", dry_run=True).status_code == 404
        body = {"anchors": {"renewal": "2026-07-31"}}
        assert send(client, f"{run.pk}/anchors", **body).status_code == 404


class TestMany:
    def test_are_foreseen_and_moved_each_by_itself(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, run: Run
    ) -> None:
        with cast.acting():
            late = start(version, cast)
            services.pause_run(late, at=NOW, reason="They move.")
            following(version, cast, factories.step("call"), factories.step("visit"))
        body = {"playbook": str(version.playbook_id), "filter": {}}
        foreseen = send(leader, "move", **body, dry_run=True).json()
        assert (foreseen["moved"], foreseen["refused"], foreseen["left"]) == (2, 0, 0)
        assert [each["added"] for each in foreseen["runs"]] == [1, 1]
        assert send(leader, "move", **body).json() == foreseen | {"dry_run": False}
        assert send(leader, "move", **body).json()["runs"] == []

    def test_are_moved_by_who_writes_the_structure_there(
        self, cast: Cast, version: PlaybookVersion, run: Run, newer: PlaybookVersion
    ) -> None:
        body = {"playbook": str(version.playbook_id), "filter": {}}
        for member in (cast.manager, cast.csm, cast.analyst):
            assert send(signed_in(member), "move", **body).status_code == 403


class TestTheList:
    def test_takes_no_more_queries_with_more_runs(
        self, cast: Cast, leader: APIClient, version: PlaybookVersion, newer: PlaybookVersion
    ) -> None:
        leader.get(RUNS)
        with count_queries() as few:
            leader.get(RUNS)
        with cast.acting():
            for _number in range(3):
                start(version, cast)
        with count_queries() as many:
            assert len(leader.get(RUNS).json()["results"]) == 4
        assert len(many) == len(few)


class TestAPlaybook:
    def test_says_what_becomes_of_runs_whose_account_moves(
        self, leader: APIClient, version: PlaybookVersion
    ) -> None:
        address = f"/api/v1/playbooks/{version.playbook_id}/"
        assert leader.get(address).json()["on_market_move"] == "go_on"
        answer = leader.patch(address, {"on_market_move": "restart"})
        assert answer.json()["on_market_move"] == "restart"
        assert leader.patch(address, {"on_market_move": "vanish"}).status_code == 400
