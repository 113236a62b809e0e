"""A mail server that keeps what it is given, or misbehaves as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What arrived, and how the next letters are answered."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answer_to_recipient: str = "250 fine"
    answer_to_letter: str = "250 kept"
    hang_up_after_letter: bool = False


class _Handler(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs."""

    server: "_Server"

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line.split(b":")[0].strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                self._take()
                if self.server.mailbox.hang_up_after_letter:
                    return
                self._say(self.server.mailbox.answer_to_letter)
            elif word == b"RCPT TO":
                self._say(self.server.mailbox.answer_to_recipient)
            else:
                self._say("221 bye" if word == b"QUIT" else "250 fine")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server.mailbox.letters.append(letter)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mailbox = mailbox
        mailbox.port = self.server_address[1]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run the server while the block lasts."""
    mailbox = Mailbox()
    with _Server(mailbox) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()


def links_in(text: str) -> list[str]:
    """Return the paths of the links that a letter holds."""
    found = [word for word in text.split() if word.startswith(("http://", "https://"))]
    return ["/" + link.split("/", 3)[3] for link in found]
