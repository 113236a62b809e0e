"""``make run`` with real servers and small stand-ins for web, worker and beat."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cs_platform.embedded import running_environment
from cs_platform.embedded.process import free_ports

ROOT = Path(__file__).resolve().parents[2]

WEB = """
import http.server, os
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
WORKER = """
import subprocess, sys, time
subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"])
print("worker is up")
time.sleep(1000)
"""
DEMO = """
import os, pathlib
pathlib.Path(os.environ["DATA_DIR"], "demo-sign-ins.txt").write_text("mei@example.com / secret")
print("demo data is loaded")
"""
STAND_IN = f"""
import os, sys
from cs_platform.embedded import data_directory
from cs_platform.supervisor import Command, Plan, Supervisor
def command(name, script):
    return Command(name, (sys.executable, "-c", script))
plan = Plan(
    migrate=command("migrate", "print('migrated', end='')"),
    load_demo=command("demo", {DEMO!r}),
    services=(command("web", {WEB!r}), command("worker", os.environ["WORKER"])),
)
port, data = int(os.environ["PORT"]), data_directory()
sys.exit(Supervisor(plan, port=port, data=data, environ=os.environ).run())
"""


class Platform:
    """One run of the supervisor on a data directory."""

    def __init__(self, data: Path, port: int, worker: str) -> None:
        self.data = data
        self.port = port
        self.seen = ""
        kept = ("PATH", "HOME", "LANG", "PG_BIN", "REDIS_BIN")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-c", STAND_IN],
            cwd=ROOT,
            env=env | {"DATA_DIR": str(data), "PORT": str(port), "WORKER": worker},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, text: str) -> None:
        assert self.process.stdout is not None
        while text not in self.seen:
            line = self.process.stdout.readline()
            assert line, f"ended before {text!r}:\n{self.seen}"
            self.seen += line

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        if self.process.stdout and not self.process.stdout.closed:
            self.seen += self.process.communicate(timeout=20)[0]
        return self.process.returncode

    def remains(self) -> list[str]:
        """Return the processes that belong to this data directory."""
        return [
            process.name
            for process in Path("/proc").iterdir()
            if process.name.isdecimal() and self._owns(process)
        ]

    def remains_after(self, seconds: float) -> list[str]:
        deadline = time.monotonic() + seconds
        while self.remains() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.remains()

    def _owns(self, process: Path) -> bool:
        try:
            facts = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            return str(self.data).encode() in facts or (process / "cwd").readlink().is_relative_to(
                self.data
            )
        except OSError:
            return False


Start = Callable[..., Platform]


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    return next(free_ports())


@pytest.fixture
def start(data: Path, port: int) -> Iterator[Start]:
    platforms = []

    def start_platform(worker: str = WORKER, **changes: int) -> Platform:
        platforms.append(Platform(data, changes.get("port", port), worker))
        return platforms[-1]

    yield start_platform
    for platform in platforms:
        platform.process.kill()
        platform.wait()
    for platform in platforms:
        assert platform.remains_after(5) == []


class TestFirstStart:
    def test_ends_with_the_address_and_the_sign_ins(self, start: Start) -> None:
        platform = start()
        platform.read_until("Ctrl-C stops everything")
        assert "migrate  | migrated" in platform.seen
        assert "demo     | demo data is loaded" in platform.seen
        assert f"Ready: http://127.0.0.1:{platform.port}/" in platform.seen
        assert "mei@example.com / secret" in platform.seen

    def test_gives_two_roles_that_need_their_passwords(self, start: Start, data: Path) -> None:
        platform = start()
        platform.read_until("Ready")
        environment = running_environment(data)
        with psycopg.connect(environment["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE note (id bigserial PRIMARY KEY, body text)")
        with psycopg.connect(environment["DATABASE_URL"]) as app:
            app.execute("INSERT INTO note (body) VALUES ('kept')")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("TRUNCATE note")
        without_password = psycopg.conninfo.make_conninfo(
            environment["DATABASE_URL"], password="wrong"
        )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(without_password)

    def test_says_where_letters_go_and_how_organizations_come(
        self, start: Start, data: Path, port: int
    ) -> None:
        platform = start()
        platform.read_until("Ctrl-C stops")
        environment = running_environment(data)
        assert environment["PUBLIC_URL"] == f"http://127.0.0.1:{port}"
        assert f"Letters are not sent but kept in {data.resolve()}/mail." in platform.seen
        key = environment["OPERATOR_KEY"]
        assert f"http://127.0.0.1:{port}/operator/ with the key {key}" in platform.seen
        assert (data / "mail").stat().st_mode & 0o077 == 0

    def test_keeps_secrets_from_other_accounts(self, start: Start, data: Path) -> None:
        start().read_until("Ready")
        for name in ("secrets.json", "env", "postgresql.log", "redis.log"):
            assert (data / name).stat().st_mode & 0o077 == 0, name

    def test_that_fails_loads_the_demo_again_next_time(self, start: Start, data: Path) -> None:
        (data / "demo-sign-ins.txt").mkdir()
        platform = start()
        assert platform.wait() == 1
        assert "demo failed (exit code 1)" in platform.seen
        (data / "demo-sign-ins.txt").rmdir()
        start().read_until("demo data is loaded")


class TestSecondStart:
    def test_keeps_the_data_and_loads_no_demo(self, start: Start, data: Path) -> None:
        first = start()
        first.read_until("Ready")
        with psycopg.connect(running_environment(data)["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE note AS SELECT 'kept' AS body")
        first.end(signal.SIGINT)
        second = start()
        second.read_until("Ready")
        assert "demo data is loaded" not in second.seen
        with psycopg.connect(running_environment(data)["DATABASE_URL"]) as app:
            assert app.execute("SELECT body FROM note").fetchall() == [("kept",)]

    def test_is_refused_while_a_copy_runs(self, start: Start, port: int) -> None:
        first = start()
        first.read_until("Ready")
        second = start(port=port + 1)
        assert second.wait() == 1
        assert "Already running" in second.seen
        assert len(second.seen.splitlines()) == 1
        assert first.process.poll() is None

    def test_works_after_postgresql_was_killed_with_us(self, start: Start, data: Path) -> None:
        first = start()
        first.read_until("Ready")
        pid_file = data / "postgres" / "cluster" / "postmaster.pid"
        stale = pid_file.read_text()
        first.end(signal.SIGKILL)
        assert first.remains_after(5) == []
        # The same id now belongs to some other process, as after the restart of a container.
        account = pid_file.parent.stat().st_uid if os.geteuid() == 0 else None
        with subprocess.Popen(["sleep", "60"], user=account, cwd="/") as other:
            pid_file.write_text(stale.replace(stale.split()[0], str(other.pid), 1))
            start().read_until("Ready")
            assert other.poll() is None
            other.kill()

    def test_with_files_of_another_postgresql_says_so(self, start: Start, data: Path) -> None:
        first = start()
        first.read_until("Ready")
        first.end(signal.SIGINT)
        (data / "postgres" / "cluster" / "PG_VERSION").write_text("9\n")
        second = start()
        assert second.wait() == 1
        assert "was made by PostgreSQL 9, and only" in second.seen


class TestStop:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_by_signal_ends_all_that_was_started(
        self, start: Start, data: Path, number: signal.Signals
    ) -> None:
        platform = start()
        platform.read_until("worker is up")
        platform.read_until("Ready")
        began = time.monotonic()
        assert platform.end(number) == 0
        assert time.monotonic() - began < 10
        assert platform.remains() == []
        assert running_environment(data) == {}
        assert not (data / "env").exists()

    def test_by_force_leaves_nothing_behind(self, start: Start, data: Path) -> None:
        platform = start()
        platform.read_until("worker is up")
        assert platform.remains()
        platform.end(signal.SIGKILL)
        assert platform.remains_after(5) == []
        assert (data / "env").exists()
        assert running_environment(data) == {}

    def test_while_it_still_starts_is_obeyed(self, start: Start) -> None:
        platform = start()
        platform.read_until("Starting the servers")
        assert platform.end(signal.SIGTERM) == 0
        assert platform.remains() == []


class TestTrouble:
    def test_a_port_in_use_is_told_before_anything_starts(
        self, start: Start, data: Path, port: int
    ) -> None:
        with socket.create_server(("127.0.0.1", port)):
            platform = start()
            assert platform.wait() == 1
        assert f"Port {port} cannot be used" in platform.seen
        assert not (data / "postgres").exists()

    def test_a_dead_service_is_started_again(self, start: Start, data: Path) -> None:
        once = "import os, sys, time; mark = os.environ['DATA_DIR'] + '/mark'\n" + (
            "if not os.path.exists(mark): open(mark, 'w').close(); sys.exit(3)\n"
            "print('alive again'); time.sleep(1000)"
        )
        platform = start(worker=once)
        platform.read_until("alive again")
        assert "worker ended (exit code 3); starting it again." in platform.seen

    def test_a_service_that_keeps_failing_ends_all(self, start: Start) -> None:
        platform = start(worker="raise SystemExit(7)")
        assert platform.wait() == 1
        assert "worker keeps failing (exit code 7)" in platform.seen
        assert platform.seen.count("starting it again") == 2
        assert platform.remains() == []

    def test_a_dead_server_ends_all(self, start: Start, data: Path) -> None:
        platform = start()
        platform.read_until("Ready")
        pid_file = data / "postgres" / "cluster" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        assert platform.wait() == 1
        assert f"see {data}/postgresql.log" in platform.seen
        assert platform.remains() == []

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
    def test_a_place_closed_to_postgresql_is_left_for_another(self, data: Path, port: int) -> None:
        data.chmod(0o700)
        platform = Platform(data / "inner", port, WORKER)
        platform.read_until("Ready")
        home = (data / "inner" / "postgres").resolve()
        try:
            assert not home.is_relative_to(data)
            assert f"its files are in {home}" in platform.seen
        finally:
            assert platform.end(signal.SIGTERM) == 0
            shutil.rmtree(home)
