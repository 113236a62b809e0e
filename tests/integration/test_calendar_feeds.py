"""The calendar of a member: a secret address, and events that keep their names."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import Account
from accounts.services import archive_account
from cs_platform.logs import _without_secrets
from engagement import services
from engagement.models import CalendarEntry, CalendarFeed, Task
from engagement.services import calendars
from playbooks import services as playbooks_services
from playbooks.models import Cadence
from regions.models import Closure
from regions.services import save_part
from tenants import services as tenants_services
from tenants.models import AuditEntry, Membership, User
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.pages import a_task
from toolkit.uuid7 import uuid7

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 13, 5, 30, tzinfo=dt.UTC)  # a Wednesday
A_DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        made: Account = factories.account(name="Nordlicht", owner=cast.csm)
    return made


def make(cast: Cast, member: Membership | None = None) -> str:
    """Make a feed and return the path of its address."""
    with cast.acting():
        _feed, address = services.make_feed(member or cast.csm, at=NOW)
    return urlsplit(address).path


def work(cast: Cast, account: Account, due: str, **values: Any) -> Task:
    with cast.acting():
        return a_task(account, due, **values)


def read(path: str, now: dt.datetime = NOW) -> dict[str, Any]:
    """Read a feed as a program does, and return its events by their names."""
    with time_machine.travel(now, tick=False):
        answer = Client().get(path)
    assert answer.status_code == 200, answer.content
    found = icalendar.Calendar.from_ical(answer.content)
    return {str(each["UID"]): each for each in found.walk("VEVENT")}


def only(path: str, now: dt.datetime = NOW) -> Any:
    (event,) = read(path, now).values()
    return event


def standing(event: Any) -> tuple[str, int, str]:
    return event["DTSTART"].dt.isoformat(), event["SEQUENCE"], str(event["STATUS"])


class TestTheAddress:
    def test_is_read_without_signing_in(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14")
        answer = Client().get(make(cast))
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Set-Cookie" not in answer.headers
        assert b"SUMMARY:Nordlicht: Monthly call" in answer.content
        assert b"X-WR-CALNAME:Work at Alder" in answer.content

    def test_answers_the_same_only_once(self, cast: Cast, account: Account) -> None:
        task = work(cast, account, "2026-05-14")
        path, program = make(cast), Client()
        first = program.get(path)
        headers = {"If-None-Match": first.headers["ETag"]}
        same = program.get(path, headers=headers)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["ETag"] == first.headers["ETag"]
        with cast.acting():
            services.complete_task(task=task, by=cast.csm, at=NOW)
        assert program.get(path, headers=headers).status_code == 200
        assert program.head(path).content == b""

    def test_that_is_none_of_ours_is_nowhere(self, cast: Cast, outsiders: Cast) -> None:
        """Wrong, replaced, switched off, of a member who left: one answer."""
        old, foreign = make(cast), make(outsiders)
        with cast.acting():
            feed = CalendarFeed.objects.get()
            _feed, address = services.renew_feed(feed, at=NOW)
        with outsiders.acting():
            Membership.objects.filter(pk=outsiders.csm.pk).update(is_active=False)
        paths = [old, foreign, "/calendar/nonsense.ics", "/calendar/%00.ics"]
        answers = {
            (answer.status_code, answer.content.replace(path.encode(), b""))
            for path in paths
            for answer in [Client().get(path)]
        }
        assert [status for status, _body in answers] == [404]
        new = urlsplit(address).path
        assert Client().get(new).status_code == 200
        with cast.acting():
            services.remove_feed(CalendarFeed.objects.get())
        assert Client().get(new).status_code == 404

    def test_is_over_with_the_user(self, cast: Cast) -> None:
        path = make(cast)
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(is_active=False)
        assert Client().get(path).status_code == 404

    def test_is_not_guessed_for_long(self, settings: Settings, cast: Cast) -> None:
        settings.SECRET_RATE_LIMIT = "2/hour"
        address = f"10.1.{uuid7().int % 250}.7"
        answers = [
            Client(REMOTE_ADDR=address).get(f"/calendar/{number}.ics").status_code
            for number in range(3)
        ]
        assert answers == [404, 404, 429]
        assert Client(REMOTE_ADDR=address).get(make(cast)).status_code == 200

    def test_is_not_read_without_end(self, settings: Settings, cast: Cast) -> None:
        settings.CALENDAR_RATE_LIMIT = "2/hour"
        path = make(cast)
        answers = [Client().get(path) for _time in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["Retry-After"]

    def test_takes_nothing(self, cast: Cast) -> None:
        assert Client().post(make(cast)).status_code == 405

    def test_stands_nowhere_but_in_the_answer(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14")
        path = make(cast)
        secret = path.removeprefix("/calendar/").removesuffix(".ics")
        read(path)
        with cast.acting():
            rows = str([*CalendarFeed.objects.values(), *CalendarEntry.objects.values()])
            entries = list(AuditEntry.objects.filter(table__startswith="engagement_calendar"))
        assert [each.table for each in entries] == ["engagement_calendarfeed"]
        assert secret not in rows + str([(each.before, each.after) for each in entries])
        assert CalendarFeed._meta.get_field("hash").name not in str(entries[0].after)
        logged = _without_secrets(None, "info", {"request": f"GET {path}"})
        assert secret not in str(logged)


class TestTheEvents:
    def test_are_her_own(self, cast: Cast, outsiders: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14")
        work(cast, account, "2026-05-15", owner=cast.leader)
        with outsiders.acting():
            a_task(factories.account(owner=outsiders.csm), "2026-05-14")
        assert only(make(cast))["DTSTART"].dt == dt.date(2026, 5, 14)

    def test_say_what_she_does_and_what_the_customer_gains(
        self, cast: Cast, account: Account
    ) -> None:
        work(cast, account, "2026-05-14")
        event = only(make(cast))
        assert str(event["DESCRIPTION"]) == (
            "Open questions are answered before they become problems.\nUntil 18:00 in France."
        )
        assert str(event["URL"]) == f"http://127.0.0.1:8000/accounts/{account.pk}/"
        assert event["CATEGORIES"].cats == ["France"]

    def test_speak_her_language(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language="de")
        work(cast, account, "2026-05-14")
        path = make(cast)
        assert "Until" not in str(only(path)["DESCRIPTION"])
        answer = Client(headers={"Accept-Language": "ja"}).get(path)
        assert answer.headers["Content-Language"] == "de"

    def test_keep_their_name_over_moving_and_closing(self, cast: Cast, account: Account) -> None:
        task = work(cast, account, "2026-05-14")
        path = make(cast)
        first = only(path)
        with cast.acting():
            services.snooze_task(
                task=task, by=cast.csm, at=NOW, until=dt.date(2026, 5, 18), reason="Away"
            )
        moved = only(path, NOW + A_DAY)
        assert moved["UID"] == first["UID"]
        assert standing(moved) == ("2026-05-18", 1, "CONFIRMED")
        assert moved["LAST-MODIFIED"].dt == NOW + A_DAY
        with cast.acting():
            services.complete_task(task=task, by=cast.csm, at=NOW + 2 * A_DAY)
        done = only(path, NOW + 2 * A_DAY)
        assert standing(done) == ("2026-05-18", 2, "CONFIRMED")
        assert str(done["SUMMARY"]) == "✓ Nordlicht: Monthly call"
        assert done["UID"] == first["UID"]

    def test_that_are_done_stay_for_thirty_days(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14", status="done", closed_at=NOW)
        path = make(cast)
        assert len(read(path, dt.datetime(2026, 6, 13, 12, tzinfo=dt.UTC))) == 1
        assert read(path, dt.datetime(2026, 6, 14, 12, tzinfo=dt.UTC)) == {}
        with cast.acting():
            assert not CalendarEntry.objects.exists()

    def test_are_cancelled_for_who_gave_a_task_away(self, cast: Cast, account: Account) -> None:
        task = work(cast, account, "2026-05-14")
        hers, theirs = make(cast), make(cast, cast.leader)
        first = only(hers)
        assert read(theirs) == {}
        with cast.acting():
            services.hand_over_task(task=task, by=cast.csm, to=cast.leader, at=NOW)
        assert standing(only(hers)) == ("2026-05-14", 1, "CANCELLED")
        assert standing(only(theirs)) == ("2026-05-14", 0, "CONFIRMED")
        assert only(theirs)["UID"] == first["UID"]
        with cast.acting():
            services.undo_task(task=task, by=cast.csm, at=NOW)
        assert standing(only(hers)) == ("2026-05-14", 2, "CONFIRMED")

    def test_are_cancelled_where_a_task_is_not_applicable(
        self, cast: Cast, account: Account
    ) -> None:
        task = work(cast, account, "2026-05-14")
        path = make(cast)
        read(path)
        with cast.acting():
            services.mark_not_applicable(task=task, by=cast.csm, at=NOW, reason="Merged")
        assert standing(only(path)) == ("2026-05-14", 1, "CANCELLED")
        assert read(path, NOW + 31 * A_DAY) == {}

    def test_that_were_never_told_are_not_cancelled(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14", status="cancelled")
        assert read(make(cast)) == {}

    def test_of_waiting_tasks_are_tentative(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14", status="waiting")
        assert standing(only(make(cast))) == ("2026-05-14", 0, "TENTATIVE")


class TestPlanningAnew:
    @pytest.fixture
    def cadence(self, cast: Cast) -> Cadence:
        with cast.acting():
            made: Cadence = factories.cadence(every=7, unit="days")
        return made

    def plan(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            services.plan_market(market=account.market, now=NOW)

    def test_keeps_the_event_where_the_nominal_date_stays(
        self, cast: Cast, cadence: Cadence, account: Account
    ) -> None:
        """The rows are others; in calendars nothing happens but what happened."""
        self.plan(cast, account)
        path = make(cast)
        before = read(path)
        assert before
        with cast.acting():
            rows = set(Task.objects.values_list("pk", flat=True))
            services.replan(accounts=Account.objects.all(), now=NOW)
            assert rows.isdisjoint(Task.objects.values_list("pk", flat=True))
        assert {uid: standing(each) for uid, each in read(path).items()} == {
            uid: standing(each) for uid, each in before.items()
        }

    def test_moves_the_event_where_the_day_is_another(
        self, cast: Cast, cadence: Cadence, account: Account
    ) -> None:
        self.plan(cast, account)
        path = make(cast)
        (uid, before), *_rest = sorted(read(path).items(), key=lambda each: each[1]["DTSTART"].dt)
        day = before["DTSTART"].dt
        with cast.acting():
            closure = Closure(market=account.market, start=day, end=day, name="Works council")
            save_part(closure)
        after = read(path)[uid]
        assert after["DTSTART"].dt != day
        assert after["SEQUENCE"] == before["SEQUENCE"] + 1

    def test_cancels_what_is_not_planned_any_more(
        self, cast: Cast, cadence: Cadence, account: Account
    ) -> None:
        self.plan(cast, account)
        path = make(cast)
        before = read(path)
        with cast.acting():
            cadence.every = 9
            playbooks_services.save_cadence(cadence)
        after = read(path)
        gone = [uid for uid in before if str(after[uid]["STATUS"]) == "CANCELLED"]
        assert gone
        assert all(after[uid]["SEQUENCE"] == 1 for uid in gone)

    def test_of_an_archived_account_cancels_all(
        self, cast: Cast, cadence: Cadence, account: Account
    ) -> None:
        self.plan(cast, account)
        path = make(cast)
        before = read(path)
        with cast.acting():
            archive_account(Account.objects.get(), at=NOW)
        after = read(path)
        assert after.keys() == before.keys()
        assert {str(each["STATUS"]) for each in after.values()} == {"CANCELLED"}


class TestReading:
    def test_takes_as_many_queries_for_many_as_for_few(self, cast: Cast, account: Account) -> None:
        path = make(cast)

        def queries(days: range) -> int:
            for day in days:
                work(cast, account, f"2026-06-{day:02}")
            with count_queries() as counted:
                read(path)
            return len(counted)

        few = queries(range(1, 3))
        assert queries(range(3, 20)) == few
        with count_queries() as again:
            read(path)
        assert len(again) < few

    def test_names_the_first_of_very_many(
        self, cast: Cast, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = make(cast)
        for day in (14, 15, 18):
            work(cast, account, f"2026-05-{day}")
        assert len(read(path)) == 3
        monkeypatch.setattr(calendars, "MOST_EVENTS", 2)
        events = read(path).values()
        assert {str(each["STATUS"]) for each in events} == {"CONFIRMED"}

    def test_by_two_at_once_is_the_same(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-14")
        path = make(cast)
        assert Client().get(path).content == Client().get(path).content


class TestTheProfile:
    def test_shows_the_address_once(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        assert "Make an address" in client.get("/me/").content.decode()
        made = client.post("/me/calendar/")
        assert "no-store" in made.headers["Cache-Control"]
        (path,) = re.findall(r"http://127\.0\.0\.1:8000(/calendar/[\w-]+\.ics)", str(made.content))
        assert Client().get(path).status_code == 200
        page = client.get("/me/").content.decode()
        assert "/calendar/" not in page.replace("/me/calendar/", "")
        assert "Replace the address" in page

    def test_replaces_and_removes_it(self, cast: Cast) -> None:
        old = make(cast)
        client = signed_in(cast.csm)
        made = client.post("/me/calendar/").content.decode()
        (new,) = re.findall(r"8000(/calendar/[\w-]+\.ics)", made)
        assert [Client().get(path).status_code for path in (old, new)] == [404, 200]
        for _time in range(2):
            answer = client.post("/me/calendar/remove/", follow=True)
            assert "Your calendar is switched off." in answer.content.decode()
        assert Client().get(new).status_code == 404

    def test_is_of_one_organization(self, cast: Cast, outsiders: Cast) -> None:
        """One person, a member of both: two calendars."""
        with cast.acting():
            user = cast.csm.user
        with outsiders.acting():
            Membership.objects.filter(pk=outsiders.csm.pk).update(user=None)
            Membership.objects.filter(pk=outsiders.analyst.pk).update(user=user)
            a_task(factories.account(owner=outsiders.analyst), "2026-05-14")
        assert read(make(cast)) == {}
        assert len(read(make(outsiders, outsiders.analyst))) == 1


class TestTheApi:
    ADDRESS = "/api/v1/calendar-feeds/"

    def test_makes_replaces_and_ends_it(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        body = {"membership": str(cast.csm.pk)}
        answer = client.post(self.ADDRESS, body)
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Cache-Control"] == "no-store"
        assert made["membership"] == str(cast.csm.pk)
        first = urlsplit(made["address"]).path
        assert Client().get(first).status_code == 200
        assert client.post(self.ADDRESS, body).status_code == 400
        (listed,) = client.get(self.ADDRESS).json()["results"]
        assert "address" not in listed
        renewed = client.post(f"{self.ADDRESS}{made['id']}/renew/").json()
        assert Client().get(first).status_code == 404
        assert Client().get(urlsplit(renewed["address"]).path).status_code == 200
        assert client.delete(f"{self.ADDRESS}{made['id']}/").status_code == 204

    def test_leaves_that_of_others_alone(self, cast: Cast, outsiders: Cast) -> None:
        path = make(cast)
        with cast.acting():
            address = f"{self.ADDRESS}{CalendarFeed.objects.get().pk}/"
        for member in (cast.leader, cast.admin):
            body = {"membership": str(cast.analyst.pk)}
            assert signed_in(member).post(self.ADDRESS, body).status_code == 403
            assert signed_in(member).post(f"{address}renew/").status_code == 403
        assert signed_in(cast.leader).delete(address).status_code == 403
        for client in (signed_in(outsiders.csm), signed_in(outsiders.admin)):
            assert client.post(f"{address}renew/").status_code == 404
            assert client.delete(address).status_code == 404
        assert Client().get(path).status_code == 200
        assert signed_in(cast.admin).delete(address).status_code == 204
        assert Client().get(path).status_code == 404

    def test_ends_with_the_membership(self, cast: Cast) -> None:
        path = make(cast)
        with cast.acting():
            member = Membership.objects.get(pk=cast.csm.pk)
            member.is_active = False
            tenants_services.save_member(member)
        assert Client().get(path).status_code == 404
