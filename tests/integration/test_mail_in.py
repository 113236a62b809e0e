"""Mails in copy to an account: read over IMAP, each counted once."""

import datetime as dt
import imaplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connections

from accounts.models import Account
from accounts.services import archive_account
from cs_platform.embedded.process import free_ports
from engagement import services
from engagement.mail_reading import read_mail
from engagement.models import IncomingMail, Meeting, Task
from engagement.tasks import read_mailbox
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.conftest import Cast, make_cast, signed_in
from tests.imap_server import Post, imap_server
from tests.integration.test_meetings import NOW, planned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mailbox(settings: Any) -> None:
    settings.IMAP_ADDRESS = "log@us.example"


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with imap_server() as post, time_machine.travel(NOW, tick=True):
        settings.IMAP_URL = post.url
        yield post


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        account = planned("2026-11-24", code="JP")
        factories.contact(account=account, name="Aiko", email="Aiko@Sakura.example")
        return account


def address(cast: Cast, account: Account) -> str:
    with cast.acting():
        return services.address_of(account)


def mail(sender: str, copy: str, number: object = 1, **headers: str) -> bytes:
    lines = {
        "From": sender,
        "To": "aiko@sakura.example",
        "Cc": copy,
        "Subject": "How it goes",
        "Date": "Mon, 23 Nov 2026 16:30:00 +0000",
        "Message-ID": f"<{number}@us.example>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"{text}\r\nSecret body\r\n".encode()


class TestMailbox:
    def test_a_mail_of_a_member_is_the_check_in(
        self, cast: Cast, account: Account, post: Post
    ) -> None:
        uid = post.add(mail(cast.csm.email, address(cast, account)))
        read_mailbox()
        with cast.acting():
            meeting = Meeting.objects.get()
            assert meeting.task
            assert meeting.task.status == "done"
            assert (str(meeting.contact), meeting.logged_by) == ("Aiko", cast.csm)
        # The 24th in Tokyo.
        assert meeting.held_on == dt.date(2026, 11, 24)
        assert (meeting.source, meeting.channel, meeting.note) == ("mail", "email", "How it goes")
        assert post.flags[uid] == {"\\Seen"}
        assert not any("BODY[]" in each or "TEXT" in each for each in post.asked)

    def test_a_mail_of_the_contact_counts_too(
        self, cast: Cast, account: Account, post: Post
    ) -> None:
        post.add(mail("Aiko <aiko@SAKURA.example>", address(cast, account)))
        read_mailbox()
        with cast.acting():
            assert Meeting.objects.get().logged_by is None
            assert Task.objects.get().closed_by is None

    def test_what_was_read_is_not_read_again(
        self, cast: Cast, account: Account, post: Post
    ) -> None:
        copy = address(cast, account)
        uid = post.add(mail(cast.csm.email, copy))
        post.add(mail(cast.csm.email, copy))
        read_mailbox()
        post.flags[uid].clear()  # a worker was killed before it could say so
        read_mailbox()
        with cast.acting():
            assert Meeting.objects.count() == 1
            assert IncomingMail.objects.count() == 1

    def test_what_is_for_no_account_stays_flagged(
        self, cast: Cast, account: Account, post: Post
    ) -> None:
        copy = address(cast, account)
        forged = copy.replace("log+a", "log+b") if "log+a" in copy else copy.replace("+", "+a", 1)
        uids = [
            post.add(mail(cast.csm.email, each))
            for each in ("log@us.example", "log+x@us.example", forged, copy.replace("us.", "them."))
        ]
        read_mailbox()
        assert all(post.flags[uid] == {"\\Seen", "\\Flagged"} for uid in uids)
        with cast.acting():
            assert not IncomingMail.objects.exists()

    def test_trouble_stops_nobody(self, settings: Any, post: Post) -> None:
        for url in (post.url.replace("secret", "wrong"), "imap://x:y@127.0.0.1:1/", "pop://x"):
            settings.IMAP_URL = url
            read_mailbox()
        settings.IMAP_URL = ""
        read_mailbox()


class TestJudging:
    @pytest.mark.parametrize(
        ("sender", "headers", "result"),
        [
            ("csm", {"Auto_Submitted": "auto-replied"}, "automatic"),
            ("mallory@evil.example", {}, "unknown_sender"),
            ("", {}, "unknown_sender"),
            ("csm", {"To": ""}, "nobody_there"),
            ("csm", {"Date": "Mon, 23 Nov 2099 16:30:00 +0000"}, "logged"),
            ("csm", {"Date": "", "Message_ID": ""}, "logged"),
            ("csm", {"Date": "Mon, 23 Nov 1066 16:30:00 +0000"}, "refused"),
        ],
    )
    def test_says_why_a_mail_does_not_count(
        self, cast: Cast, account: Account, sender: str, headers: dict[str, str], result: str
    ) -> None:
        sender = cast.csm.email if sender == "csm" else sender
        raw = mail(sender, address(cast, account), "1", **headers)
        assert services.take_in_mail(read_mail(raw), at=NOW) == [result]
        with cast.acting():
            assert IncomingMail.objects.get().result == result
            assert Meeting.objects.exists() == (result == "logged")

    def test_wants_the_mail_server_to_vouch(
        self, cast: Cast, account: Account, settings: Any
    ) -> None:
        settings.IMAP_AUTHSERV_ID = "mx.us.example"
        for number, (verdict, result) in enumerate(
            [("x; dmarc=pass", "not_authentic"), ("mx.us.example; dmarc=pass", "logged")]
        ):
            raw = mail(
                cast.csm.email,
                address(cast, account),
                number=number,
                Authentication_Results=verdict,
            )
            read = read_mail(raw, authority="mx.us.example")
            assert services.take_in_mail(read, at=NOW) == [result]

    def test_archived_accounts_refuse_with_the_reason(self, cast: Cast, account: Account) -> None:
        copy = address(cast, account)
        with cast.acting():
            archive_account(account, at=NOW)
        assert services.take_in_mail(read_mail(mail(cast.csm.email, copy)), at=NOW) == ["refused"]
        with cast.acting():
            assert "archived" in IncomingMail.objects.get().reason

    def test_members_of_another_organization_are_strangers(
        self, cast: Cast, outsiders: Cast, account: Account
    ) -> None:
        raw = mail(outsiders.csm.email, address(cast, account))
        assert services.take_in_mail(read_mail(raw), at=NOW) == ["unknown_sender"]
        with outsiders.acting():
            assert not IncomingMail.objects.exists()

    def test_the_address_outlives_a_change_of_the_key(
        self, cast: Cast, account: Account, settings: Any
    ) -> None:
        copy = address(cast, account)
        token = copy.partition("+")[2].partition("@")[0]
        assert len(copy.partition("@")[0]) <= 64
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another" * 8
        assert services.account_in(token) == account.pk
        settings.SECRET_KEY_FALLBACKS = []
        assert services.account_in(token) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_log_it_once() -> None:
    cast = make_cast("Alder")
    with cast.acting():
        account = planned("2026-11-24")
        factories.contact(account=account, email="aiko@sakura.example")
        copy = services.address_of(account)
    read, start, results = read_mail(mail(cast.csm.email, copy)), threading.Barrier(2), []

    def work() -> None:
        start.wait()
        results.extend(services.take_in_mail(read, at=NOW))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["known", "logged"]
    with cast.acting():
        assert Meeting.objects.count() == 1


def test_the_page_shows_the_address_and_what_did_not_count(cast: Cast, account: Account) -> None:
    with cast.acting():
        save_assignment(Assignment(membership=cast.csm, market=account.market))
    copy = address(cast, account)
    services.take_in_mail(read_mail(mail("mallory@evil.example", copy)), at=NOW)
    page = signed_in(cast.csm).get(f"/accounts/{account.pk}/").content.decode()
    assert copy in page
    assert "From neither a member nor a contact" in page


@pytest.fixture
def pymap(settings: Any) -> Iterator[imaplib.IMAP4]:
    """An IMAP server that we did not write, with the mailbox that the platform reads."""
    port = next(free_ports())
    command = [
        *(str(Path(sys.executable).with_name("pymap")), "--host=127.0.0.1", f"--port={port}"),
        *("--no-tls", "--no-service=admin", "--no-service=managesieve"),
        *("dict", "--demo-data", "--demo-user=log", "--demo-password=secret"),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            settings.IMAP_URL = f"imap://log:secret@127.0.0.1:{port}"
            yield signed_in_to(port)
        finally:
            server.terminate()


def signed_in_to(port: int) -> imaplib.IMAP4:
    """Return a client of the mailbox, as soon as the server listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            client.login("log", "secret")
            client.select("INBOX")
            return client


class TestAServerThatWeDidNotWrite:
    def test_gives_its_mails_once(self, cast: Cast, account: Account, pymap: imaplib.IMAP4) -> None:
        before = pymap.uid("SEARCH", "UNSEEN")[1][0].split()
        copied = mail(cast.csm.email, address(cast, account))
        pymap.append("INBOX", "", "", copied)
        with time_machine.travel(NOW, tick=True):
            read_mailbox()
            read_mailbox()
        with cast.acting():
            meeting = Meeting.objects.get()
            assert (meeting.source, meeting.note) == ("mail", "How it goes")
        assert pymap.uid("SEARCH", "UNSEEN")[1] == [b""]
        # What came with the server is for no account: a person has to look at it.
        assert pymap.uid("SEARCH", "FLAGGED", "NOT", "ANSWERED")[1][0].split()[-2:] == before
        pymap.logout()
