"""The receiving end: ``python -m tests.chaos.receiving PORT FILE SECRET...`` notes what it is sent.

The endpoint with the n-th secret is ``/n``. A message is noted, as its id and the hash of its body,
once its signature has been verified, and answered afterwards: who is killed in between has it.
"""

import hashlib
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


class Handler(BaseHTTPRequestHandler):
    """Verifies, notes, answers."""

    secrets: list[str]
    notes: int

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        secret = self.secrets[int(self.path.strip("/"))]
        Webhook(secret).verify(body, {name.lower(): value for name, value in self.headers.items()})
        line = f"{self.headers['webhook-id']} {hashlib.sha256(body).hexdigest()}\n"
        os.write(self.notes, line.encode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Listen until somebody kills us."""
    port, file, *Handler.secrets = sys.argv[1:]
    Handler.notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
