"""Today for many tasks: the order, groups, saved views, acting on several, what is overdue."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from engagement import services
from engagement.models import SavedView, Task, TaskBatch
from governance.models import GovernanceSettings
from governance.services import save_settings
from regions.models import Assignment
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.pages import a_cadence, a_task
from tests.integration.test_pages_today import section

pytestmark = pytest.mark.django_db

# A Wednesday: 18:00 in Paris.
NOW = "2026-05-13T16:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def tasks_of(cast: Cast, *names: str, due: str = "2026-05-13", **values: Any) -> list[Task]:
    """Make a task for each of some new accounts of the CSM."""
    with cast.acting():
        market = values.pop("market", None) or factories.market("FR")
        owner = values.pop("owner", cast.csm)
        return [
            a_task(factories.account(name=name, owner=owner, market=market, **values), due)
            for name in names
        ]


def page(client: APIClient, address: str = "/", status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == status
    return str(answer.content.decode())


def names_in(text: str) -> list[str]:
    return re.findall(r'data-key="o"><bdi>([^<]*)</bdi>', text)


def chosen(client: APIClient, action: str, tasks: list[Task], **more: str) -> str:
    """Return the page on which an action on many tasks is confirmed."""
    answer = client.post(
        "/bulk/", {"action": action, "task": [str(t.pk) for t in tasks], **more}, format="multipart"
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def ids_on(confirm: str) -> str:
    found = re.search(r'name="ids" value="([^"]*)"', confirm)
    assert found
    return found.group(1)


def carry_out(client: APIClient, action: str, ids: str, **values: str) -> str:
    """Carry an action out and return the page with its answers."""
    answer = client.post(
        f"/bulk/{action}/", {"ids": ids, **values}, format="multipart", follow=True
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


class TestTheOrder:
    def test_puts_what_is_owed_first_then_the_day_then_risk_then_revenue(self, cast: Cast) -> None:
        tasks_of(cast, "Poor", arr=1, tier="tier_2")
        tasks_of(cast, "Rich", arr=1000, tier="tier_2")
        tasks_of(cast, "High touch", arr=0, tier="tier_1")
        (alone,) = tasks_of(cast, "Alone", tier="tier_3")
        tasks_of(cast, "Early", due="2026-05-11", tier="tier_3")
        tasks_of(cast, "Late", due="2026-05-12", tier="tier_1")
        with cast.acting():
            Task.objects.filter(pk=alone.pk).update(needs_stand_in=True)
        text = page(signed_in(cast.csm))
        assert names_in(section(text, "today")) == ["Alone", "High touch", "Rich", "Poor"]
        assert names_in(section(text, "overdue")) == ["Early", "Late"]
        assert "Why this order?" in text

    def test_lets_a_step_owed_everywhere_go_before_an_earlier_day(self, cast: Cast) -> None:
        tasks_of(cast, "Check-in", due="2026-05-14", tier="tier_1")
        with cast.acting():
            version = factories.published(factories.step(required=True, offset=3), by=cast.leader)
            account = factories.account(
                name="Goal", owner=cast.csm, market=factories.market("FR"), tier="tier_3"
            )
            now = Task.objects.get().due_at
            services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=now)
        assert names_in(section(page(signed_in(cast.csm)), "next")) == ["Goal", "Check-in"]
        # Over the whole organization the day comes first.
        everything = page(signed_in(cast.leader), "/?show=all")
        assert names_in(section(everything, "next")) == ["Check-in", "Goal"]

    def test_goes_on_where_the_page_before_ended(self, cast: Cast) -> None:
        names = [f"~Account % {number:03}" for number in range(110)]
        tasks_of(cast, *names, due="2026-05-20", tier="tier_1", arr="12.50")
        client, query, seen = signed_in(cast.csm), "/?group=next", []
        for _ in range(3):
            part = page(client, query, hx_request="true")
            seen += names_in(part)
            if more := re.search(r'hx-get="([^"]*after=[^"]*)"', part):
                query = f"/{more.group(1)}".replace("&amp;", "&")
        assert sorted(seen) == names
        assert more is None


class TestGroups:
    @pytest.mark.parametrize(
        ("by", "titles"),
        [
            ("account", ["Alpha", "Beta", "Beta"]),
            ("market", ["France", "Japan"]),
            ("motion", ["Check-ins"]),
        ],
    )
    def test_are_accounts_markets_and_occasions(
        self, cast: Cast, by: str, titles: list[str]
    ) -> None:
        with cast.acting():
            japan = factories.market("JP")
        tasks_of(cast, "Beta", "Alpha")
        tasks_of(cast, "Beta", market=japan)
        text = page(signed_in(cast.csm), f"/?by={by}")
        assert re.findall(r'<h2 id="group-[^"]*"><bdi>([^<]*)</bdi></h2>', text) == titles
        assert sorted(names_in(text)) == ["Alpha", "Beta", "Beta"]

    @pytest.mark.parametrize("by", ["account", "market", "motion"])
    def test_go_on_where_the_page_before_ended(self, cast: Cast, by: str) -> None:
        (first, *_others) = tasks_of(cast, *(f"A~ {number:03}" for number in range(70)))
        client = signed_in(cast.csm)
        whole = page(client, f"/?by={by}")
        more = re.search(r'hx-get="([^"]*after=[^"]*)"', whole)
        assert more
        rest = page(client, f"/{more.group(1)}".replace("&amp;", "&"), hx_request="true")
        assert len(names_in(whole)) == 50
        assert len(names_in(rest)) == 20
        assert "<html" not in rest
        assert ("continued" in rest) == (by != "account")

    @pytest.mark.parametrize("by", ["", "account", "market", "motion"])
    def test_cost_the_same_queries_however_many(self, cast: Cast, by: str) -> None:
        client = signed_in(cast.csm)
        tasks_of(cast, "One", "Two")
        client.get(f"/?by={by}")
        with count_queries() as few:
            client.get(f"/?by={by}")
        tasks_of(cast, *(f"Account {number}" for number in range(20)))
        with count_queries() as many:
            client.get(f"/?by={by}")
        assert len(many) == len(few)


class TestActingOnSeveral:
    def test_is_confirmed_then_answered_and_can_be_undone(self, cast: Cast) -> None:
        tasks = tasks_of(cast, "Alpha", "Beta")
        client = signed_in(cast.csm)
        confirm = chosen(client, "complete", tasks)
        assert "2 tasks: nothing has happened yet." in confirm
        with cast.acting():
            assert Task.objects.to_do().count() == 2
        answers = carry_out(client, "complete", ids_on(confirm), note="All well")
        assert "2 tasks changed" in answers
        assert "2 tasks changed just now" in page(client)
        with cast.acting():
            batch = TaskBatch.objects.get()
        undone = client.post(f"/batches/{batch.pk}/undo/", follow=True).content.decode()
        assert "2 tasks are as they were" in undone
        assert "changed just now" not in page(client)
        assert len(names_in(page(client))) == 2

    def test_takes_the_whole_list_as_it_is_filtered(self, cast: Cast) -> None:
        tasks_of(cast, *(f"Old {number}" for number in range(60)), due="2026-05-11")
        tasks_of(cast, "New", due="2026-05-20")
        client = signed_in(cast.csm)
        confirm = chosen(client, "shift", [], everything="1", query="show=mine&group=overdue")
        assert "60 tasks: nothing has happened yet." in confirm
        answers = carry_out(client, "shift", ids_on(confirm), days="1", reason="Fair")
        assert "60 tasks changed" in answers
        with cast.acting():
            # Thursday is a holiday in France.
            assert {str(t.due_date) for t in Task.objects.filter(status="snoozed")} == {
                "2026-05-15"
            }

    def test_says_of_each_why_not(self, cast: Cast) -> None:
        tasks = tasks_of(cast, "Alpha", "Beta")
        client = signed_in(cast.csm)
        confirm = chosen(client, "not_applicable", tasks)
        signed_in(cast.leader).post(f"/tasks/{tasks[0].pk}/done/")
        answers = carry_out(client, "not_applicable", ids_on(confirm), reason="Fair")
        assert "1 task changed" in answers
        assert "CS leader of Alder closed this" in answers

    def test_asks_again_for_what_is_missing(self, cast: Cast) -> None:
        tasks = tasks_of(cast, "Alpha")
        client = signed_in(cast.csm)
        answer = client.post("/bulk/shift/", {"ids": str(tasks[0].pk)}, format="multipart")
        assert answer.status_code == 422
        assert "1 task: nothing has happened yet." in answer.content.decode()
        for body in ({}, {"ids": "x"}, {"ids": ""}):
            answer = client.post("/bulk/shift/", body, format="multipart", follow=True)
            assert "Choose tasks first." in answer.content.decode()
        answer = client.post("/bulk/", {"action": "complete"}, format="multipart", follow=True)
        assert "Choose tasks first." in answer.content.decode()
        assert client.post("/bulk/", {"action": "x"}, format="multipart").status_code == 404
        assert client.post("/bulk/explode/", {}, format="multipart").status_code == 404
        for address in ("/bulk/", "/bulk/shift/"):
            assert client.get(address).status_code == 302

    def test_is_for_those_who_work(self, cast: Cast) -> None:
        tasks = tasks_of(cast, "Alpha")
        analyst = signed_in(cast.analyst)
        assert "data-select" not in page(analyst, "/?show=all")
        body = {"action": "complete", "task": str(tasks[0].pk)}
        assert analyst.post("/bulk/", body, format="multipart").status_code == 403
        body = {"ids": str(tasks[0].pk)}
        assert analyst.post("/bulk/complete/", body, format="multipart").status_code == 403

    def test_shows_a_batch_to_who_made_it(self, cast: Cast, outsiders: Cast) -> None:
        tasks = tasks_of(cast, "Alpha")
        client = signed_in(cast.csm)
        carry_out(client, "complete", ids_on(chosen(client, "complete", tasks)))
        with cast.acting():
            batch = TaskBatch.objects.get()
        for member in (cast.leader, outsiders.csm):
            other = signed_in(member)
            assert other.get(f"/batches/{batch.pk}/").status_code == 404
            assert other.post(f"/batches/{batch.pk}/undo/").status_code == 404


class TestSavedViews:
    def keep(self, client: APIClient, name: str, kept: str, visibility: str = "mine") -> Any:
        body = {"name": name, "visibility": visibility, "kept": kept}
        return client.post("/views/", body, format="multipart", follow=True)

    def view(self, cast: Cast) -> SavedView:
        with cast.acting():
            return SavedView.objects.get()

    def test_bring_a_list_back(self, cast: Cast) -> None:
        tasks_of(cast, "Big", tier="tier_1")
        tasks_of(cast, "Small", tier="tier_3")
        client = signed_in(cast.csm)
        assert "&quot;tier&quot;: &quot;tier_1&quot;" in page(client, "/?tier=tier_1")
        kept = self.keep(client, "Big ones", '{"show": "mine", "tier": "tier_1"}')
        text = kept.content.decode()
        assert names_in(text) == ["Big"]
        assert re.search(r'aria-current="true"><bdi>Big ones</bdi>', text)
        assert "Change the view" in text

    def test_are_changed_and_forgotten(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        self.keep(client, "Mine", "{}")
        address = f"/views/{self.view(cast).pk}/"
        body = {"change-name": "Ours", "change-visibility": "team", "change-kept": '{"q": "a"}'}
        client.post(address, body, format="multipart")
        view = self.view(cast)
        assert (view.name, view.visibility, view.filters) == ("Ours", "team", {"q": "a"})
        # A leader looks after what others see.
        leader = signed_in(cast.leader)
        assert leader.post(address, {"forget": "1"}, format="multipart").status_code == 302
        with cast.acting():
            assert not SavedView.objects.exists()

    def test_of_others_stay_as_they_are(self, cast: Cast, outsiders: Cast) -> None:
        self.keep(signed_in(cast.leader), "All", "{}", "shared")
        address = f"/views/{self.view(cast).pk}/"
        for member, status in ((cast.csm, 404), (outsiders.leader, 404), (cast.analyst, 403)):
            answer = signed_in(member).post(address, {"forget": "1"}, format="multipart")
            assert answer.status_code == status
        assert "All" in page(signed_in(cast.csm))

    @pytest.mark.parametrize(
        ("name", "kept", "visibility"),
        [
            ("", "{}", "mine"),
            ("x", "{", "mine"),
            ("x", "[]", "mine"),
            ("x", "[" * 1900, "mine"),
            ("x", '{"tier": "tier_9"}', "mine"),
            ("x", '{"tier": {}, "oops": 1}', "mine"),
            ("x", "{}", "shared"),
            ("x", "{}", "all"),
        ],
    )
    def test_that_cannot_be_kept_are_refused(
        self, cast: Cast, name: str, kept: str, visibility: str
    ) -> None:
        answer = self.keep(signed_in(cast.csm), name, kept, visibility)
        assert answer.status_code == 200
        assert 'class="message error"' in answer.content.decode()
        with cast.acting():
            assert not SavedView.objects.exists()


class TestOverdue:
    @pytest.fixture(autouse=True)
    def _rows(self, cast: Cast) -> None:
        with cast.acting():
            japan = factories.market("JP")
            Assignment.objects.create(membership=cast.manager, market=factories.market("FR"))
        tasks_of(cast, "A", "B", due="2026-05-11")
        tasks_of(cast, "C", due="2026-05-08", owner=None)
        tasks_of(cast, "D", due="2026-05-12", owner=cast.leader, market=japan)
        tasks_of(cast, "E", due="2026-05-20")

    def turn_on(self, cast: Cast) -> None:
        """Let leads see figures about single people."""
        with cast.acting():
            save_settings(GovernanceSettings(figures_about_people=True))

    def owners(self, member: Membership) -> list[tuple[str, str]]:
        text = page(signed_in(member), "/overdue/")
        return re.findall(r'<th scope="row">(?:<bdi>)?([^<]*).*?>(\d+) tasks?<', text)

    def test_is_shown_to_leads_by_market(self, cast: Cast) -> None:
        assert self.owners(cast.manager) == [("France", "3")]
        assert self.owners(cast.leader) == [("France", "3"), ("Japan", "1")]
        leader = signed_in(cast.leader)
        (address, *_others) = re.findall(r'<td><a href="([^"]*)">', page(leader, "/overdue/"))
        assert sorted(names_in(page(leader, address.replace("&amp;", "&")))) == ["A", "B", "C"]

    def test_is_shown_by_owner_where_figures_about_people_are_wanted(self, cast: Cast) -> None:
        self.turn_on(cast)
        mine = [("CSM of Alder", "2"), ("Nobody's", "1")]
        assert self.owners(cast.manager) == mine
        assert self.owners(cast.leader) == [*mine, ("CS leader of Alder", "1")]
        assert page(signed_in(cast.csm), "/overdue/", 403)

    def test_leads_to_the_tasks(self, cast: Cast) -> None:
        self.turn_on(cast)
        leader = signed_in(cast.leader)
        found = re.findall(r'<td><a href="([^"]*)">', page(leader, "/overdue/"))
        lists = [sorted(names_in(page(leader, address.replace("&amp;", "&")))) for address in found]
        assert lists == [["A", "B"], ["C"], ["D"]]

    def test_is_counted_in_the_same_queries_however_many(self, cast: Cast) -> None:
        leader = signed_in(cast.leader)
        leader.get("/overdue/")
        with count_queries() as few:
            leader.get("/overdue/")
        tasks_of(cast, "F", "G", "H", due="2026-05-11", owner=cast.manager)
        with count_queries() as many:
            leader.get("/overdue/")
        assert len(many) == len(few)


class TestTheFile:
    def test_holds_the_list(self, cast: Cast) -> None:
        tasks_of(cast, "=Alpha", "Beta")
        tasks_of(cast, "Gamma", due="2026-05-11")
        answer = signed_in(cast.csm).get("/today/export/?group=today")
        assert answer.headers["Content-Type"].startswith("text/csv")
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0] == "Account,Market,Tier,Task,Due on,Owner,Status,Reason"
        assert sorted(line.split(",")[0] for line in lines[1:]) == ["'=Alpha", "Beta"]


def test_nothing_of_another_organization_is_shown(cast: Cast, outsiders: Cast) -> None:
    tasks = tasks_of(cast, "Secret")
    with outsiders.acting():
        a_cadence()
        factories.market("FR")
    client = signed_in(outsiders.leader)
    for address in ("/?show=all&by=account", "/overdue/", "/today/export/?show=all"):
        assert "Secret" not in page(client, address)
    assert "Secret" not in chosen(client, "complete", tasks)
    answers = carry_out(client, "complete", str(tasks[0].pk))
    assert "There is no such task here." in answers
    assert "Secret" not in answers
