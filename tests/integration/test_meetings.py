"""Meetings with customers: what they count as, two people at once, taken back."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connections

from accounts.models import Account
from accounts.services import AccountArchived, archive_account
from engagement import services
from engagement.choices import MeetingSource, TaskStatus
from engagement.models import Enrolment, Meeting, Task
from outbox import webhooks
from outbox.models import WebhookDelivery, WebhookEndpoint
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.conftest import Cast, count_queries, day, make_cast, signed_in
from toolkit.errors import InvalidInput

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def planned(nominal: str, *, code: str = "FR", **cadence: Any) -> Account:
    """Return an account with a monthly rhythm, planned from the nominal date given."""
    market = factories.market(code)
    factories.cadence(**{"mode": "elastic"} | cadence)
    account = factories.account(market=market)
    Task.objects.all().delete()
    Enrolment.objects.update(
        origin=day(nominal), next_nominal=day(nominal), next_due=day(nominal), last_contact=None
    )
    services.plan_market(market=market, now=NOW)
    return account


def log(account: Account, held_on: str, *, at: dt.datetime = NOW, **values: Any) -> services.Logged:
    by = values.pop("by", None)
    meeting = Meeting(account=account, held_on=day(held_on), **{"channel": "video"} | values)
    return services.log_meeting(meeting, by=by, at=at)


class TestLogMeeting:
    def test_counts_as_the_check_in_that_is_near(self, acting: Cast) -> None:
        account = planned("2026-11-30")
        logged = log(account, "2026-11-20", by=acting.csm, note="All well")
        task = logged.meeting.task
        assert task
        task.refresh_from_db()
        assert (task.status, task.outcome, task.note) == ("done", "conversation", "All well")
        assert task.closed_by == acting.csm
        enrolment = Enrolment.objects.get()
        assert enrolment.last_contact == day("2026-11-20")
        assert enrolment.next_nominal == day("2026-12-20")

    def test_restarts_the_rhythm_where_no_check_in_is_near(self, acting: Cast) -> None:
        account = planned("2026-12-05", every=1, unit="weeks")
        open_one = Task.objects.to_do().get()
        logged = log(account, "2026-11-24")
        assert logged.meeting.task_id is None
        assert not Task.objects.filter(pk=open_one.pk).exists()
        assert Enrolment.objects.get().last_contact == day("2026-11-24")
        # A week later is not before the day that was planned.
        assert Task.objects.to_do().get().nominal_date == day("2026-12-05")

    def test_leaves_alone_what_somebody_works_on(self, acting: Cast) -> None:
        account = planned("2026-12-05", every=1, unit="weeks")
        task = Task.objects.to_do().get()
        services.snooze_task(
            task=task, by=acting.csm, at=NOW, until=day("2026-12-07"), reason="They asked"
        )
        log(account, "2026-11-24")
        task.refresh_from_db()
        assert (task.status, task.is_flagged) == ("snoozed", False)

    def test_notes_the_contact_of_a_fixed_rhythm(self, acting: Cast) -> None:
        account = planned("2026-12-05", mode="fixed", every=1, unit="weeks")
        before = set(Task.objects.values_list("pk", flat=True))
        log(account, "2026-11-23")
        assert set(Task.objects.values_list("pk", flat=True)) == before
        assert Enrolment.objects.get().last_contact == day("2026-11-23")

    def test_older_than_the_last_contact_moves_nothing(self, acting: Cast) -> None:
        account = planned("2026-11-30")
        log(account, "2026-11-20")
        before = Enrolment.objects.values().get()
        assert log(account, "2026-11-19").meeting.task_id is None
        assert Enrolment.objects.values().get() == before

    def test_takes_no_check_in_of_internal_work(self, acting: Cast) -> None:
        account = planned("2026-11-24", benefit="")
        assert log(account, "2026-11-24").meeting.task_id is None
        assert Task.objects.to_do().count() == 1

    def test_day_is_that_of_the_customer(self, acting: Cast) -> None:
        account = planned("2026-11-24", code="JP")
        late = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)  # the 25th in Tokyo
        assert log(account, "2026-11-25", at=late).meeting.task_id
        with pytest.raises(InvalidInput, match="still to come"):
            log(account, "2026-11-26", at=late)

    @pytest.mark.parametrize("held_on", ["2026-11-25", "1899-12-31"])
    def test_refuses_days_that_cannot_be(self, acting: Cast, held_on: str) -> None:
        with pytest.raises(InvalidInput):
            log(planned("2026-11-24"), held_on)

    def test_refuses_people_of_other_accounts_and_archived_accounts(self, acting: Cast) -> None:
        account = planned("2026-11-24")
        with pytest.raises(InvalidInput, match="another account"):
            log(account, "2026-11-24", contact=factories.contact())
        archive_account(account, at=NOW)
        with pytest.raises(AccountArchived):
            log(account, "2026-11-24")

    def test_sent_twice_is_one(self, acting: Cast) -> None:
        account = planned("2026-11-24")
        first = log(account, "2026-11-24", external_id="crm-1")
        again = log(account, "2026-11-23", external_id="crm-1")
        assert (first.is_new, again.is_new) == (True, False)
        assert Meeting.objects.get() == again.meeting
        with pytest.raises(InvalidInput, match="another customer"):
            log(factories.account(), "2026-11-24", external_id="crm-1")

    def test_is_told_to_webhooks(self, acting: Cast) -> None:
        account = planned("2026-11-24")
        webhooks.create_endpoint(WebhookEndpoint(url="https://hooks.example/"))
        logged = log(account, "2026-11-24")
        delivery = WebhookDelivery.objects.get(event_type="meeting.logged")
        assert delivery.payload["task"] == str(logged.meeting.task_id)


class TestUndoMeeting:
    def test_puts_check_in_and_rhythm_back(self, acting: Cast) -> None:
        account = planned("2026-11-30")
        before = Enrolment.objects.values().get()
        logged = log(account, "2026-11-20")
        later = NOW + dt.timedelta(minutes=9)
        services.undo_meeting(meeting=logged.meeting, by=acting.csm, at=later)
        assert not Meeting.objects.exists()
        assert Task.objects.get().status == TaskStatus.OPEN
        assert Enrolment.objects.values().get() == before

    def test_of_the_task_takes_the_meeting_back(self, acting: Cast) -> None:
        logged = log(planned("2026-11-30", mode="fixed"), "2026-11-20")
        assert logged.meeting.task
        services.undo_task(task=logged.meeting.task, by=acting.csm, at=NOW)
        assert not Meeting.objects.exists()
        assert Enrolment.objects.get().last_contact is None

    def test_without_a_check_in_puts_the_rhythm_back(self, acting: Cast) -> None:
        account = planned("2026-12-05", every=1, unit="weeks")
        due = Task.objects.to_do().get().due_date
        logged = log(account, "2026-11-24")
        services.undo_meeting(meeting=logged.meeting, by=acting.csm, at=NOW)
        assert Enrolment.objects.get().last_contact is None
        assert Task.objects.to_do().get().due_date == due

    def test_is_refused_late_and_out_of_order(self, acting: Cast) -> None:
        account = planned("2026-11-24")
        first = log(account, "2026-11-23").meeting
        late = NOW + dt.timedelta(minutes=11)
        with pytest.raises(services.NothingToUndo, match="ten minutes"):
            services.undo_meeting(meeting=first, by=acting.csm, at=late)
        later = NOW + dt.timedelta(minutes=1)
        log(account, "2026-11-24", at=later)
        with pytest.raises(services.NothingToUndo, match="first"):
            services.undo_meeting(meeting=first, by=acting.csm, at=later)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_count_as_the_same_check_in() -> None:
    cast = make_cast("Alder")
    with cast.acting():
        account = planned("2026-11-24")
    start, ids = threading.Barrier(2), ("crm-1", "crm-1")

    def send(external_id: str) -> None:
        start.wait()
        with cast.acting():
            log(account, "2026-11-24", external_id=external_id)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.acting():
        assert Meeting.objects.count() == 1
        assert Task.objects.get().status == TaskStatus.DONE


class TestApi:
    def test_logs_once_and_takes_back(self, cast: Cast) -> None:
        with cast.acting():
            account = planned("2026-11-24")
        client = signed_in(cast.leader)
        body = {"account": str(account.pk), "held_on": "2026-11-24", "channel": "call"}
        body["external_id"] = "crm-1"
        with time_machine.travel(NOW, tick=False):
            first = client.post("/api/v1/meetings/", body)
            again = client.post("/api/v1/meetings/", body)
            assert (first.status_code, again.status_code) == (201, 201)
            assert first.json() == again.json()
            assert (first.json()["source"], first.headers["ETag"]) == ("api", '"1"')
            check_in = first.json()["check_in"]
            assert client.get(f"/api/v1/check-ins/{check_in}/").json()["status"] == "done"
            undone = client.post(f"/api/v1/meetings/{first.json()['id']}/undo/")
            assert undone.status_code == 204
            assert client.get(f"/api/v1/check-ins/{check_in}/").json()["status"] == "open"

    def test_is_for_those_who_work_there(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            account = planned("2026-11-24")
        body = {"account": str(account.pk), "held_on": "2026-11-20", "channel": "call"}
        for member in (cast.csm, cast.analyst):
            assert signed_in(member).post("/api/v1/meetings/", body).status_code == 403
        assert signed_in(outsiders.leader).post("/api/v1/meetings/", body).status_code == 400
        # What another organization calls the same is another meeting.
        for each in (cast, outsiders):
            with each.acting():
                own = Account.objects.first() or factories.account()
                assert log(own, "2026-11-20", external_id="crm-1").is_new

    def test_check_ins_are_no_tasks_of_runs(self, cast: Cast) -> None:
        with cast.acting():
            account = planned("2026-11-24")
            version = factories.published(by=cast.leader)
            services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)
            wanted = {str(pk) for pk in Task.objects.check_ins().values_list("pk", flat=True)}
        listed = signed_in(cast.csm).get("/api/v1/check-ins/").json()["results"]
        assert {row["id"] for row in listed} == wanted


class TestPage:
    @pytest.fixture(autouse=True)
    def _clock(self) -> Iterator[None]:
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.fixture
    def account(self, cast: Cast) -> Account:
        with cast.acting():
            account = planned("2026-11-30")
            save_assignment(Assignment(membership=cast.csm, market=account.market))
            return account

    def test_logs_shows_and_takes_back(self, cast: Cast, account: Account) -> None:
        client = signed_in(cast.csm)
        address = f"/accounts/{account.pk}/"
        assert "Log a meeting" in client.get(address).content.decode()
        assert 'value="2026-11-24"' in client.get(f"{address}meeting/").content.decode()
        body = {"held_on": "2026-11-20", "channel": "in_person", "note": "Tea"}
        shown = client.post(f"{address}meeting/", body, format="multipart", follow=True)
        page = shown.content.decode()
        for said in ("counts as the check-in. Next check-in: around", "Tea", "Undo"):
            assert said in page
        with cast.acting():
            meeting = Meeting.objects.get()
        assert meeting.source == MeetingSource.HAND
        client.post(f"/meetings/{meeting.pk}/undo/")
        with cast.acting():
            assert not Meeting.objects.exists()

    def test_says_what_is_wrong(self, cast: Cast, account: Account) -> None:
        body = {"held_on": "2026-11-25", "channel": "call"}
        answer = signed_in(cast.csm).post(
            f"/accounts/{account.pk}/meeting/", body, format="multipart"
        )
        assert answer.status_code == 422
        assert "still to come" in answer.content.decode()

    def test_is_for_those_who_work_there(
        self, cast: Cast, outsiders: Cast, account: Account
    ) -> None:
        with cast.acting():
            meeting = log(account, "2026-11-20").meeting
        undo = f"/meetings/{meeting.pk}/undo/"
        assert signed_in(cast.analyst).get(f"/accounts/{account.pk}/meeting/").status_code == 403
        assert signed_in(cast.analyst).post(undo).status_code == 403
        assert signed_in(outsiders.leader).post(undo).status_code == 404
        assert signed_in(outsiders.leader).post(f"/meetings/{uuid4()}/undo/").status_code == 404

    def test_the_number_of_queries_does_not_grow_with_meetings(
        self, cast: Cast, account: Account
    ) -> None:
        client, counts = signed_in(cast.csm), []
        for days in (("01",), ("02", "03", "04", "05")):
            with cast.acting():
                contact = factories.contact(account=account)
                for each in days:
                    log(account, f"2026-11-{each}", contact=contact, by=cast.csm)
            with count_queries() as captured:
                client.get(f"/accounts/{account.pk}/")
            counts.append(len(captured))
        assert counts[0] == counts[1]
