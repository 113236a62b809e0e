"""What the headers of a mail say that was sent in copy.

Pure: no framework, no clock. The body is never read. Source: RFC 5322, RFC 3834, RFC 8601.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses

LONGEST_ID = 255
LONGEST_SUBJECT = 300
RECIPIENTS = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to")
BULK = {"bulk", "list", "junk", "auto_reply"}


class UnreadableMail(ValueError):
    """The headers are no headers."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The headers of a mail; addresses are in lower case, ``sent_at`` carries a zone or is None.

    ``is_authentic`` is what the server that took it in says: None if it does not say anything.
    """

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    sent_at: dt.datetime | None
    is_automatic: bool
    is_authentic: bool | None


def read_mail(raw: bytes, *, authority: str = "") -> Mail:
    """Read headers. ``authority`` names the server whose ``Authentication-Results`` count.

    A mail without a Message-ID is known by the digest of its headers.

    :raises UnreadableMail: if they cannot be read.
    """
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw, headersonly=True)
        assert isinstance(message, EmailMessage)
        return Mail(
            message_id=_message_id(message, raw),
            sender=next(iter(_addresses(message, ("from",))), ""),
            recipients=tuple(dict.fromkeys(_addresses(message, RECIPIENTS))),
            subject=_text(message, "subject")[:LONGEST_SUBJECT],
            sent_at=_sent_at(message),
            is_automatic=_is_automatic(message),
            is_authentic=_is_authentic(message, authority),
        )
    except (MessageError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise UnreadableMail(str(error)) from error


def token_in(address: str, mailbox: str) -> str:
    """Return what stands behind the plus in an address of ``mailbox``, else nothing."""
    local, _, domain = mailbox.lower().rpartition("@")
    given, _, given_domain = address.lower().rpartition("@")
    name, plus, token = given.partition("+")
    return token if plus and (name, given_domain) == (local, domain) else ""


def tokens_in(addresses: Iterable[str], mailbox: str) -> list[str]:
    """Return the tokens of all addresses of ``mailbox``, each once."""
    found = (token_in(address, mailbox) for address in addresses)
    return list(dict.fromkeys(token for token in found if token))


def _text(message: EmailMessage, name: str) -> str:
    text = " ".join(str(message.get(name, "")).split())
    return "".join(char for char in text if char.isprintable())


def _message_id(message: EmailMessage, raw: bytes) -> str:
    found = _text(message, "message-id")
    if not found:
        return f"sha256:{hashlib.sha256(raw).hexdigest()}"
    if len(found) > LONGEST_ID:
        return f"sha256:{hashlib.sha256(found.encode()).hexdigest()}"
    return found


def _addresses(message: EmailMessage, names: Iterable[str]) -> list[str]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    return [address.lower() for _name, address in getaddresses(values) if "@" in address]


def _sent_at(message: EmailMessage) -> dt.datetime | None:
    at: dt.datetime | None = getattr(message.get("date"), "datetime", None)
    if at is None:
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _is_automatic(message: EmailMessage) -> bool:
    submitted = _text(message, "auto-submitted").partition(";")[0].strip().lower()
    precedence = _text(message, "precedence").lower()
    return submitted not in {"", "no"} or precedence in BULK or "list-id" in message


def _is_authentic(message: EmailMessage, authority: str) -> bool | None:
    """Return the verdict on the sender's domain of the topmost result of ``authority``."""
    for value in message.get_all("authentication-results", []):
        server, _, results = str(value).partition(";")
        if authority and server.split()[:1] == [authority]:
            return "dmarc=pass" in results.lower().replace(" ", "")
    return None
