"""What the headers of a mail in copy say."""

import datetime as dt

import pytest

from engagement.mail_reading import Mail, read_mail, token_in, tokens_in

PLAIN = """From: Ana <Ana@Us.example>
To: "Roy, Camille" <camille@them.example>
Cc: log+abc@us.example, LOG+ABC@us.example
Delivered-To: log+def@us.example
Subject: =?utf-8?q?Nous_en_=C3=A9tions?=
 where we stood
Date: Sun, 25 Oct 2026 02:30:00 +0100
Message-ID: <1@us.example>

The body is not read.
"""


def read(text: str, authority: str = "") -> Mail:
    return read_mail(text.replace("\n", "\r\n").encode(), authority=authority)


def test_whom_what_and_when() -> None:
    mail = read(PLAIN)
    assert mail.sender == "ana@us.example"
    assert mail.recipients == (
        "camille@them.example",
        "log+abc@us.example",
        "log+def@us.example",
    )
    assert mail.subject == "Nous en étions where we stood"
    # An hour that the clock change has twice: the offset says which.
    assert mail.sent_at == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)
    assert (mail.message_id, mail.is_automatic) == ("<1@us.example>", False)


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; x=y", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("List-Id: <all.them.example>", True),
        ("X-Nothing: x", False),
    ],
)
def test_a_machine_is_told_from_a_person(header: str, automatic: bool) -> None:
    assert read(f"{header}\n{PLAIN}").is_automatic == automatic


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        ("Authentication-Results: mx.us.example; dmarc=pass header.from=us.example", True),
        ("Authentication-Results: mx.us.example; dmarc=fail", False),
        ("Authentication-Results: mx.evil.example; dmarc=pass", None),
        ("X-Nothing: x", None),
    ],
)
def test_only_the_own_server_vouches(header: str, verdict: bool | None) -> None:
    assert read(f"{header}\n{PLAIN}", "mx.us.example").is_authentic == verdict


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "\n\n",
        "no headers at all",
        "From: =?utf-8?b?////?=\n\n",
        "Date: 99 Foo 0000\nFrom: <>\n\n",
        "To: " + "<" * 500 + "\n\n",
        "Subject: \x00\x07\nFrom: a@b\n\n",
        "Message-ID: " + "x" * 5000 + "\n\n",
    ],
)
def test_damaged_mails_are_read_as_far_as_can_be(damaged: str) -> None:
    mail = read(damaged)
    assert mail.sent_at is None
    assert 0 < len(mail.message_id) <= 255
    assert "\x00" not in mail.subject


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("log+abc@us.example", "abc"),
        ("Log+ABC@US.example", "abc"),
        ("log@us.example", ""),
        ("blog+abc@us.example", ""),
        ("log+abc@them.example", ""),
        ("log+a+b@us.example", "a+b"),
    ],
)
def test_the_token_stands_behind_the_plus(address: str, token: str) -> None:
    assert token_in(address, "log@us.example") == token


def test_each_token_is_there_once() -> None:
    assert tokens_in(read(PLAIN).recipients, "log@us.example") == ["abc", "def"]
