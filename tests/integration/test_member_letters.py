"""What members are written: on their mornings, when they are handed a task, when they are named."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connections
from pytest_django import Settings

from accounts.models import Account
from engagement import services, tasks
from engagement.models import DigestDay, LetterPreference, Notice, Task
from outbox import services as outbox_services
from outbox.models import Letter
from talent.models import Leave
from tenants.models import Membership, User
from tests import factories
from tests.conftest import Cast, count_queries, make_cast
from tests.integration.pages import a_task
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2026, 5, 13, 5, 30, tzinfo=dt.UTC)  # a Wednesday, 07:30 in Paris
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
ENGLISH = (
    *("Your work on", "This is what waits", "Today", "Overdue", "Moved to", "Until ", "It was due"),
    *("It is due", "You get this", "is a public holiday", "No more of these", "Hello"),
    *("was handed over", "From now on", "Handed over", "due on", "From \u2068", "Your profile"),
    *("You were mentioned", "wants you to read", "Go to"),
)
HOLIDAY = {"from": "2026-05-14", "to": "2026-05-15", "reason": "holiday", "names": []}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    """An account in France, whose owner lives there."""
    with cast.acting():
        made: Account = factories.account(name="Nordlicht", owner=cast.csm)
        factories.home_market(cast.csm, made.market)
    return made


def work(cast: Cast, account: Account, due: str, **values: Any) -> Task:
    with cast.acting():
        return a_task(account, due, **values)


def write(cast: Cast, now: dt.datetime = MORNING) -> list[Letter]:
    """Write what is due, and return it."""
    with cast.acting():
        known = set(Letter.objects.values_list("pk", flat=True))
    services.write_member_letters(organization_id=cast.organization.pk, now=now)
    with cast.acting():
        return list(Letter.objects.exclude(pk__in=known).order_by("pk"))


def wants(cast: Cast, member: Membership, **values: Any) -> None:
    with cast.acting():
        services.save_preference(LetterPreference(membership=member, **values))


class TestTheDigest:
    def test_says_what_is_due_overdue_and_moved_and_why(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-13")
        work(cast, account, "2026-05-11")
        work(cast, account, "2026-05-15", moves=[HOLIDAY])
        work(cast, account, "2026-05-20")
        (letter,) = write(cast)
        assert (letter.to, letter.language) == (cast.csm.email, "en")
        assert letter.subject == "Your work on Wed, May 13"
        plain = letter.text.replace("\u2068", "").replace("\u2069", "")
        today, overdue, moved = (plain.index(word) for word in ("Today", "Overdue", "Moved to"))
        assert today < overdue < moved
        assert "- Nordlicht: Monthly call\n  Until 18:00 in France.\n" in plain
        assert "It was due on Mon, May 11." in plain
        assert "It is due on Fri, May 15 now. Thu, May 14 is a public holiday there" in plain
        assert "May 20" not in plain
        assert "http://127.0.0.1:8000/\n" in plain

    def test_comes_once_a_day(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-13")
        assert write(cast, MORNING - dt.timedelta(minutes=1)) == []
        assert len(write(cast)) == 1
        assert write(cast, MORNING + dt.timedelta(hours=3)) == []
        assert len(write(cast, MORNING + dt.timedelta(days=2))) == 1

    def test_comes_at_the_time_she_wants(self, cast: Cast, account: Account) -> None:
        wants(cast, cast.csm, digest_at=dt.time(9, 0))
        work(cast, account, "2026-05-13")
        assert write(cast) == []
        assert len(write(cast, MORNING + dt.timedelta(minutes=90))) == 1

    def test_tells_what_moved_once(self, cast: Cast, account: Account) -> None:
        task = work(cast, account, "2026-05-13")
        with cast.acting():
            until = dt.date(2026, 5, 18)
            services.snooze_task(
                task=task, by=cast.leader, at=MORNING, until=until, reason="They asked for it"
            )
        (letter,) = write(cast)
        assert "They asked for it" in letter.text
        assert write(cast, MORNING + dt.timedelta(days=1)) == []

    def test_is_not_written_without_anything_to_say(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-20")
        assert write(cast) == []

    @pytest.mark.parametrize("values", [{"digest": False}, {}])
    def test_is_left_out_for_who_does_not_want_it(
        self, cast: Cast, account: Account, values: dict[str, Any]
    ) -> None:
        wants(cast, cast.csm, **values)
        work(cast, account, "2026-05-13")
        assert len(write(cast)) == (0 if values else 1)

    def test_rests_on_days_off(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-13")
        holiday = dt.datetime(2026, 5, 14, 6, tzinfo=dt.UTC)  # Ascension Day
        sunday = dt.datetime(2026, 5, 17, 6, tzinfo=dt.UTC)
        assert write(cast, holiday) == write(cast, sunday) == []
        with cast.acting():
            # Past the service, which would plan her work anew.
            away = {"start": dt.date(2026, 5, 18), "end": dt.date(2026, 5, 19)}
            Leave.objects.create(membership=cast.csm, **away)
        assert write(cast, sunday + dt.timedelta(days=1)) == []
        assert len(write(cast, sunday + dt.timedelta(days=3))) == 1

    def test_after_downtime_tells_of_today_alone(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-11")
        assert len(write(cast)) == 1
        later = MORNING + dt.timedelta(days=7, hours=9)
        (letter,) = write(cast, later)
        assert "May 20" in letter.subject

    def test_of_who_lives_elsewhere_comes_on_her_clock(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            tokyo = factories.account(market=factories.market("JP"), owner=cast.leader)
            factories.home_market(cast.leader, tokyo.market)
        work(cast, tokyo, "2026-05-13")
        work(cast, account, "2026-05-13")
        early = dt.datetime(2026, 5, 12, 22, 30, tzinfo=dt.UTC)
        assert [letter.to for letter in write(cast, early)] == [cast.leader.email]
        assert [letter.to for letter in write(cast)] == [cast.csm.email]

    def test_speaks_the_language_of_its_reader(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language="ar")
        work(cast, account, "2026-05-13")
        (letter,) = write(cast)
        assert letter.language == "ar"
        assert 'dir="rtl"' in letter.html
        assert "Today" not in letter.text + letter.html

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_no_english_left_in_another_language(
        self, cast: Cast, account: Account, language: str
    ) -> None:
        """Letters of all kinds, with every sentence."""
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language=language)
        for due in ("2026-05-13", "2026-05-11"):
            work(cast, account, due)
        work(cast, account, "2026-05-15", moves=[HOLIDAY])
        given, noted = (work(cast, account, f"2026-05-2{number}") for number in (0, 1))
        by, at = cast.leader, MORNING - dt.timedelta(minutes=10)
        with cast.acting():
            services.notice_hand_overs([given], to=cast.csm, by=by, at=at)
            services.complete_task(task=noted, by=by, at=at, note="@CSM of Alder")
        letters = write(cast)
        assert len(letters) == 3
        for letter in letters:
            said = f"{letter.subject} {letter.text} {letter.html}"
            assert [words for words in ENGLISH if words in said] == []

    def test_names_the_first_of_many(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            for _number in range(22):
                a_task(factories.account(market=account.market, owner=cast.csm), "2026-05-13")
        (letter,) = write(cast)
        assert letter.text.count("Monthly call") == 20
        assert "and 2 more" in letter.text

    def test_leaves_out_who_has_not_joined_or_is_gone(self, cast: Cast, account: Account) -> None:
        work(cast, account, "2026-05-13")
        with cast.acting():
            Membership.objects.filter(pk=cast.csm.pk).update(is_active=False)
        assert write(cast) == []

    def test_is_of_one_organization(self, cast: Cast, outsiders: Cast, account: Account) -> None:
        work(cast, account, "2026-05-13")
        assert write(outsiders) == []
        assert len(write(cast)) == 1
        with outsiders.acting():
            assert not Letter.objects.exists()

    def test_takes_the_same_queries_for_any_number(self, cast: Cast, account: Account) -> None:
        def queries(now: dt.datetime) -> int:
            with cast.acting(), count_queries() as counted:
                services.write_due_digests(now=now)
            return len(counted)

        work(cast, account, "2026-05-13")
        write(cast, MORNING - dt.timedelta(days=1))
        few = queries(MORNING)
        with cast.acting():
            for member in (cast.leader, cast.manager, cast.admin):
                factories.home_market(member, account.market)
                for _number in range(3):
                    a_task(factories.account(market=account.market, owner=member), "2026-05-13")
        assert queries(dt.datetime(2026, 5, 15, 5, 30, tzinfo=dt.UTC)) == few
        with cast.acting():
            assert Letter.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_letter() -> None:
    cast = make_cast("Alder")
    with cast.acting():
        account = factories.account(owner=cast.csm)
        factories.home_market(cast.csm, account.market)
        a_task(account, "2026-05-13")
        task = a_task(account, "2026-05-12")
        services.notice_hand_overs(
            [task], to=cast.csm, by=cast.leader, at=MORNING - dt.timedelta(hours=1)
        )
    start = threading.Barrier(2)

    def worker() -> None:
        start.wait()
        services.write_member_letters(organization_id=cast.organization.pk, now=MORNING)
        connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    with cast.acting():
        assert sorted(Letter.objects.values_list("subject", flat=True)) == [
            "A task was handed over to you",
            "Your work on Wed, May 13",
        ]
        assert DigestDay.objects.get(membership=cast.csm).day == MORNING.date()


LATER = MORNING + dt.timedelta(hours=8)
RIPE = LATER + dt.timedelta(minutes=10)


class TestHandOvers:
    @pytest.fixture(autouse=True)
    def _told(self, cast: Cast, account: Account) -> None:
        """The morning is over, and everybody was told of it."""
        write(cast, LATER)

    def hand_over(self, cast: Cast, task: Task, to: Membership, by: Membership, at: Any) -> Task:
        with cast.acting():
            return services.hand_over_task(task=task, by=by, at=at, to=to, reason="I am away")

    def test_within_ten_minutes_are_told_in_one_letter(self, cast: Cast, account: Account) -> None:
        for number, due in enumerate(("2026-05-20", "2026-05-21")):
            at = LATER + dt.timedelta(minutes=number * 9)
            self.hand_over(cast, work(cast, account, due), cast.leader, cast.csm, at)
        assert write(cast, RIPE - dt.timedelta(seconds=1)) == []
        (letter,) = write(cast, RIPE)
        assert (letter.to, letter.subject) == (
            cast.leader.email,
            "2 tasks were handed over to you",
        )
        assert "CSM of Alder\u2069, due on Wed, May 20." in letter.text
        assert "I am away" in letter.text
        assert write(cast, RIPE) == []

    def test_that_one_takes_herself_are_not_told(self, cast: Cast, account: Account) -> None:
        self.hand_over(cast, work(cast, account, "2026-05-20"), cast.leader, cast.leader, LATER)
        assert write(cast, RIPE) == []

    def test_that_were_taken_back_are_not_told(self, cast: Cast, account: Account) -> None:
        task = self.hand_over(cast, work(cast, account, "2026-05-20"), cast.leader, cast.csm, LATER)
        with cast.acting():
            services.undo_task(task=task, by=cast.csm, at=LATER)
        assert write(cast, RIPE) == []
        with cast.acting():
            assert not Notice.objects.exists()

    def test_are_not_told_to_who_does_not_want_it(self, cast: Cast, account: Account) -> None:
        wants(cast, cast.leader, hand_overs=False)
        self.hand_over(cast, work(cast, account, "2026-05-20"), cast.leader, cast.csm, LATER)
        assert write(cast, RIPE) == []

    def test_of_a_task_that_planning_took_back_are_not_told(
        self, cast: Cast, account: Account
    ) -> None:
        task = work(cast, account, "2026-05-20")
        self.hand_over(cast, task, cast.leader, cast.csm, LATER)
        with cast.acting():
            Task.objects.filter(pk=task.pk).delete()
        assert write(cast, RIPE) == []


class TestMentions:
    @pytest.fixture(autouse=True)
    def _told(self, cast: Cast, account: Account) -> None:
        write(cast, LATER)

    def complete(self, cast: Cast, account: Account, note: str) -> Task:
        task = work(cast, account, "2026-05-20")
        with cast.acting():
            return services.complete_task(task=task, by=cast.csm, at=LATER, note=note)

    def test_are_told_with_the_note(self, cast: Cast, account: Account) -> None:
        self.complete(cast, account, "Please call them, @cs leader of alder <b>soon</b>")
        (letter,) = write(cast, RIPE)
        assert (letter.to, letter.subject) == (cast.leader.email, "You were mentioned in a note")
        assert "Please call them" in letter.text
        assert "&lt;b&gt;soon" in letter.html
        assert f"/accounts/{account.pk}/" in letter.text

    def test_of_oneself_or_of_outsiders_are_not_told(
        self, cast: Cast, outsiders: Cast, account: Account
    ) -> None:
        self.complete(cast, account, "@CSM of Alder, @CS leader of Birch")
        assert write(cast, RIPE) == write(outsiders, RIPE) == []

    def test_that_were_taken_back_are_not_told(self, cast: Cast, account: Account) -> None:
        task = self.complete(cast, account, "@CS leader of Alder")
        with cast.acting():
            services.undo_task(task=task, by=cast.csm, at=LATER)
        assert write(cast, RIPE) == []


class TestLeaving:
    def test_by_a_real_mail_server_with_a_way_out(
        self, cast: Cast, account: Account, settings: Settings
    ) -> None:
        work(cast, account, "2026-05-13")
        (letter,) = write(cast)
        with mail_server() as box:
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
            outbox_services.send_letter(organization_id=cast.organization.pk, letter_id=letter.pk)
            (sent,) = box.letters
        assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "".join(sent["List-Unsubscribe"].split()) == f"<{letter.unsubscribe}>"
        assert [part.get_content_type() for part in sent.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        assert all(letter.unsubscribe in part.get_content() for part in sent.iter_parts())

    def test_the_sweep_looks_into_every_organization(
        self,
        cast: Cast,
        outsiders: Cast,
        account: Account,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        work(cast, account, "2026-05-13")
        monkeypatch.setattr(
            tasks.write_member_letters,
            "apply_async",
            lambda *, kwargs, **_: tasks.write_member_letters(**kwargs),
        )
        with time_machine.travel(LATER, tick=False):
            tasks.sweep_member_letters()
        with cast.acting():
            assert Letter.objects.count() == 1
        with outsiders.acting():
            assert DigestDay.objects.count() == 5
            assert not Letter.objects.exists()
