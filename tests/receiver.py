"""A program that is told what happens: it verifies each message, or misbehaves as it is told."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Receiver:
    """What arrived, and how the next messages are answered."""

    port: int = 0
    status: int = 204
    location: str = ""
    seconds: float = 0
    drips: bool = False
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """Return the ids of the messages that arrived."""
        return [headers["webhook-id"] for _path, headers, _body in self.requests]

    def verified(self, secret: str) -> list[Any]:
        """Return the messages that arrived, each verified by the library."""
        return [Webhook(secret).verify(body, headers) for _path, headers, body in self.requests]


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.requests.append((self.path, headers, body))
        try:
            self._answer(receiver)
        except OSError:
            return  # Nobody waits for it any more.

    def _answer(self, receiver: Receiver) -> None:
        time.sleep(receiver.seconds)
        while receiver.drips:
            self.wfile.write(b"H")
            time.sleep(0.05)
        self.send_response(receiver.status)
        if receiver.location:
            self.send_header("Location", receiver.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    receiver: Receiver
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Say nothing of who hangs up."""


@contextmanager
def receiver(certificate: str = "") -> Iterator[Receiver]:
    """Listen on this machine, with TLS by a file of key and certificate if one is given."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = Receiver(port=server.server_port)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.receiver
        finally:
            server.receiver.drips = False
            server.shutdown()
            thread.join()
