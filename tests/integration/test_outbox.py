"""Letters: kept with what caused them, sent at least once, each time as the same letter."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from outbox import services, tasks
from outbox.models import Letter
from tenants import letters
from tenants.letters import Draft
from tenants.models import AuditEntry
from tests.admin_pages import address, browser
from tests.conftest import Cast, make_cast
from tests.mail_server import Mailbox, mail_server

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-link"


def draft(to: str = "noor@alder.example", *, has_secret: bool = True) -> Draft:
    return Draft(
        to=to,
        subject="Café in الرياض",
        text=f"Open {SECRET}",
        html=f"<p>Open {SECRET}</p>",
        language="ar",
        has_secret=has_secret,
    )


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server of our own, which the platform uses."""
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.DEFAULT_FROM_EMAIL = "Customer success <cs@platform.example>"
        yield box


def kept(cast: Cast, *drafts: Draft) -> list[Letter]:
    with cast.acting():
        return services.keep_letters(drafts or [draft()])


def send(letter: Letter) -> bool:
    assert letter.organization_id is not None
    return services.send_letter(organization_id=letter.organization_id, letter_id=letter.pk)


def stored(cast: Cast, letter: Letter) -> Letter:
    with cast.acting():
        return Letter.objects.get(pk=letter.pk)


def change(cast: Cast, **values: Any) -> None:
    with cast.acting():
        Letter.objects.update(**values)


@pytest.mark.django_db
class TestKeeping:
    def test_is_part_of_what_causes_it(
        self, cast: Cast, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks, cast.acting():
            with transaction.atomic():
                letters.send([draft()])
                transaction.set_rollback(True)
            assert not Letter.objects.exists()
        assert callbacks == []

    def test_wakes_a_worker_for_each_letter_when_all_is_said(
        self,
        cast: Cast,
        django_capture_on_commit_callbacks: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        woken: list[Any] = []
        monkeypatch.setattr(
            tasks.send_letter, "apply_async", lambda **sent: woken.append(sent["kwargs"])
        )
        with django_capture_on_commit_callbacks(execute=True), cast.acting():
            letters.send([draft("a@b.example"), draft("c@d.example")])
            assert woken == []
            ids = {str(pk) for pk in Letter.objects.values_list("pk", flat=True)}
        assert {each["letter_id"] for each in woken} == ids
        assert {each["organization_id"] for each in woken} == {str(cast.organization.pk)}

    def test_survives_that_nobody_can_be_woken(
        self,
        cast: Cast,
        django_capture_on_commit_callbacks: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def unreachable(**_: Any) -> None:
            raise OSError("Redis is away")

        monkeypatch.setattr(tasks.send_letter, "apply_async", unreachable)
        with django_capture_on_commit_callbacks(execute=True), cast.acting():
            letters.send([draft()])
        assert services.organizations_with_letters_due() == [cast.organization.pk]

    def test_leaves_words_and_secrets_out_of_the_audit_trail(self, cast: Cast) -> None:
        kept(cast)
        with cast.acting():
            entry = AuditEntry.objects.get(table="outbox_letter")
        assert entry.after is not None
        assert entry.after["to"] == "noor@alder.example"
        assert {"subject", "text", "html", "language"}.isdisjoint(entry.after)


@pytest.mark.django_db
class TestSending:
    def test_delivers_text_and_html_in_any_script(self, cast: Cast, mailbox: Mailbox) -> None:
        (letter,) = kept(cast)
        assert send(letter) is True
        (mail,) = mailbox.letters
        assert mail["To"] == "noor@alder.example"
        assert mail["From"] == "Customer success <cs@platform.example>"
        assert mail["Subject"] == "Café in الرياض"
        assert mail["Content-Language"] == "ar"
        assert mail["Message-ID"] == f"<{letter.pk}@platform.example>"
        bodies = [part.get_content() for part in mail.iter_parts()]
        assert [SECRET in body for body in bodies] == [True, True]

    @pytest.mark.parametrize(("has_secret", "text"), [(True, ""), (False, f"Open {SECRET}")])
    def test_forgets_a_secret_with_the_letter(
        self, cast: Cast, mailbox: Mailbox, has_secret: bool, text: str
    ) -> None:
        (letter,) = kept(cast, draft(has_secret=has_secret))
        send(letter)
        after = stored(cast, letter)
        assert after.sent_at is not None
        assert (after.text, after.leased_until) == (text, None)

    def test_happens_once(self, cast: Cast, mailbox: Mailbox) -> None:
        (letter,) = kept(cast)
        assert [send(letter), send(letter)] == [True, False]
        assert len(mailbox.letters) == 1

    def test_leaves_a_letter_to_who_has_it(self, cast: Cast, mailbox: Mailbox) -> None:
        (letter,) = kept(cast)
        change(cast, leased_until=Now() + dt.timedelta(seconds=30))
        assert send(letter) is False
        assert services.organizations_with_letters_due() == []
        assert mailbox.letters == []

    def test_is_no_business_of_another_organization(
        self, cast: Cast, outsiders: Cast, mailbox: Mailbox
    ) -> None:
        (letter,) = kept(cast)
        sent = services.send_letter(organization_id=outsiders.organization.pk, letter_id=letter.pk)
        assert (sent, mailbox.letters) == (False, [])


@pytest.mark.django_db
class TestTrouble:
    def test_is_tried_again_with_growing_pauses_and_then_given_up(
        self, cast: Cast, settings: Settings
    ) -> None:
        with mail_server() as box:
            port = box.port  # Nobody listens there any more.
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        (letter,) = kept(cast)
        pauses = []
        while services.organizations_with_letters_due():
            assert send(letter) is False
            after = stored(cast, letter)
            if after.parked_at is None:
                with cast.acting():
                    waited = Letter.objects.values_list(Letter.due_at.field.name, flat=True)
                    now = Letter.objects.values_list(Now(), flat=True)
                    pauses.append(round((waited[0] - now[0]).total_seconds() / 60))
                change(cast, due_at=Now())
        assert pauses == [1, 5, 30, 120, 360, 1440]
        after = stored(cast, letter)
        assert (after.attempts, after.text) == (7, "")
        assert "refused" in after.failure
        assert services.oldest_waiting_seconds() == 0

    def test_a_mailbox_that_does_not_exist_is_given_up_at_once(
        self, cast: Cast, mailbox: Mailbox
    ) -> None:
        mailbox.answer_to_recipient = "550 no such person"
        (letter,) = kept(cast)
        send(letter)
        after = stored(cast, letter)
        assert after.parked_at is not None
        assert "no such person" in after.failure

    @pytest.mark.parametrize("answer", ["451 greylisted", "554 we think this is spam"])
    def test_a_letter_that_is_refused_is_tried_again(
        self, cast: Cast, mailbox: Mailbox, answer: str
    ) -> None:
        mailbox.answer_to_letter = answer
        (letter,) = kept(cast)
        assert send(letter) is False
        mailbox.answer_to_letter = "250 kept"
        change(cast, due_at=Now())
        assert send(letter) is True
        assert stored(cast, letter).failure == ""

    def test_a_server_that_hangs_up_gets_the_same_letter_again(
        self, cast: Cast, mailbox: Mailbox
    ) -> None:
        mailbox.hang_up_after_letter = True
        (letter,) = kept(cast)
        send(letter)
        mailbox.hang_up_after_letter = False
        change(cast, due_at=Now())
        send(letter)
        assert [mail["Message-ID"] for mail in mailbox.letters] == [
            f"<{letter.pk}@platform.example>"
        ] * 2

    def test_a_slow_worker_does_not_write_over_a_faster_one(
        self, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (letter,) = kept(cast)

        def overtaken(mail: Letter) -> None:
            change(cast, leased_until=Now() - dt.timedelta(seconds=1))
            monkeypatch.undo()
            assert send(letter) is True
            raise OSError("the slow one fails")

        monkeypatch.setattr(services, "deliver", overtaken)
        assert send(letter) is False
        after = stored(cast, letter)
        assert after.sent_at is not None
        assert after.failure == ""

    def test_a_letter_that_takes_every_worker_along_is_given_up(self, cast: Cast) -> None:
        (letter,) = kept(cast)
        change(cast, attempts=services.MOST_ATTEMPTS, leased_until=Now() - dt.timedelta(1))
        assert send(letter) is False
        assert stored(cast, letter).parked_at is not None


@pytest.mark.django_db
class TestSendingAgain:
    def given_up(self, cast: Cast, *, has_secret: bool = False) -> Letter:
        (letter,) = kept(cast, draft(has_secret=has_secret))
        change(cast, attempts=7, parked_at=Now(), failure="No such host.")
        return letter

    def again(self, cast: Cast, letter: Letter) -> None:
        with cast.acting():
            services.send_again(letter)

    def test_starts_over_with_the_same_message_id(self, cast: Cast, mailbox: Mailbox) -> None:
        letter = self.given_up(cast)
        self.again(cast, letter)
        assert (stored(cast, letter).attempts, stored(cast, letter).failure) == (0, "")
        assert send(letter) is True
        (mail,) = mailbox.letters
        assert str(letter.pk) in mail["Message-ID"]

    def test_needs_a_body(self, cast: Cast) -> None:
        with pytest.raises(services.BodyForgotten):
            self.again(cast, self.given_up(cast, has_secret=True))

    def test_is_for_what_was_given_up(self, cast: Cast) -> None:
        (letter,) = kept(cast, draft(has_secret=False))
        with pytest.raises(services.NotGivenUp):
            self.again(cast, letter)

    def test_is_offered_in_the_admin(self, cast: Cast) -> None:
        letter = self.given_up(cast)
        client = browser(cast.admin)
        assert "No such host." in client.get(address(Letter, "changelist")).content.decode()
        page = client.get(address(Letter, "change", letter.pk)).content.decode()
        assert "Send again" in page
        assert letter.text not in page
        client.post(address(Letter, "send_again", letter.pk), {"_form_submitted": "True"})
        assert stored(cast, letter).parked_at is None


@pytest.mark.django_db(transaction=True)
class TestAKilledWorker:
    def test_leaves_its_letter_to_the_next_one(self, mailbox: Mailbox, tmp_path: Path) -> None:
        cast = make_cast("Alder")
        (letter,) = kept(cast)
        reached = tmp_path / "reached"
        script = (
            "import sys, time, pathlib, django; from uuid import UUID; django.setup()\n"
            "from django.db import connections\n"
            "connections['default'].settings_dict['NAME'] = sys.argv[4]\n"
            "from outbox import services\n"
            "def hang(letter):\n"
            "    pathlib.Path(sys.argv[3]).touch(); time.sleep(60)\n"
            "services.deliver = hang\n"
            "services.send_letter(organization_id=UUID(sys.argv[1]), letter_id=UUID(sys.argv[2]))"
        )
        worker = subprocess.Popen(
            [
                *(sys.executable, "-c", script, str(cast.organization.pk), str(letter.pk)),
                *(str(reached), database_name()),
            ],
            cwd=ROOT,
            env=os.environ,
        )
        try:
            while not reached.exists():
                assert worker.poll() is None
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert send(letter) is False  # Its lease has not run out.
        change(cast, leased_until=Now() - dt.timedelta(seconds=1))
        assert services.organizations_with_letters_due() == [cast.organization.pk]
        assert send(letter) is True
        assert len(mailbox.letters) == 1
        assert stored(cast, letter).attempts == 2


def database_name() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


@pytest.mark.django_db
class TestTheSweep:
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """What would be handed to workers, done at once."""
        done: list[Any] = []

        def at_once(*, kwargs: dict[str, str], **_: Any) -> None:
            done.append(UUID(kwargs["letter_id"]))

        monkeypatch.setattr(tasks.send_letter, "apply_async", at_once)
        monkeypatch.setattr(tasks.send_due_letters, "delay", tasks.send_due_letters)
        return done

    def test_finds_what_is_due_in_every_organization(
        self, cast: Cast, outsiders: Cast, sent: list[Any]
    ) -> None:
        due = [kept(each)[0].pk for each in (cast, outsiders)]
        tasks.sweep_letters()
        assert sorted(sent) == sorted(due)

    def test_leaves_out_what_is_done_given_up_or_not_due(self, cast: Cast, sent: list[Any]) -> None:
        kept(cast, *[draft() for _ in range(3)])
        with cast.acting():
            first, second, third = Letter.objects.order_by("pk")
            Letter.objects.filter(pk=first.pk).update(sent_at=Now())
            Letter.objects.filter(pk=second.pk).update(parked_at=Now())
            Letter.objects.filter(pk=third.pk).update(due_at=Now() + dt.timedelta(minutes=1))
        tasks.sweep_letters()
        assert sent == []


@pytest.mark.django_db
class TestReadiness:
    def test_tells_of_a_letter_that_waits_too_long(self, cast: Cast, client: Client) -> None:
        assert client.get("/readyz").json()["mail"] == "ok"
        kept(cast)
        assert client.get("/readyz").json()["mail"] == "ok"
        change(cast, created_at=Now() - dt.timedelta(minutes=16))
        assert client.get("/readyz").json()["mail"] == "a letter has been waiting for 960 s"
        change(cast, sent_at=Now())
        assert client.get("/readyz").json()["mail"] == "ok"
