"""What a person, an integrator and a monitor see of a site, through its proxy."""

import http.client
import json
import shutil
import socketserver
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any

from playwright.sync_api import sync_playwright

from tests.deployment.site import Site, StepFailed


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(
    site: Site, path: str, *, key: str = "", data: Any = None, scheme: str = "https"
) -> Answer:
    """Ask the proxy, trusting its certificate alone; redirects are not followed."""
    port = site.https_port if scheme == "https" else site.http_port
    request = urllib.request.Request(f"{scheme}://localhost:{port}{path}")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    if data is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(data).encode()
    trusted = ssl.create_default_context(cafile=str(site.folder / "tls/fullchain.pem"))
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=trusted), _StayHere, urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(request, timeout=30) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def sign_in(site: Site, email: str, password: str) -> dict[str, str]:
    """Sign in with a real browser; return flags of its cookies and headers of the page.

    :raises StepFailed: if the browser had anything to complain about.
    """
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        home = f"https://localhost:{site.https_port}/"
        page.goto(home)
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(home)
        today = page.goto(home, wait_until="networkidle")
        assert today is not None
        seen = {
            cookie["name"]: ", ".join(
                [f"SameSite={cookie['sameSite']}"]
                + [name for name in ("secure", "httpOnly") if cookie.get(name)]
            )
            for cookie in context.cookies()
        }
        for name in ("strict-transport-security", "content-security-policy", "referrer-policy"):
            seen[name] = today.headers.get(name, "")
        page.screenshot(path=str(site.folder / "today.png"))
        browser.close()
    if complaints:
        raise StepFailed(f"the browser complains: {complaints}")
    return seen


class Requests:
    """Asks for a page again and again in the background, and counts what went wrong."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answered = self.failed = 0

    def __enter__(self) -> "Requests":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                good = fetch(self._site, "/login/").status == http.HTTPStatus.OK
            except OSError:
                good = False
            self.answered += good
            self.failed += not good


class _Letterbox(socketserver.StreamRequestHandler):
    """Speaks enough SMTP to be connected to."""

    def handle(self) -> None:
        self.wfile.write(b"220 letterbox\r\n")
        while (line := self.rfile.readline().strip().upper()) and line != b"QUIT":
            self.wfile.write(b"250 letterbox\r\n")
        self.wfile.write(b"221 bye\r\n")


@contextmanager
def mail_server(port: int) -> Iterator[None]:
    """Run a mail server that accepts connections."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), _Letterbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
