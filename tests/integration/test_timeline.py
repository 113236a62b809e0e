"""The timeline of an account: one stream, in order, page by page, on the page and in the API."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts import promises, sharing
from accounts import services as accounts_services
from accounts.models import Account, Promise
from engagement import services
from engagement.choices import MeetingSource, TimelineKind, TriggerFact
from engagement.models import Meeting, Task, TriggerFiring
from engagement.services import start_run
from engagement.timeline import Place, UnknownPlace, timeline_of
from engagement.timeline_sources import SOURCES
from engagement.timeline_words import Happening
from playbooks.models import PlaybookVersion
from playbooks.schedule import Anchor
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting(cast.csm):
        found = factories.account(name="Paris Freight", owner=cast.csm)
        Assignment.objects.create(membership=cast.csm, market=found.market)
        return found


@pytest.fixture
def version(cast: Cast, account: Account) -> PlaybookVersion:
    with cast.acting():
        return factories.published(factories.step("call"), by=cast.leader)


def told(account: Account, **values: Any) -> list[str]:
    return [each.text for each in timeline_of(account, now=timezone.now(), **values).entries]


def working_day() -> dt.date:
    """Return a Wednesday well ahead."""
    ahead = timezone.now().date() + dt.timedelta(days=14)
    return ahead + dt.timedelta(days=2 - ahead.weekday())


class TestSources:
    def test_tells_of_work_with_outcome_note_and_person(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            task = a_task(account, "2026-05-13")
            services.complete_task(
                task=task, by=cast.csm, at=timezone.now(), sentiment="positive", note="All well"
            )
            a_task(account, "2026-04-01", status="missed")
            a_task(account, "2026-03-04", status="skipped")
            entries = timeline_of(account, now=timezone.now(), kinds=["task"]).entries
            assert [each.text for each in entries] == [
                f"Done: {task.work.title}",
                f"Missed on Wed, Apr 1, 2026: {task.work.title}",
                f"Skipped on Wed, Mar 4, 2026, as customers there are left in peace: "
                f"{task.work.title}",
            ]
            assert (entries[0].by, entries[0].said) == (cast.csm.name, "All well")
            assert entries[0].outcome == "We talked (Positive)"

    def test_remembers_every_move_and_hand_over(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            task = a_task(account, "2026-05-13")
            until = working_day()
            services.snooze_task(
                task=task, by=cast.csm, at=timezone.now(), until=until, reason="Away"
            )
            services.hand_over_task(task=task, by=cast.csm, at=timezone.now(), to=cast.manager)
            services.undo_task(task=task, by=cast.csm, at=timezone.now())
            entries = timeline_of(account, now=timezone.now(), kinds=["task"]).entries
        assert [each.what for each in entries] == [
            Happening.TASK_TAKEN_BACK,
            Happening.TASK_HANDED_OVER,
            Happening.TASK_MOVED,
        ]
        assert entries[1].facts["name"] == cast.manager.name
        assert (entries[2].facts["before"], entries[2].facts["after"]) == (
            day("2026-05-13"),
            until,
        )
        assert (entries[2].said, entries[2].by) == ("Away", cast.csm.name)

    def test_what_planning_moves_is_nobodys_move(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            task = a_task(account, "2026-05-13")
            Task.objects.filter(pk=task.pk).update(due_date=day("2026-05-14"))
            assert told(account, kinds=["task"]) == []

    def test_tells_of_runs(self, cast: Cast, account: Account, version: PlaybookVersion) -> None:
        with cast.acting(cast.csm):
            run = start_run(
                account=account, playbook=version.playbook, by=cast.csm, at=timezone.now()
            )
            run = services.pause_run(run, at=timezone.now(), reason="They move house")
            run = services.resume_run(run, at=timezone.now())
            services.cancel_run(run, at=timezone.now(), reason="Sold")
            entries = timeline_of(account, now=timezone.now(), kinds=["run"]).entries
        assert {each.what for each in entries} == {
            Happening.RUN_CANCELLED,
            Happening.RUN_RESUMED,
            Happening.RUN_PAUSED,
            Happening.RUN_STARTED,
        }
        paused = next(each for each in entries if each.what is Happening.RUN_PAUSED)
        assert (paused.said, paused.by, paused.run) == ("They move house", cast.csm.name, run.pk)

    def test_tells_of_what_moved_in_runs(
        self, cast: Cast, account: Account, version: PlaybookVersion
    ) -> None:
        with cast.acting(cast.csm):
            run = start_run(
                account=account, playbook=version.playbook, by=cast.csm, at=timezone.now()
            )
            until = {Anchor.RUN_START: working_day()}
            services.move_anchors(run, until, at=timezone.now(), by=cast.csm)
            entries = timeline_of(account, now=timezone.now(), kinds=["run"]).entries
        assert Happening.RUN_ANCHOR_MOVED in {each.what for each in entries}
        assert {each.run for each in entries} == {run.pk}

    def test_tells_of_triggers_once(
        self, cast: Cast, account: Account, version: PlaybookVersion
    ) -> None:
        with cast.acting():
            trigger = factories.trigger(version.playbook, TriggerFact.MANUAL, name="Now")
            services.fire_trigger(trigger, by=cast.leader, at=timezone.now(), account=account)
            services.fire_trigger(trigger, by=cast.leader, at=timezone.now(), account=account)
            texts = told(account, kinds=["run"])
            assert TriggerFiring.objects.filter(account=account).count() >= 1
        assert sum("“Now” started the playbook" in each for each in texts) == 1
        assert not any(each.startswith("Playbook started") for each in texts)

    def test_tells_of_promises(self, cast: Cast, account: Account) -> None:
        at = timezone.now()
        first, later = (at.date() + dt.timedelta(days=days) for days in (14, 21))
        with cast.acting(cast.csm):
            made = promises.make_promise(
                account=account, what="New prices", due_date=_weekday(first), by=cast.csm, at=at
            )
            made = promises.renegotiate_promise(
                promise=made, by=cast.csm, at=at, due_date=_weekday(later), reason="They asked"
            )
            promises.break_promise(promise=made, by=cast.csm, at=at, reason="Too dear")
            entries = timeline_of(account, now=at, kinds=["promise"]).entries
        by_what = {each.what: each for each in entries}
        assert by_what[Happening.PROMISE_MADE].facts["day"] == _weekday(first)
        assert by_what[Happening.PROMISE_MOVED].facts["after"] == _weekday(later)
        assert by_what[Happening.PROMISE_BROKEN].said == "Too dear"

    def test_a_meeting_that_counts_as_a_check_in_is_told_once(
        self, cast: Cast, account: Account
    ) -> None:
        with cast.acting(cast.csm):
            task = a_task(account, "2026-05-13", status="done", closed_at=timezone.now())
            Meeting.objects.create(
                account=account,
                held_on=day("2026-05-13"),
                channel="call",
                source=MeetingSource.HAND,
                task=task,
                note="Fine",
            )
            everything = timeline_of(account, now=timezone.now()).entries
            assert [each.what for each in everything] == [
                Happening.MEETING_HELD,
                Happening.ACCOUNT_ADDED,
            ]
            assert told(account, kinds=["task"]) == [f"Done: {task.work.title}"]

    def test_tells_of_the_account_with_names(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.leader):
            account.stage, account.tier, account.owner = "renewal", "tier_2", cast.manager
            account.renewal_date = day("2028-02-29")
            account.notice_deadline = day("2027-11-30")
            account = accounts_services.save_account(account)
            accounts_services.archive_account(account, at=timezone.now())
            entries = timeline_of(account, now=timezone.now(), kinds=["account"]).entries
        texts = [each.text for each in entries]
        assert "The account was archived" in texts
        assert any("Stage: from" in each and "to Renewal" in each for each in texts)
        assert any("Tier 2: mid touch" in each for each in texts)
        owner = next(each for each in texts if "Owner" in each)
        assert f"from {cast.csm.name} to {cast.manager.name}" in owner
        assert "Renewal: from nothing to Tue, Feb 29, 2028" in owner
        assert "Notice deadline: from nothing to Tue, Nov 30, 2027" in owner
        assert {each.by for each in entries[:-1]} == {cast.leader.name}

    def test_tells_of_agreements_and_what_they_said(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            agreement = factories.agreement(
                account=account, channel="email", every=2, unit="weeks", weekdays=[2, 4]
            )
            agreement.every, agreement.channel, agreement.decides = 3, "call", "Mme Roy"
            accounts_services.save_agreement(agreement)
            entries = timeline_of(account, now=timezone.now(), kinds=["agreement"]).entries
        assert [(each.text, each.outcome, each.by) for each in entries] == [
            (
                "The working agreement changed",
                "How often: from every 2 weeks to every 3 weeks · Channel: from E-mail to Call · "
                "Who decides: from nothing to Mme Roy",
                cast.csm.name,
            ),
            (
                "A working agreement was noted",
                "How often: every 2 weeks · On which days: Tuesday, Thursday · Channel: E-mail",
                cast.csm.name,
            ),
        ]

    def test_remembers_agreements_that_are_no_more(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            other = factories.agreement(channel="video")
            accounts_services.remove_agreement(other)
            first = factories.agreement(account=account, channel="email")
            first.channel = "call"
            accounts_services.save_agreement(first)
        with cast.acting(cast.leader):
            accounts_services.remove_agreement(first)
            factories.agreement(account=account, channel="video")
            entries = timeline_of(account, now=timezone.now(), kinds=["agreement"]).entries
        assert [(each.what, each.outcome, each.by) for each in entries] == [
            (Happening.AGREEMENT_NOTED, "Channel: Video call", cast.leader.name),
            (Happening.AGREEMENT_REMOVED, "Channel: Call", cast.leader.name),
            (Happening.AGREEMENT_CHANGED, "Channel: from E-mail to Call", cast.csm.name),
            (Happening.AGREEMENT_NOTED, "Channel: E-mail", cast.csm.name),
        ]

    def test_remembers_with_whom_an_agreement_was_shared(
        self, cast: Cast, account: Account
    ) -> None:
        with cast.acting(cast.csm):
            contact = factories.contact(account=account, name="Camille Roy")
            sharing.share_agreement(contact=contact, by=cast.csm, at=timezone.now())
            accounts_services.remove_contact(contact)
            assert told(account, kinds=["agreement"]) == [
                "The working agreement was shared with Camille Roy"
            ]


class TestPaging:
    def test_walks_through_everything_once(self, cast: Cast, account: Account) -> None:
        at = dt.datetime(2026, 5, 13, 16, tzinfo=dt.UTC)
        with cast.acting():
            for number in range(7):
                moment = at + dt.timedelta(hours=number // 3)  # Several at the same instant.
                a_task(account, f"2026-05-0{number + 1}", status="done", closed_at=moment)
                made = promises.make_promise(
                    account=account,
                    what=str(number),
                    due_date=day("2026-05-20"),
                    by=cast.csm,
                    at=moment,
                )
                Promise.objects.filter(pk=made.pk).update(made_at=moment)
            whole = timeline_of(account, now=timezone.now(), size=200).entries
            walked, after = [], ""
            while True:
                place = Place.read(after) if after else None
                page = timeline_of(account, now=timezone.now(), after=place, size=2)
                walked += page.entries
                after = page.after
                if not after:
                    break
        keys = [(each.source, each.pk) for each in walked]
        assert keys == [(each.source, each.pk) for each in whole]
        assert len(keys) == len(set(keys)) == 15

    @pytest.mark.parametrize(
        "cursor", ["x", "~~", "2026-05-13~task~7", "2026-05-13T10:00:00+00:00~task~7", "~task~\0"]
    )
    def test_refuses_a_cursor_that_is_none(self, cursor: str) -> None:
        with pytest.raises(UnknownPlace):
            Place.read(cursor)

    def test_days_are_the_customers(self, cast: Cast) -> None:
        with cast.acting():
            tokyo = factories.account(name="Sakura", market=factories.market("JP"))
            late = dt.datetime(2026, 5, 13, 16, tzinfo=dt.UTC)  # 01:00 of the 14th in Tokyo.
            a_task(tokyo, "2026-05-13", status="done", closed_at=late)
            kinds = ["task"]
            on = {"first": day("2026-05-14"), "last": day("2026-05-14")}
            assert len(told(tokyo, kinds=kinds, **on)) == 1
            assert told(tokyo, kinds=kinds, last=day("2026-05-13")) == []

    def test_a_day_has_23_hours_where_the_clocks_change(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            for hour in (22, 23):  # 23:00 of 28 March and 00:00 of 29 March in Paris.
                moment = dt.datetime(2026, 3, 28, hour, tzinfo=dt.UTC)
                a_task(account, f"2026-03-{hour}", status="done", closed_at=moment)
            last = dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)  # 00:00 of the 30th.
            a_task(account, "2026-03-24", status="done", closed_at=last)
            on = {"first": day("2026-03-29"), "last": day("2026-03-29")}
            assert len(told(account, kinds=["task"], **on)) == 1

    def test_the_number_of_queries_does_not_grow(self, cast: Cast, account: Account) -> None:
        def count() -> int:
            with cast.acting(), count_queries() as captured:
                timeline_of(account, now=timezone.now())
            return len(captured)

        def add(first: int, last: int) -> None:
            with cast.acting(cast.csm):
                for number in range(first, last):
                    task = a_task(account, f"2026-05-{number:02}")
                    services.hand_over_task(
                        task=task, by=cast.csm, at=timezone.now(), to=cast.manager
                    )
                    services.complete_task(task=task, by=cast.csm, at=timezone.now())
                    agreement = factories.agreement(account=account, every=1, unit="weeks")
                    agreement.every = 2
                    accounts_services.save_agreement(agreement)
                    accounts_services.remove_agreement(agreement)

        add(1, 2)
        few = count()
        add(2, 20)
        assert count() == few


class TestDoors:
    def test_the_page_shows_filters_and_follows(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            task = a_task(account, "2026-05-13")
            services.complete_task(task=task, by=cast.csm, at=timezone.now(), note="All well")
        client = signed_in(cast.analyst)
        address = f"/accounts/{account.pk}/timeline/"
        whole = client.get(address).content.decode()
        assert "All well" in whole
        assert "The account was added" in whole
        filtered = client.get(f"{address}?kind=account&first=2020-01-01").content.decode()
        assert "All well" not in filtered
        assert "The account was added" in filtered
        assert "Nothing matches" in client.get(f"{address}?last=2020-01-01").content.decode()
        assert client.get(f"{address}?after=nonsense&last=x&kind=y").status_code == 200
        part = client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "All well" in part
        assert "All well" in client.get(f"/accounts/{account.pk}/").content.decode()

    def test_the_api_pages_and_filters(self, cast: Cast, account: Account) -> None:
        with cast.acting(cast.csm):
            for number in range(1, 4):
                task = a_task(account, f"2026-05-1{number}")
                services.complete_task(task=task, by=cast.csm, at=timezone.now())
        client = signed_in(cast.csm)
        address: str | None = f"/api/v1/accounts/{account.pk}/timeline/?page_size=2"
        found: list[Any] = []
        while address:
            answer = client.get(address).json()
            found += answer["results"]
            address = answer["next"]
        assert [each["what"] for each in found] == ["task_done"] * 3 + ["account_added"]
        assert found[0]["by"] == cast.csm.name
        base = f"/api/v1/accounts/{account.pk}/timeline/"
        assert len(client.get(f"{base}?kind=task").json()["results"]) == 3
        assert client.get(f"{base}?day_to=2020-01-01").json() == {"next": None, "results": []}
        for wrong in ("kind=x", "cursor=x", "page_size=0", "day_from=x", "other=1"):
            assert client.get(f"{base}?{wrong}").status_code == 400, wrong

    def test_another_organization_finds_nothing(self, account: Account, outsiders: Cast) -> None:
        client = signed_in(outsiders.leader)
        assert client.get(f"/accounts/{account.pk}/timeline/").status_code == 404
        assert client.get(f"/api/v1/accounts/{account.pk}/timeline/").status_code == 404


def test_kinds_are_all_read() -> None:
    assert {source.kind for source in SOURCES.values()} == set(TimelineKind)


def _weekday(date: dt.date) -> dt.date:
    return date + dt.timedelta(days=2 - date.weekday())
