"""The first day of a CSM: few tasks, each explained, and what each action leads to."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from engagement import services
from engagement.models import Enrolment, Task
from regions import services as regions_services
from regions.choices import MarketStatus
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, signed_in
from tests.integration.pages import a_cadence, a_task
from tests.integration.test_pages_start import text_of

pytestmark = pytest.mark.django_db

# A Monday; Thursday is Ascension Day in France.
NOW = "2026-05-11T08:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def newcomer(cast: Cast) -> APIClient:
    """The CSM, signed in for the first time."""
    with cast.acting():
        Membership.objects.filter(pk=cast.csm.pk).update(settled_in_at=None)
    return signed_in(cast.csm)


def tasks_for(cast: Cast, count: int) -> list[Task]:
    """Make tasks of the CSM, due one after the other."""
    with cast.acting():
        return [
            a_task(
                factories.account(name=f"Account {number:02}", owner=cast.csm),
                f"2026-05-{11 + number}",
            )
            for number in range(count)
        ]


def shown(client: APIClient, address: str = "/") -> list[str]:
    """Return the accounts on the page, in their order."""
    page = client.get(address)
    return [row.task.account.name for section in page.context["sections"] for row in section.rows]


class TestTheFirstDay:
    def test_shows_the_ten_tasks_that_are_due_first(self, cast: Cast, newcomer: APIClient) -> None:
        tasks_for(cast, 13)
        assert shown(newcomer) == [f"Account {number:02}" for number in range(10)]

    def test_explains_each_of_them_and_the_three_actions(
        self, cast: Cast, newcomer: APIClient
    ) -> None:
        tasks_for(cast, 2)
        page = text_of(newcomer.get("/"))
        assert "Welcome, <bdi>CSM of Alder</bdi>" in page
        assert "the next check-in counts from today" in page
        for term in ("Why this customer", "Why on this day", "Why this way", "What they gain"):
            assert page.count(f"<dt>{term}</dt>") == 2

    def test_ends_with_the_first_action_which_asks_for_the_whole_list(
        self, cast: Cast, newcomer: APIClient
    ) -> None:
        first, second, *_ = tasks_for(cast, 13)
        assert 'hx-trigger="settled-in from:body"' in text_of(newcomer.get("/"))
        answer = newcomer.post(
            f"/tasks/{first.pk}/done/", {}, format="multipart", headers={"HX-Request": "true"}
        )
        assert "settled-in" in answer.headers["HX-Trigger-After-Settle"]
        assert len(shown(newcomer)) == 12
        assert "Welcome," not in text_of(newcomer.get("/"))
        answer = newcomer.post(
            f"/tasks/{second.pk}/done/", {}, format="multipart", headers={"HX-Request": "true"}
        )
        assert "HX-Trigger-After-Settle" not in answer.headers

    def test_ends_when_the_welcome_is_put_away(self, cast: Cast, newcomer: APIClient) -> None:
        tasks_for(cast, 13)
        assert newcomer.post("/welcome/").status_code == 302
        assert len(shown(newcomer)) == 13

    def test_is_no_filter_for_those_who_look_for_something(
        self, cast: Cast, newcomer: APIClient
    ) -> None:
        tasks_for(cast, 13)
        assert len(shown(newcomer, "/?q=account")) == 13

    def test_is_not_for_members_of_long_standing_nor_for_leaders(self, cast: Cast) -> None:
        tasks_for(cast, 13)
        with cast.acting():
            Membership.objects.filter(pk=cast.leader.pk).update(settled_in_at=None)
        for member in (cast.csm, cast.leader):
            assert "Welcome," not in text_of(signed_in(member).get("/"))

    def test_leaves_what_was_refused_unfinished(self, cast: Cast, newcomer: APIClient) -> None:
        task, *_ = tasks_for(cast, 11)
        newcomer.post(f"/tasks/{task.pk}/move/", {}, format="multipart")
        assert len(shown(newcomer)) == 10


class TestExplanations:
    def said(self, cast: Cast, newcomer: APIClient, **values: Any) -> dict[str, str]:
        """Return what is said of one task."""
        with cast.acting():
            account = factories.account(name="Lenoir", owner=cast.csm)
            if contact := values.pop("contact", None):
                factories.contact(account=account, is_primary=True, name="Camille", **contact)
            if agreement := values.pop("agreement", None):
                factories.agreement(account=account, **agreement)
            if cadence := values.pop("cadence", None):
                place = {"market": account.market} if "reason" in cadence else {}
                values["cadence"] = a_cadence(**place | cadence)
            a_task(account, "2026-05-15", **values)
        (row,) = (row for section in newcomer.get("/").context["sections"] for row in section.rows)
        return dict(row.explained)

    def test_name_the_rhythm_of_the_cadence(self, cast: Cast, newcomer: APIClient) -> None:
        said = self.said(cast, newcomer, cadence={"every": 2, "unit": "weeks", "weekdays": [5]})
        assert said == {
            "Why this customer": (
                "Tier 1: high touch, Value: you are in touch every 2 weeks, Friday."
            ),
            "Why on this day": "The rhythm names it, and it is a working day there.",
            "Why this way": "It is usual for this tier and stage.",
            "What they gain": "Open questions are answered before they become problems.",
        }

    def test_name_what_was_agreed(self, cast: Cast, newcomer: APIClient) -> None:
        said = self.said(
            cast, newcomer, agreement={"every": 3, "unit": "weeks", "channel": "video"}
        )
        assert said["Why this customer"].endswith("agreed with them: every 3 weeks.")
        assert said["Why this way"] == "Agreed with this customer."

    def test_name_whom_it_suits(self, cast: Cast, newcomer: APIClient) -> None:
        said = self.said(
            cast,
            newcomer,
            contact={"preferred_channel": "email"},
            agreement={"channel": "video"},
        )
        assert said["Why this way"] == "Camille prefers it."

    def test_name_the_reason_of_the_market(self, cast: Cast, newcomer: APIClient) -> None:
        said = self.said(cast, newcomer, cadence={"reason": "Visits come before calls."})
        assert said["Why this way"] == "So it is done in France: Visits come before calls."

    def test_name_the_holiday_or_who_moved_it(self, cast: Cast, newcomer: APIClient) -> None:
        move = {
            "from": "2026-05-14",
            "to": "2026-05-15",
            "reason": "holiday",
            "names": [["en", "Ascension Day"]],
        }
        assert "Ascension Day" in self.said(cast, newcomer, moves=[move])["Why on this day"]

    def test_promise_nothing_where_nobody_is_contacted(
        self, cast: Cast, newcomer: APIClient
    ) -> None:
        said = self.said(cast, newcomer, cadence={"benefit": ""})
        assert set(said) == {"Why this customer", "Why on this day"}


@pytest.fixture
def planned(cast: Cast) -> Task:
    """The first of two check-ins on Thursdays, the first moved for a holiday."""
    with cast.acting():
        factories.cadence(every=1, unit="weeks", weekdays=[4])
        account = factories.account(owner=cast.csm, name="Lenoir")
        services.plan_region_now(region=account.market.region, now=timezone.now())
        return Task.objects.order_by("due_date")[0]


class TestThePlanFollows:
    def test_an_action_says_what_comes_next(self, cast: Cast, planned: Task) -> None:
        answer = signed_in(cast.csm).post(
            f"/tasks/{planned.pk}/done/", {}, format="multipart", headers={"HX-Request": "true"}
        )
        assert "Next check-in: Thu, May 21." in text_of(answer)

    def test_an_elastic_rhythm_names_about_when(self, cast: Cast) -> None:
        with cast.acting():
            factories.cadence(every=1, unit="months", mode="elastic")
            account = factories.account(owner=cast.csm)
            services.plan_region_now(region=account.market.region, now=timezone.now())
            # Where the account's id spread its rhythm to is no matter here.
            Task.objects.all().delete()
            Enrolment.objects.update(next_nominal="2026-05-12", next_due="2026-05-12")
            services.plan_region_now(region=account.market.region, now=timezone.now())
            task = Task.objects.order_by("due_date")[0]
        answer = signed_in(cast.csm).post(
            f"/tasks/{task.pk}/done/", {}, format="multipart", follow=True
        )
        assert "Next check-in: around Thu, Jun 11." in text_of(answer)

    def test_an_agreement_says_what_moves(self, cast: Cast, planned: Task) -> None:
        answer = signed_in(cast.csm).post(
            f"/accounts/{planned.account_id}/agreement/",
            {"weekdays": [5], "seen_version": 1},
            format="multipart",
            follow=True,
        )
        said = text_of(answer)
        assert "The agreement is saved. 1 moves, from Thu, May 21 to Fri, May 22" in said

    def test_an_agreement_that_moves_nothing_says_so(self, cast: Cast, planned: Task) -> None:
        answer = signed_in(cast.csm).post(
            f"/accounts/{planned.account_id}/agreement/",
            {"decides": "Camille", "seen_version": 1},
            format="multipart",
            follow=True,
        )
        assert "The agreement is saved. No planned check-in moves." in text_of(answer)


class TestBeforeTheStart:
    def test_a_leader_is_led_to_the_steps(self, cast: Cast) -> None:
        for member in (cast.admin, cast.leader):
            assert signed_in(member).get("/").headers["Location"] == "/start/"

    def test_a_csm_is_told_that_nothing_is_expected_of_her(self, cast: Cast) -> None:
        page = text_of(signed_in(cast.csm).get("/"))
        assert "Your organization is being set up" in page
        assert "/start/" not in page

    def test_the_menu_leads_to_the_steps_until_the_start(self, cast: Cast) -> None:
        link = '<a href="/start/"'
        assert link in text_of(signed_in(cast.leader).get("/?show=all"))
        assert link not in text_of(signed_in(cast.csm).get("/"))
        with cast.acting():
            market = regions_services.adopt_market(code="FR", status=MarketStatus.PREPARING)
            regions_services.open_markets([market])
        assert signed_in(cast.leader).get("/").status_code == 200
        navigation = text_of(signed_in(cast.leader).get("/")).partition("</nav>")[0]
        assert link not in navigation
        assert link in text_of(signed_in(cast.leader).get("/accounts/"))
