"""Promises on pages: on Today and on the account, with and without a script."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import promises
from accounts.models import Account, Promise
from engagement import services
from engagement.models import OutcomeRule, Run, Task
from playbooks.models import Playbook
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db

# A Wednesday: 17:00 in Paris, 01:00 of Thursday in Tokyo.
NOW = "2026-05-13T16:00:00+00:00"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        found = factories.account(name="Paris Freight", owner=cast.csm)
        Assignment.objects.create(membership=cast.csm, market=found.market)
        return found


def promise(cast: Cast, account: Account, by: str = "2026-05-20", **values: Any) -> Promise:
    made: dict[str, Any] = {
        "what": "The new prices",
        "due_date": day(by),
        "by": cast.csm,
        "at": timezone.now(),
    }
    with cast.acting():
        return promises.make_promise(account=account, **made | values)


def post(cast: Cast, address: str, htmx: bool = False, **values: Any) -> Any:
    headers = HTMX if htmx else {}
    return signed_in(cast.csm).post(address, values, format="multipart", headers=headers)


class TestToday:
    def test_shows_what_i_owe_until_it_is_settled(self, cast: Cast, account: Account) -> None:
        made = promise(cast, account)
        promise(cast, account, what="Of the leader", owner=cast.leader)
        page = signed_in(cast.csm).get("/").content.decode()
        assert "The new prices" in page
        assert "Of the leader" not in page
        assert page.index("The new prices") < page.index('id="overdue"')
        assert post(cast, f"/promises/{made.pk}/keep/", seen_version=1).status_code == 302
        page = signed_in(cast.csm).get("/?q=").content.decode()
        assert 'class="owed"' not in page

    def test_says_what_is_due_where_the_customer_is(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            tokyo = factories.account(market=factories.market("JP"), owner=cast.csm)
        promise(cast, tokyo, "2026-05-14")
        promise(cast, account, "2026-05-14")
        page = signed_in(cast.csm).get("/").content.decode()
        assert page.count("today there") == 1

    def test_takes_a_fixed_number_of_queries(self, cast: Cast, account: Account) -> None:
        seen = []
        for _ in range(2):
            for _ in range(3):
                promise(cast, account)
            with count_queries() as queries:
                signed_in(cast.csm).get("/")
            seen.append(len(queries))
        assert seen[0] == seen[1]


class TestTheAccount:
    def test_shows_open_ones_first_and_why_one_moved(self, cast: Cast, account: Account) -> None:
        kept, moved = promise(cast, account, what="Kept one"), promise(cast, account)
        with cast.acting():
            promises.keep_promise(kept, by=cast.csm, at=timezone.now())
            promises.renegotiate_promise(
                moved,
                due_date=day("2026-05-27"),
                reason="Their budget",
                by=cast.csm,
                at=timezone.now(),
            )
        page = signed_in(cast.csm).get(f"/accounts/{account.pk}/").content.decode()
        assert page.index("The new prices") < page.index("Kept one")
        assert "Their budget" in page

    def test_one_is_made_there(self, cast: Cast, account: Account) -> None:
        address = f"/accounts/{account.pk}/promise/"
        assert "What we promise" in signed_in(cast.csm).get(address).content.decode()
        late = post(cast, address, what="x", due_date="2026-05-12")
        assert late.status_code == 422
        assert "over where the customer is" in late.content.decode()
        assert post(cast, address, what="x", due_date="2026-05-20").status_code == 302
        with cast.acting():
            assert Promise.objects.get().owner == cast.csm

    def test_who_does_not_work_there_makes_and_settles_none(
        self, cast: Cast, outsiders: Cast, account: Account
    ) -> None:
        made = promise(cast, account)
        for member, status in ((cast.manager, 403), (cast.analyst, 403), (outsiders.leader, 404)):
            client = signed_in(member)
            assert client.get(f"/accounts/{account.pk}/promise/").status_code == status
            for act in ("keep", "undo"):
                assert client.post(f"/promises/{made.pk}/{act}/").status_code == status


class TestOnePromise:
    @pytest.mark.parametrize("htmx", [True, False])
    def test_is_broken_with_a_reason(self, cast: Cast, account: Account, htmx: bool) -> None:
        made = promise(cast, account)
        address = f"/promises/{made.pk}/break/"
        assert signed_in(cast.csm).get(address).status_code == 200
        assert post(cast, address, htmx).status_code == 422
        answer = post(cast, address, htmx, seen_version=1, reason="Legal said no")
        assert answer.status_code == (200 if htmx else 302)
        with cast.acting():
            made.refresh_from_db()
        assert (made.status, made.reason) == ("broken", "Legal said no")

    def test_is_renegotiated(self, cast: Cast, account: Account) -> None:
        made = promise(cast, account)
        address = f"/promises/{made.pk}/renegotiate/"
        again = post(cast, address, True, due_date="2026-05-20", reason="x")
        assert again.status_code == 422
        assert again.headers["HX-Retarget"] == f"#panel-{made.pk}"
        moved = post(cast, address, True, due_date="2026-05-27", reason="Asked")
        assert "Moved from" in moved.content.decode()

    def test_tells_the_second_of_two(self, cast: Cast, account: Account) -> None:
        made = promise(cast, account)
        keep = f"/promises/{made.pk}/keep/"
        assert post(cast, keep, True, seen_version=1).status_code == 200
        second = post(cast, keep, True, seen_version=1)
        assert second.status_code == 409
        assert "marked this promise as kept" in second.content.decode()
        undone = post(cast, f"/promises/{made.pk}/undo/", True)
        assert 'data-key="d"' in undone.content.decode()


class TestATask:
    @pytest.fixture
    def task(self, cast: Cast, account: Account) -> Task:
        with cast.acting():
            return a_task(account, "2026-05-13")

    @pytest.mark.parametrize("htmx", [True, False])
    def test_is_an_occasion_for_a_promise(self, cast: Cast, task: Task, htmx: bool) -> None:
        address = f"/tasks/{task.pk}/promise/"
        assert signed_in(cast.csm).get(address, headers=HTMX if htmx else {}).status_code == 200
        answer = post(cast, address, htmx, what="The new prices", due_date="2026-05-20")
        assert answer.status_code == (200 if htmx else 302)
        with cast.acting():
            assert Promise.objects.get().what == "The new prices"

    def test_takes_a_next_step_and_proposes_a_playbook(self, cast: Cast, task: Task) -> None:
        with cast.acting():
            playbook = factories.published(by=cast.leader, key="rescue").playbook
            services.save_outcome_rule(OutcomeRule(playbook=playbook, sentiment="negative"))
        values = {"sentiment": "negative", "next_title": "Call back"}
        done = post(cast, f"/tasks/{task.pk}/done/", True, **values).content.decode()
        assert f"/accounts/{task.account_id}/start/?playbook=rescue" in done
        assert f"/accounts/{task.account_id}/escalate/" in done
        page = signed_in(cast.csm).get("/").content.decode()
        assert "Call back" in page

    def test_shows_what_is_wrong_with_a_next_step(self, cast: Cast, task: Task) -> None:
        for values in ({"next_date": "2026-05-20"}, {"next_title": "x", "next_date": "2026-05-17"}):
            answer = post(cast, f"/tasks/{task.pk}/done/", True, **values)
            assert answer.status_code == 422
        assert "Nobody works there" in answer.content.decode()


class TestEscalating:
    def test_starts_the_playbook_or_says_why_not(self, cast: Cast, account: Account) -> None:
        address = f"/accounts/{account.pk}/escalate/"
        assert post(cast, address).url == f"/accounts/{account.pk}/"
        with cast.acting():
            version = factories.published(by=cast.leader)
            Playbook.objects.filter(pk=version.playbook_id).update(motion="escalation")
        answer = post(cast, address)
        with cast.acting():
            assert answer.url == f"/runs/{Run.objects.get().pk}/"
