"""Runs that move, on their pages: seen first, then done, and kept in the history."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import services as accounts_services
from engagement import services
from engagement.models import Run, RunMove, Task
from playbooks.models import PlaybookVersion
from playbooks.schedule import Anchor
from regions import services as regions_services
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.localizing import following
from tests.integration.test_pages_runs import post, text

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OFFER = factories.step(
    "offer", title="Make an offer", anchor="renewal", offset=-30, unit="days", position=10
)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    with cast.acting():
        factories.market("FR")
        return factories.published(
            factories.step("call", title="Call them"), OFFER, by=cast.leader, name="A good start"
        )


@pytest.fixture
def run(cast: Cast, version: PlaybookVersion) -> Run:
    with cast.acting():
        account = factories.account(name="Acme", owner=cast.csm, renewal_date=day("2026-06-30"))
        regions_services.save_assignment(Assignment(membership=cast.csm, market=account.market))
        return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


@pytest.fixture
def client(cast: Cast) -> Client:
    return signed_in(cast.csm)


def publish(version: PlaybookVersion, cast: Cast, *more: dict[str, Any]) -> None:
    """Publish a version in which the call is later and the offer is gone."""
    with cast.acting():
        call = factories.step(
            "call", title="Ring them", offset=4, translations={"fr": {"title": "Appelez-les"}}
        )
        following(version, cast, call, *more)


def hidden(page: Any) -> dict[str, str]:
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.content.decode()))
    found.pop("csrfmiddlewaretoken", None)
    return found


class TestANewerEdition:
    def test_is_told_on_the_pages_of_account_and_run(
        self, cast: Cast, client: Client, version: PlaybookVersion, run: Run
    ) -> None:
        pages = (f"/runs/{run.pk}/", f"/accounts/{run.account_id}/")
        said = "Another edition of this playbook is in force here."
        assert [said in text(client.get(page)) for page in pages] == [False, False]
        publish(version, cast)
        for page in pages:
            assert f"{said} See what would change" in text(client.get(page))
            assert f"{said} See" not in text(signed_in(cast.analyst).get(page))

    def test_is_seen_before_the_run_moves_there(
        self, cast: Cast, client: Client, version: PlaybookVersion, run: Run
    ) -> None:
        publish(version, cast)
        address = f"/runs/{run.pk}/move/"
        page = client.get(address)
        for words in (
            "Ring them from Wed, Mar 4, 2026 to Fri, Mar 6, 2026",
            "Make an offer no longer on Fri, May 29, 2026 The new edition does not have this step.",
            "Move it",
        ):
            assert words in text(page)
        with cast.acting():
            assert not RunMove.objects.exists()
        assert post(client, address, **hidden(page)).headers["Location"] == f"/runs/{run.pk}/"
        shown = text(client.get(f"/runs/{run.pk}/"))
        for words in (
            "The playbook goes on in the edition in force.",
            "What moved so far",
            "To another edition",
            "Ring them from Wed, Mar 4, 2026 to Fri, Mar 6, 2026",
            "Cancelled with its run",
        ):
            assert words in shown
        assert "in force here" not in shown

    def test_says_why_a_run_does_not_move(
        self, cast: Cast, client: Client, version: PlaybookVersion, run: Run
    ) -> None:
        address = f"/runs/{run.pk}/move/"
        refused = text(client.get(address))
        assert "It does not move: It is carried out in the edition in force already." in refused
        assert "Move it" not in refused
        publish(version, cast, factories.step("fair", anchor="event", offset=1))
        page = text(client.get(address))
        assert "It does not move: A date that steps count from is not known: " in page
        shown = client.get(address, {"event": "2026-05-04"})
        assert "Do fair new on Tue, May 5, 2026" in text(shown)
        post(client, address, **hidden(shown))
        with cast.acting():
            assert Task.objects.get(run=run, step__key="fair").due_date == day("2026-05-05")

    def test_that_somebody_was_faster_with_changes_nothing(
        self, cast: Cast, client: Client, version: PlaybookVersion, run: Run
    ) -> None:
        publish(version, cast)
        post(client, f"/runs/{run.pk}/move/", seen_version=1)
        post(client, f"/runs/{run.pk}/dates/", seen_version=1, renewal="2026-07-31")
        said = "Somebody else changed this after you opened it."
        assert said in text(client.get(f"/runs/{run.pk}/"))
        with cast.acting():
            assert RunMove.objects.count() == 1


class TestTheDates:
    def test_are_changed_once_it_is_seen_what_moves(
        self, cast: Cast, client: Client, run: Run
    ) -> None:
        assert "Renewal date: Tue, Jun 30, 2026" in text(client.get(f"/runs/{run.pk}/"))
        address = f"/runs/{run.pk}/dates/"
        assert "What would change" not in text(client.get(address))
        page = client.get(address, {"renewal": "2026-07-31"})
        assert "Make an offer from Fri, May 29, 2026 to Wed, Jul 1, 2026" in text(page)
        assert "1 task stays on its day." in text(page)
        post(client, address, **hidden(page))
        shown = text(client.get(f"/runs/{run.pk}/"))
        for words in (
            "The dates are changed.",
            "Renewal date: Fri, Jul 31, 2026",
            "Renewal date: from Tue, Jun 30, 2026 to Fri, Jul 31, 2026",
        ):
            assert words in shown

    def test_that_nobody_can_plan_by_are_refused(self, client: Client, run: Run) -> None:
        address = f"/runs/{run.pk}/dates/"
        said = "The holidays of that year are not known."
        assert said in text(client.get(address, {"renewal": "2926-07-31"}))
        assert said in text(post(client, address, renewal="2926-07-31"), 422)
        assert "Enter a valid date." in text(post(client, address, renewal="soon"), 422)


class TestAnAccountThatMoved:
    def test_says_by_whose_days_the_run_goes(self, cast: Cast, client: Client, run: Run) -> None:
        with cast.acting():
            run.account.market = factories.market("SA")
            accounts_services.save_account(run.account)
        page = text(client.get(f"/runs/{run.pk}/"))
        assert "France · on the days of Saudi Arabia" in page
        assert "from France to Saudi Arabia" in page


class TestARun:
    def test_is_moved_by_those_who_work_there(
        self, cast: Cast, version: PlaybookVersion, run: Run, outsiders: Cast
    ) -> None:
        publish(version, cast)
        for name in ("move", "dates"):
            address = f"/runs/{run.pk}/{name}/"
            for member, status in (
                (cast.manager, 403),
                (cast.analyst, 403),
                (outsiders.leader, 404),
            ):
                client = signed_in(member)
                assert client.get(address).status_code == status
                assert post(client, address, renewal="2026-07-31").status_code == status

    def test_takes_no_more_queries_with_a_longer_history(
        self, cast: Cast, client: Client, run: Run
    ) -> None:
        def move(renewal: str) -> None:
            with cast.acting():
                services.move_anchors(
                    Run.objects.get(pk=run.pk),
                    {Anchor.RENEWAL: day(renewal)},
                    at=NOW,
                    by=cast.csm,
                )

        move("2026-07-31")
        client.get(f"/runs/{run.pk}/")
        with count_queries() as few:
            client.get(f"/runs/{run.pk}/")
        for renewal in ("2026-08-31", "2026-09-30", "2026-10-30"):
            move(renewal)
        with count_queries() as many:
            assert text(client.get(f"/runs/{run.pk}/")).count("A date that steps count from") == 4
        assert len(many) == len(few)
