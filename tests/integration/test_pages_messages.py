"""Messages of digital steps on pages: seen, tried out, wanted or not, and the way out of them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import consents
from accounts.consents import WayOut, consents_of
from accounts.models import Account, ContactConsent
from engagement import services
from engagement.models import Run, Task
from outbox.models import Letter
from regions import services as regions
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.mail_server import links_in

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
EMAIL = "camille@nordlicht.example"
MESSAGE = "Lessons for {account_name}\n\nHello {contact_name}."


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def run(cast: Cast) -> Run:
    """A run with a digital step for an account in France, where the CSM works."""
    lessons = factories.step("lessons", kind="digital", channel="email", message=MESSAGE, offset=0)
    with cast.acting():
        account = factories.account(name="Nordlicht", tier="tier_3", owner=cast.csm)
        regions.save_assignment(Assignment(membership=cast.csm, market=account.market))
        factories.contact(account=account, email=EMAIL, is_primary=True)
        version = factories.published(lessons, by=cast.leader)
        return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


def send(cast: Cast) -> int:
    return services.send_due_messages(organization_id=cast.organization.pk, now=NOW)


def agree(cast: Cast, account: Account) -> None:
    with cast.acting():
        contact, at = account.contacts.get(), NOW - dt.timedelta(days=1)
        consents.note_consent(contact=contact, state="given", how="So", by=cast.csm, at=at)


def task_page(cast: Cast, run: Run) -> str:
    with cast.acting():
        return f"/tasks/{Task.objects.get(run=run).pk}/message/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestTheMessage:
    def test_is_shown_from_today_the_run_and_the_account(self, cast: Cast, run: Run) -> None:
        csm = signed_in(cast.csm)
        link = f'href="{task_page(cast, run)}"'
        for page in ("/", f"/runs/{run.pk}/", f"/accounts/{run.account_id}/"):
            assert link in text(csm.get(page)), page
        page = text(csm.get(task_page(cast, run)))
        assert "Lessons for Nordlicht" in page
        assert "Hello \u2068Camille Roy\u2069." in page
        assert "Needs a person: No consent is known" in page

    def test_says_what_becomes_of_it(self, cast: Cast, run: Run) -> None:
        csm = signed_in(cast.csm)
        addresses = ("/", f"/runs/{run.pk}/", f"/accounts/{run.account_id}/")
        for page in addresses:
            assert "Needs a person: No consent is known" in text(csm.get(page)), page
        send(cast)
        agree(cast, run.account)
        for page in addresses:
            assert "Goes out by itself" in text(csm.get(page)), page
        assert "It goes out by itself" in text(csm.get(task_page(cast, run)))
        send(cast)
        assert "Sent to <bdi>Camille Roy</bdi>" in text(csm.get(task_page(cast, run)))
        page = text(csm.get(f"/runs/{run.pk}/"))
        assert "Message sent" in page
        assert f'<p class="note"><a href="{task_page(cast, run)}">' in page

    def test_is_foreseen_in_as_many_queries_for_many(self, cast: Cast, run: Run) -> None:
        with cast.acting():
            later = [
                factories.step(key, kind="digital", channel="email", message=MESSAGE, offset=9)
                for key in ("second", "third", "fourth")
            ]
            version = factories.published(*later, by=cast.leader, key="later")
            more = services.start_run(
                playbook=version.playbook, account=run.account, by=cast.csm, at=NOW
            )

            def queries(tasks: list[Task]) -> int:
                with count_queries() as captured:
                    services.foresee_holds(tasks, now=NOW)
                assert {task.hold for task in tasks} == {"no_consent"}
                return len(captured)

            every = list(Task.objects.select_related("step").filter(run__in=[run, more]))
            assert len(every) == 4
            assert queries(every[:1]) == queries(every)
            assert not Task.objects.exclude(hold="").exists()

    def test_is_foreseen_once_for_all_of_today(self, cast: Cast, run: Run) -> None:
        csm = signed_in(cast.csm)

        def queries() -> int:
            with count_queries() as captured:
                assert "No consent is known" in text(csm.get("/"))
            return len(captured)

        queries()  # warms what is read once
        due_today = queries()
        step = factories.step("later", kind="digital", channel="email", message=MESSAGE, offset=5)
        with cast.acting():
            version = factories.published(step, by=cast.leader, key="later")
            services.start_run(playbook=version.playbook, account=run.account, by=cast.csm, at=NOW)
        assert text(csm.get("/")).count("No consent is known") == 2
        assert queries() == due_today

    def test_is_tried_out_at_one_s_own_address(self, cast: Cast, run: Run) -> None:
        answer = signed_in(cast.csm).post(task_page(cast, run), follow=True)
        assert f"A test is on its way to {cast.csm.email}." in text(answer)
        with cast.acting():
            assert Letter.objects.get(to=cast.csm.email).subject == "Test: Lessons for Nordlicht"
        assert signed_in(cast.analyst).post(task_page(cast, run)).status_code == 403

    def test_is_not_for_others(self, cast: Cast, outsiders: Cast, run: Run) -> None:
        assert signed_in(outsiders.csm).get(task_page(cast, run)).status_code == 404


class TestConsent:
    def page(self, cast: Cast, run: Run) -> str:
        with cast.acting():
            return f"/contacts/{run.account.contacts.get().pk}/consent/"

    def test_is_noted(self, cast: Cast, run: Run) -> None:
        csm, page = signed_in(cast.csm), self.page(cast, run)
        account = f"/accounts/{run.account_id}/"
        assert "Not asked yet" in text(csm.get(account))
        values = {"state": "given", "how": "On the phone"}
        assert "It is noted." in text(csm.post(page, values, format="multipart", follow=True))
        assert "Given" in text(csm.get(account))
        assert "On the phone" in text(csm.get(page))

    def test_needs_to_say_how(self, cast: Cast, run: Run) -> None:
        answer = signed_in(cast.csm).post(
            self.page(cast, run), {"state": "given"}, format="multipart"
        )
        assert answer.status_code == 422

    def test_is_noted_by_who_works_there(self, cast: Cast, outsiders: Cast, run: Run) -> None:
        page, values = self.page(cast, run), {"state": "given", "how": "So"}
        for member, status in ((cast.analyst, 403), (outsiders.leader, 404)):
            answer = signed_in(member).post(page, values, format="multipart")
            assert answer.status_code == status
        assert "Note it" not in text(signed_in(cast.analyst).get(page))


class TestTheWayOut:
    @pytest.fixture
    def link(self, cast: Cast, run: Run) -> str:
        """The link of a message that was sent."""
        agree(cast, run.account)
        send(cast)
        with cast.acting():
            (link,) = links_in(Letter.objects.get().text)
        return link

    def state(self, cast: Cast) -> str:
        with cast.acting():
            return consents_of([EMAIL])[EMAIL].state

    def test_asks_first_and_needs_no_sign_in(self, cast: Cast, link: str) -> None:
        outside = Client()
        assert EMAIL in text(outside.get(link))
        assert self.state(cast) == "given"
        assert "none of them any more" in text(outside.post(link))
        assert self.state(cast) == "withdrawn"
        assert "again" in text(outside.post(link, {"again": ""}))
        with cast.acting():
            assert ContactConsent.objects.filter(source="link").count() == 2

    def test_is_taken_by_one_click_of_a_mail_program(self, cast: Cast, link: str) -> None:
        outside = Client(enforce_csrf_checks=True)
        for _twice in range(2):
            assert outside.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
        with cast.acting():
            assert ContactConsent.objects.filter(source="link").count() == 1

    def test_is_not_forged(self, cast: Cast, outsiders: Cast, run: Run, link: str) -> None:
        outside = Client()
        token = link.removeprefix("/messages/").removesuffix("/")
        somebody = WayOut(outsiders.organization.pk, run.account_id, EMAIL).token()
        for forged in ("nonsense", token[:-1] + ("a" if token[-1] != "a" else "b"), somebody):
            answer = outside.post(f"/messages/{forged}/")
            assert answer.status_code == 410
            assert "This link is not one of ours." in text(answer)
        assert self.state(cast) == "given"
        with outsiders.acting():
            assert not ContactConsent.objects.exists()
