"""Playbooks under way: started after a preview, seen on Today, followed, held and ended."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import Account
from engagement import services
from engagement.models import Run, Task
from playbooks.models import PlaybookVersion
from regions import services as regions_services
from regions.models import Assignment
from tenants.models import User
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    """A call with a checklist, an e-mail that waits for it, and a visit for another tier."""
    with cast.acting():
        factories.market("FR")
        return factories.published(
            factories.step(
                "call",
                title="Call them",
                outcome="You know whom to ask.",
                instructions="Ask *one* question.",
                checklist=["Name of the champion"],
                offset=0,
                translations={"fr": {"title": "Appelez-les", "instructions": "Une question."}},
            ),
            factories.step(
                "mail",
                title="Write to them",
                kind="email",
                channel="email",
                offset=5,
                depends_on=["call"],
            ),
            factories.step("visit", title="Visit them", condition={"tiers": ["tier_3"]}),
            by=cast.leader,
            name="A good start",
            key="start",
        )


@pytest.fixture
def account(cast: Cast, version: PlaybookVersion) -> Account:
    with cast.acting():
        account = factories.account(name="Acme", owner=cast.csm)
        regions_services.save_assignment(Assignment(membership=cast.csm, market=account.market))
        return account


@pytest.fixture
def client(cast: Cast) -> Client:
    return signed_in(cast.csm)


@pytest.fixture
def run(cast: Cast, version: PlaybookVersion, account: Account) -> Run:
    with cast.acting():
        return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


def text(response: Any, status: int = 200) -> str:
    """Return the words of a page."""
    assert response.status_code == status
    words = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words)


def post(client: Client, address: str, **values: Any) -> Any:
    return client.post(address, values, format="multipart")


class TestStarting:
    def test_offers_the_playbooks_in_force(self, client: Client, account: Account) -> None:
        page = client.get(f"/accounts/{account.pk}/start/").content.decode()
        assert "A good start" in page
        assert "Go on" in page
        assert "What would be planned" not in page

    def test_shows_the_days_before_anything_starts(
        self, cast: Cast, client: Client, account: Account
    ) -> None:
        page = text(client.get(f"/accounts/{account.pk}/start/", {"playbook": "start"}))
        for words in ("Call them", "Mon, Mar 2, 2026", "Write to them", "Mon, Mar 9, 2026"):
            assert words in page
        assert "Visit them It is for other accounts (tier)." in page
        with cast.acting():
            assert not Run.objects.exists()

    def test_starts_what_was_shown(self, cast: Cast, client: Client, account: Account) -> None:
        address = f"/accounts/{account.pk}/start/"
        shown = client.get(address, {"playbook": "start", "start": "2026-03-09"})
        given = dict(
            re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', shown.content.decode())
        )
        given.pop("csrfmiddlewaretoken", None)
        assert given == {"playbook": "start", "start": "2026-03-09"}
        answer = post(client, address, **given)
        with cast.acting():
            run = Run.objects.get()
            assert (run.start_date, run.started_by) == (day("2026-03-09"), cast.csm)
        assert answer.headers["Location"] == f"/runs/{run.pk}/"
        assert "Started: A good start" in text(client.get(f"/runs/{run.pk}/"))

    def test_asks_for_days_that_only_people_know(
        self, cast: Cast, client: Client, account: Account
    ) -> None:
        with cast.acting():
            account.renewal_date = day("2026-06-30")
            account.save()
            factories.published(
                factories.step("offer", anchor="renewal", offset=-30, unit="days"),
                factories.step("party", anchor="event", offset=1),
                by=cast.leader,
                key="renewal",
            )
        address = f"/accounts/{account.pk}/start/"
        page = client.get(address, {"playbook": "renewal"}).content.decode()
        assert 'name="renewal" value="2026-06-30"' in page
        refused = text(client.get(address, {"playbook": "renewal"}))
        assert "A date that steps count from is not known: Date of the event." in refused
        dated = text(client.get(address, {"playbook": "renewal", "event": "2026-05-01"}))
        assert "Fri, May 29, 2026" in dated
        far = client.get(address, {"playbook": "renewal", "event": "2926-05-01"})
        assert "The holidays of that year are not known." in text(far)

    def test_twice_says_that_it_is_under_way(
        self, client: Client, account: Account, run: Run
    ) -> None:
        address = f"/accounts/{account.pk}/start/"
        assert "There is no playbook to start" in text(client.get(address))
        again = post(client, address, playbook="start")
        assert again.status_code == 422

    def test_in_between_is_refused(
        self, cast: Cast, client: Client, version: PlaybookVersion, account: Account
    ) -> None:
        with cast.acting():
            factories.published(
                factories.step(if_past="refuse", title="Prepare"), by=cast.leader, key="late"
            )
        late = {"playbook": "late", "start": "2026-02-02"}
        answer = post(client, f"/accounts/{account.pk}/start/", **late)
        assert "The day of a step that must not be late is past: “Prepare”." in text(answer, 409)

    def test_is_for_those_who_work_there(self, cast: Cast, account: Account) -> None:
        for member, status in (
            (cast.leader, 200),
            (cast.csm, 200),
            (cast.manager, 403),
            (cast.analyst, 403),
        ):
            found = signed_in(member).get(f"/accounts/{account.pk}/start/")
            assert found.status_code == status
            offered = "Start a playbook" in text(signed_in(member).get(f"/accounts/{account.pk}/"))
            assert offered == (status == 200)


class TestToday:
    def test_says_what_to_do_for_which_playbook_and_how(self, client: Client, run: Run) -> None:
        page = text(client.get("/"))
        for words in (
            "Call them",
            "You know whom to ask.",
            "Playbook: A good start",
            "How it is done well",
            "Ask one question.",
            "Name of the champion",
        ):
            assert words in page
        assert "Write to them" not in page

    def test_finds_a_task_by_the_channel_of_its_step(self, client: Client, run: Run) -> None:
        assert "Call them" in text(client.get("/?channel=call"))
        assert "Call them" not in text(client.get("/?channel=email"))

    def test_speaks_the_language_of_the_reader(self, cast: Cast, client: Client, run: Run) -> None:
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language="fr")
        page = client.get("/").content.decode()
        assert '<p class="main" id="what-' in page
        assert 'lang="fr" dir="auto">Appelez-les</p>' in page

    def test_takes_no_more_queries_with_more_runs(
        self, cast: Cast, client: Client, version: PlaybookVersion, run: Run
    ) -> None:
        client.get("/")
        with count_queries() as few:
            client.get("/")
        with cast.acting():
            for _ in range(3):
                other = factories.account(owner=cast.csm)
                services.start_run(playbook=version.playbook, account=other, by=cast.csm, at=NOW)
        with count_queries() as many:
            page = text(client.get("/"))
        assert page.count("Playbook: A good start") == 4
        assert len(many) == len(few)

    def test_shows_what_closing_a_task_frees(self, cast: Cast, client: Client, run: Run) -> None:
        with cast.acting():
            call = Task.objects.get(step__key="call")
        post(client, f"/tasks/{call.pk}/done/")
        assert "Write to them" in text(client.get("/"))


class TestTheAccount:
    def test_shows_what_is_under_way_and_what_comes_next(
        self, client: Client, account: Account, run: Run
    ) -> None:
        page = text(client.get(f"/accounts/{account.pk}/"))
        assert "A good start On track" in page
        assert "0 of 2 tasks closed · Next: Call them , Mon, Mar 2" in page
        for words in ("Hold", "End", "Start a playbook"):
            assert words in page

    def test_keeps_what_waits_out_of_the_past(
        self, client: Client, account: Account, run: Run
    ) -> None:
        page = text(client.get(f"/accounts/{account.pk}/"))
        assert "Nothing yet." in page

    def test_says_that_nothing_is_under_way(self, client: Client, account: Account) -> None:
        assert "None is under way." in text(client.get(f"/accounts/{account.pk}/"))

    def test_takes_no_more_queries_with_more_runs(
        self, cast: Cast, client: Client, account: Account, run: Run
    ) -> None:
        client.get(f"/accounts/{account.pk}/")
        with count_queries() as few:
            client.get(f"/accounts/{account.pk}/")
        with cast.acting():
            for _ in range(3):
                other = factories.published(factories.step(), by=cast.leader)
                services.start_run(playbook=other.playbook, account=account, by=cast.csm, at=NOW)
        with count_queries() as many:
            client.get(f"/accounts/{account.pk}/")
        assert len(many) == len(few)


class TestARun:
    def test_says_where_each_step_stands(self, cast: Cast, client: Client, run: Run) -> None:
        page = text(client.get(f"/runs/{run.pk}/"))
        assert "Waiting for another task Waits for: Call them" in page
        assert "Visit them It is for other accounts (tier)." in page
        assert "0 of 2" in page
        with cast.acting():
            call = Task.objects.get(step__key="call")
            services.complete_task(task=call, by=cast.csm, at=NOW, note="They were glad.")
        page = text(client.get(f"/runs/{run.pk}/"))
        assert "Done: We talked CSM of Alder , Mon, Mar 2" in page
        assert "They were glad." in page
        assert "1 of 2" in page

    @pytest.mark.parametrize(("now", "said"), [("2026-03-05", "Behind"), ("2026-03-20", "Stuck")])
    def test_says_that_it_is_late_and_by_which_rule(
        self, cast: Cast, run: Run, now: str, said: str
    ) -> None:
        with time_machine.travel(f"{now}T09:00:00Z", tick=False):
            page = text(signed_in(cast.csm).get(f"/runs/{run.pk}/"))
        assert f"A good start {said}" in page
        assert "Behind: something is overdue." in page

    def test_is_held_for_a_reason_and_goes_on(self, cast: Cast, client: Client, run: Run) -> None:
        hold = f"/runs/{run.pk}/hold/"
        assert "Its tasks leave the lists" in text(client.get(hold))
        assert "This field is required." in text(post(client, hold), 422)
        assert post(client, hold, reason="They move.", seen_version=1).status_code == 302
        page = text(client.get(f"/runs/{run.pk}/"))
        for words in ("The playbook is held.", "Paused", "They move.", "Let it go on"):
            assert words in page
        assert "Call them" not in text(client.get("/"))
        post(client, f"/runs/{run.pk}/resume/")
        assert "The playbook goes on." in text(client.get(f"/runs/{run.pk}/"))
        assert "Call them" in text(client.get("/"))

    def test_is_ended_for_a_reason(self, cast: Cast, client: Client, run: Run) -> None:
        post(client, f"/runs/{run.pk}/cancel/", reason="They left.")
        page = text(client.get(f"/runs/{run.pk}/"))
        for words in ("The playbook is ended.", "Cancelled with its run", "They left."):
            assert words in page
        assert "Hold" not in page
        post(client, f"/runs/{run.pk}/cancel/", reason="Again.")
        assert "This run has ended" in text(client.get(f"/runs/{run.pk}/"))
        post(client, f"/runs/{run.pk}/resume/")
        assert "This run has ended" in text(client.get(f"/runs/{run.pk}/"))

    def test_that_somebody_changed_meanwhile_is_not_overwritten(
        self, client: Client, run: Run
    ) -> None:
        post(client, f"/runs/{run.pk}/hold/", reason="They move.")
        post(client, f"/runs/{run.pk}/cancel/", reason="They left.", seen_version=1)
        page = text(client.get(f"/runs/{run.pk}/"))
        assert "Somebody else changed this after you opened it." in page

    def test_is_changed_by_those_who_work_there(self, cast: Cast, run: Run) -> None:
        for member in (cast.manager, cast.analyst):
            client = signed_in(member)
            assert "Hold" not in text(client.get(f"/runs/{run.pk}/"))
            assert client.get(f"/runs/{run.pk}/hold/").status_code == 403
            for name in ("hold", "cancel", "resume"):
                refused = post(client, f"/runs/{run.pk}/{name}/", reason="Why.")
                assert refused.status_code == 403

    def test_of_nobody_is_not_found(self, client: Client) -> None:
        for address in ("", "hold/", "cancel/"):
            assert client.get(f"/runs/{uuid4()}/{address}").status_code == 404
