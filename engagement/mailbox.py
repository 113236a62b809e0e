"""The mailbox to which mails are sent in copy, read over IMAP. Source: RFC 3501."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20
MOST_AT_ONCE = 200
SCHEMES = ("imap", "imaps")


class MailboxTrouble(Exception):
    """The mailbox cannot be read."""


class Mailbox:
    """An open folder of a mailbox."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def unread(self) -> list[str]:
        """Return the ids of the oldest mails that nobody has dealt with."""
        found = self._ask("SEARCH", "UNSEEN")
        ids = b" ".join(each for each in found if isinstance(each, bytes)).split()
        return [each.decode() for each in ids[:MOST_AT_ONCE]]

    def headers(self, uid: str) -> bytes:
        """Return the headers of a mail, which stays unread; nothing if it is gone."""
        for part in self._ask("FETCH", uid, "(BODY.PEEK[HEADER])"):
            if isinstance(part, tuple):
                return bytes(part[1])
        return b""

    def settle(self, uid: str, *, look_at: bool = False) -> None:
        """Mark a mail as dealt with; one that a person has to ``look_at`` is flagged, too."""
        self._ask("STORE", uid, "+FLAGS.SILENT", r"(\Seen \Flagged)" if look_at else r"(\Seen)")

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        status, found = self._client.uid(command, *arguments)
        if status != "OK":
            raise MailboxTrouble(f"{command}: {found!r}")
        return [each for each in found if each is not None]


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """Open the folder of ``imaps://user:password@host:port/folder``; INBOX without one.

    :raises MailboxTrouble: if the server or the folder cannot be reached, or the server hangs.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise MailboxTrouble("IMAP_URL begins with imaps: or imap:.")
    try:
        client = _connect(parts.scheme, parts.hostname, parts.port)
        with client:
            client.login(unquote(parts.username or ""), unquote(parts.password or ""))
            status, _said = client.select(unquote(parts.path.strip("/")) or "INBOX")
            if status != "OK":
                raise MailboxTrouble("There is no such folder.")
            yield Mailbox(client)
    except (imaplib.IMAP4.error, OSError) as error:
        # What the server says may repeat what it was told, but never the password.
        raise MailboxTrouble(type(error).__name__) from error


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=TIMEOUT_SECONDS)
    return imaplib.IMAP4(host, port or 143, timeout=TIMEOUT_SECONDS)
