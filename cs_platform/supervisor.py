"""``make run``: servers, migrations, demo data, then web, worker and beat, until Ctrl-C.

Single-threaded: one loop reads the output of the children, restarts them and sees the signals.
"""

import http.client
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from cs_platform.embedded import (
    Guard,
    Servers,
    StartError,
    data_directory,
    kill_group,
    lock,
    require_free_port,
    secret,
    spawn,
    write_environment,
)
from cs_platform.embedded.errors import ROOT, _

DEFAULT_PORT = 8000
TICK_SECONDS = 0.1
CHUNK_BYTES = 65536
GRACE_SECONDS = 4
QUICK_SECONDS = 20
QUICK_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run, and the name it has in the output."""

    name: str
    arguments: tuple[str | Path, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run: two steps that end, then the services that do not."""

    migrate: Command
    load_demo: Command
    services: tuple[Command, ...]


@dataclass(slots=True)
class Child:
    """A running command and the part of a line it has written."""

    command: Command
    process: subprocess.Popen[bytes]
    started: float
    unfinished: bytes = field(default=b"")


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """A child or a server ended that should not have; the message says which."""


def platform_plan(port: int, data: Path) -> Plan:
    """Return what ``make run`` runs."""
    python, manage = sys.executable, ROOT / "manage.py"
    web = (
        *(python, "-m", "gunicorn", "cs_platform.wsgi", f"--bind=127.0.0.1:{port}"),
        *("--workers=1", "--worker-class=gthread", "--threads=4"),
        *("--graceful-timeout=2", "--no-control-socket"),
    )
    as_root = "ignore:You're running the worker with superuser"  # Tasks are JSON, never pickles.
    celery = (python, "-W", as_root, "-m", "celery", "--app=cs_platform", "--quiet")
    worker = (*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel=INFO")
    beat = (*celery, "beat", "--pidfile=", f"--schedule={data / 'beat-schedule'}")
    return Plan(
        migrate=Command("migrate", (python, manage, "migrate")),
        load_demo=Command("demo", (python, manage, "load_demo")),
        services=(
            Command("web", web),
            Command("worker", worker),
            Command("beat", beat),
        ),
    )


def port_number(environ: Mapping[str, str]) -> int:
    """Return the port that ``PORT`` names.

    :raises StartError: if it is no port.
    """
    text = environ.get("PORT") or str(DEFAULT_PORT)
    if text.isascii() and text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StartError(_("PORT=%(port)s is no port: use a number from 1 to 65535.") % {"port": text})


class Console:
    """Lines for people, each with the name of who says it in front."""

    def __init__(self) -> None:
        self.lost = False

    def say(self, text: str, *, who: str = "platform") -> None:
        """Print one line or several; a terminal that is gone is remembered, not raised."""
        if self.lost:
            return
        try:
            for line in text.splitlines():
                print(f"{who:8} | {line}", flush=True)
        except OSError:
            self.lost = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Supervisor:
    """Runs a plan beside the servers of one data directory and ends all it started."""

    def __init__(self, plan: Plan, *, port: int, data: Path, environ: Mapping[str, str]) -> None:
        self._plan = plan
        self._port = port
        self._data = data
        self._mail = data / "mail"
        self._environ = dict(environ)
        self._console = Console()
        self._children: list[Child] = []
        self._quick_failures: dict[str, int] = {}
        self._selector = selectors.DefaultSelector()
        self._guard = Guard()
        self._stop_requested = False
        self._parent = os.getppid()

    def run(self) -> int:
        """Run until a signal comes or something gives up; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # ``nohup`` keeps us running.
            signal.signal(signal.SIGHUP, self._request_stop)
        try:
            with lock(self._data):
                require_free_port(self._port)
                self._run_with_servers()
        except Stopped:
            self._console.say(_("Everything is stopped. The data is kept."))
            return 0
        except (StartError, Failed) as error:
            self._console.say(str(error))
            return 1
        return 0

    def _run_with_servers(self) -> None:
        self._console.say(
            _("Starting the servers; the data is in %(data)s.") % {"data": self._data}
        )
        servers = Servers(self._data, environ=self._environ, pause=self._tick)
        with servers, self._ending_children():
            if servers.embeds_database and not servers.postgres.home.is_relative_to(self._data):
                self._console.say(
                    _("PostgreSQL cannot reach that place; its files are in %(home)s.")
                    % {"home": servers.postgres.home}
                )
            self._environ |= {
                "DJANGO_SETTINGS_MODULE": self._environ.get("DJANGO_SETTINGS_MODULE")
                or "cs_platform.settings.dev",
                "PYTHONUNBUFFERED": "1",
                **servers.environment,
            }
            self._environ = self._ways_out() | self._environ
            written = {
                name: self._environ[name]
                for name in ("DJANGO_SETTINGS_MODULE", *self._ways_out(), *servers.environment)
            }
            with write_environment(self._data, written):
                self._prepare(servers)
                self._serve(servers)

    def _ways_out(self) -> dict[str, str]:
        """Return how people reach us and how letters reach them, where nobody says otherwise."""
        self._mail.mkdir(mode=0o700, exist_ok=True)
        return {
            "PUBLIC_URL": f"http://127.0.0.1:{self._port}",
            "EMAIL_URL": f"file:///{self._mail}",
            "OPERATOR_KEY": secret(self._data, "operator_key"),
        }

    def _prepare(self, servers: Servers) -> None:
        self._console.say(_("Bringing the database up to date."))
        self._run_step(self._plan.migrate)
        marker = self._data / "demo-loaded"
        if servers.embeds_database and not marker.exists():
            self._console.say(_("First start: loading the demo data."))
            self._run_step(self._plan.load_demo)
            marker.touch()

    def _run_step(self, command: Command) -> None:
        child = self._start(command)
        while child.process.poll() is None:
            self._tick()
        self._forget(child)
        if child.process.returncode:
            raise Failed(
                _("%(name)s failed (exit code %(code)d); see above.")
                % {"name": command.name, "code": child.process.returncode}
            )

    def _serve(self, servers: Servers) -> None:
        for command in self._plan.services:
            self._start(command)
        answered = False
        while True:
            self._tick()
            if server := servers.dead():
                raise Failed(
                    _("%(name)s has ended by itself, so everything is stopped; see %(log)s.")
                    % {"name": server.name, "log": server.log}
                )
            for child in [each for each in self._children if each.process.poll() is not None]:
                self._restart(child)
            if not answered and self._web_answers():
                answered = True
                self._welcome()

    def _restart(self, child: Child) -> None:
        self._forget(child)
        name = child.command.name
        quick = time.monotonic() - child.started < QUICK_SECONDS
        self._quick_failures[name] = self._quick_failures.get(name, 0) + 1 if quick else 0
        reason = {"name": name, "code": child.process.returncode}
        if self._quick_failures[name] >= QUICK_FAILURES:
            raise Failed(_("%(name)s keeps failing (exit code %(code)d); see above.") % reason)
        self._console.say(_("%(name)s ended (exit code %(code)d); starting it again.") % reason)
        self._start(child.command)

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _welcome(self) -> None:
        lines = ["", _("Ready: http://127.0.0.1:%(port)d/") % {"port": self._port}]
        sign_ins = self._data / "demo-sign-ins.txt"
        if sign_ins.exists():
            lines += ["", *sign_ins.read_text().splitlines()]
        address = f"{self._environ['PUBLIC_URL']}/operator/"
        key = {"address": address, "key": self._environ["OPERATOR_KEY"]}
        lines += ["", _("A new organization: %(address)s with the key %(key)s") % key]
        if self._environ["EMAIL_URL"].startswith("file:"):
            lines += ["", _("Letters are not sent but kept in %(mail)s.") % {"mail": self._mail}]
        lines += ["", _("Ctrl-C stops everything; the data is kept."), ""]
        self._console.say("\n".join(lines))

    def _start(self, command: Command) -> Child:
        process = spawn(command.arguments, env=self._environ, cwd=ROOT, output=subprocess.PIPE)
        child = Child(command, process, time.monotonic())
        self._children.append(child)
        self._guard_children()
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, child)
        return child

    def _tick(self) -> None:
        """Show what the children write, for a moment.

        :raises Stopped: if a signal has come, or whoever shows our output is gone.
        """
        for key, _events in self._selector.select(TICK_SECONDS):
            self._show_output(key.data)
        orphaned = "MAKELEVEL" in self._environ and os.getppid() != self._parent
        if self._stop_requested or self._console.lost or orphaned:
            raise Stopped

    def _show_output(self, child: Child) -> bool:
        """Print what there is to read, up to a limit; return whether there may be more."""
        assert child.process.stdout is not None
        try:
            chunk = os.read(child.process.stdout.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            self._stop_reading(child)
            return False
        *lines, child.unfinished = (child.unfinished + chunk).split(b"\n")
        for line in lines:
            self._say_for(child, line)
        return True

    def _stop_reading(self, child: Child) -> None:
        with suppress(KeyError):
            self._selector.unregister(child.process.stdout or 0)

    def _say_for(self, child: Child, line: bytes) -> None:
        self._console.say(line.decode(errors="replace"), who=child.command.name)

    def _forget(self, child: Child) -> None:
        """Take leave of a child that has ended, and of what it left behind."""
        kill_group(child.process)  # Its own children may have outlived it.
        while self._show_output(child):
            pass
        self._say_for(child, child.unfinished)
        self._stop_reading(child)
        assert child.process.stdout is not None
        child.process.stdout.close()
        self._children.remove(child)
        self._guard_children()

    def _guard_children(self) -> None:
        self._guard.watch(child.process for child in self._children)

    @contextmanager
    def _ending_children(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._console.say(_("Stopping."))
            for child in self._children:
                child.process.terminate()
            deadline = time.monotonic() + GRACE_SECONDS
            while time.monotonic() < deadline and _any_runs(self._children):
                with suppress(Stopped):
                    self._tick()
            for child in list(self._children):
                kill_group(child.process)
                child.process.wait()
                self._forget(child)
            self._guard.close()

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True


def _any_runs(children: Sequence[Child]) -> bool:
    return any(child.process.poll() is None for child in children)


def main() -> int:
    """Run the platform on the ``PORT`` and ``DATA_DIR`` of the environment."""
    data = data_directory()
    try:
        port = port_number(os.environ)
    except StartError as error:
        Console().say(str(error))
        return 1
    return Supervisor(platform_plan(port, data), port=port, data=data, environ=os.environ).run()


if __name__ == "__main__":
    sys.exit(main())
