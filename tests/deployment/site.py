"""A site: one release in a folder of its own, its servers, and the processes it runs."""

import os
import pwd
import re
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from cs_platform.embedded import Guard, kill_group, spawn
from cs_platform.embedded.errors import ROOT
from cs_platform.embedded.process import Account

PREFIX = "/opt/cs"
POSTGRES = Path("/usr/lib/postgresql/15/bin")
REDIS = Path("/usr/bin/redis-server")
NGINX = Path("/usr/sbin/nginx")
PYTHON = Path("/usr/bin/python3")
WAIT_SECONDS = 90


class StepFailed(Exception):
    """Something did not go as the handbook says."""


def account(name: str) -> Account:
    """Return the user and group of a name."""
    entry = pwd.getpwnam(name)
    return Account(entry.pw_uid, entry.pw_gid)


NOBODY = account("nobody")


def wait_for(what: str, done: Callable[[], bool], seconds: float = WAIT_SECONDS) -> float:
    """Wait until ``done``; return how long it took.

    :raises StepFailed: if it takes longer than ``seconds``.
    """
    start = time.monotonic()
    while not done():
        if time.monotonic() - start > seconds:
            raise StepFailed(f"{what} did not happen within {seconds} s")
        time.sleep(0.2)
    return time.monotonic() - start


class Site:
    """A folder with a release, servers and processes, while the ``with`` block lasts."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.app = folder / "cs/app"
        self.postgres_port, self.redis_port, self.web_port = port, port + 1, port + 2
        self.http_port, self.https_port, self.mail_port = port + 3, port + 4, port + 5
        self.serving: dict[str, str] = {}
        self.owning: dict[str, str] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._guard = Guard()
        self._superuser_password = secrets.token_hex(12)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in reversed(list(self.processes)):
            self.kill(name)
        self._guard.close()

    def install(self) -> None:
        """Lay down the committed release and run what the Containerfile runs."""
        self.app.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", self.app], input=archive, check=True)
        build = (ROOT / "Containerfile").read_text().split("\nFROM ")[1]
        for command in re.findall(r"^RUN (.+)$", build, re.MULTILINE):
            here = command.replace(PREFIX, str(self.folder / "cs")).replace("python3", str(PYTHON))
            self._check(["sh", "-ec", here], env={"PATH": os.environ["PATH"]})

    def start_servers(self) -> None:
        """Start a PostgreSQL and a Redis that hold nothing."""
        cluster, postgres = self.folder / "postgres", account("postgres")
        cluster.mkdir(mode=0o700)
        password = self.folder / "superuser-password"
        password.write_text(self._superuser_password)
        for path in (cluster, password):
            os.chown(path, postgres.uid, postgres.gid)
        self._check(
            [
                POSTGRES / "initdb",
                *(f"--pgdata={cluster}", "--username=postgres", f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            env={},
            who=postgres,
        )
        place = ("-D", str(cluster), "-p", str(self.postgres_port))
        server = (str(POSTGRES / "postgres"), *place, "-c", "unix_socket_directories=")
        self.start("postgres", server, {}, who=postgres)
        store = self.folder / "redis"
        store.mkdir()
        os.chown(store, NOBODY.uid, NOBODY.gid)
        options = {"port": str(self.redis_port), "bind": "127.0.0.1", "dir": str(store)}
        options |= {"appendonly": "yes", "maxmemory-policy": "noeviction"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self.start("redis", [str(REDIS), *arguments], {})
        wait_for("PostgreSQL", self._postgres_answers)
        wait_for("Redis", self._redis_answers)

    def configure(self, **more: str) -> None:
        """Fill in the two example files."""
        self.serving = self._filled_in("deploy.env.example") | more
        self.owning = self._filled_in("deploy.owner.env.example")
        self.serving["SECRET_KEY"] = secrets.token_urlsafe(50)
        self.serving["ALLOWED_HOSTS"] = "localhost"
        self.serving["FORWARDED_ALLOW_IPS"] = "127.0.0.1"

    def manage(self, *arguments: str, owning: bool = False, **more: str) -> str:
        """Run a management command as the handbook says; return what it printed."""
        python = self.folder / "cs/venv/bin/python"
        env = self._environment() | (self.owning if owning else {}) | more
        return self._check([python, "manage.py", *arguments], env=env, who=NOBODY)

    def start_service(self, name: str) -> None:
        """Start what the systemd unit of this name starts."""
        unit = (ROOT / f"deploy/systemd/cs-{name}.service").read_text()
        (line,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        for said, here in (
            (PREFIX, str(self.folder / "cs")),
            ("127.0.0.1:8000", f"127.0.0.1:{self.web_port}"),
            ("/tmp/beat-schedule", str(self.folder / "tmp/beat-schedule")),
        ):
            line = line.replace(said, here)
        (self.folder / "tmp").mkdir(mode=0o777, exist_ok=True)
        (self.folder / "tmp").chmod(0o777)
        self.start(name, shlex.split(line), self._environment())

    def start_proxy(self) -> None:
        """Start nginx with our configuration and a certificate of its own."""
        tls = self.folder / "tls"
        tls.mkdir()
        self._check(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
                *("-keyout", tls / "privkey.pem", "-out", tls / "fullchain.pem"),
            ],
            env={"PATH": os.environ["PATH"]},
        )
        site = (ROOT / "deploy/nginx.conf").read_text()
        for said, here in (
            ("web:8000", f"127.0.0.1:{self.web_port}"),
            ("listen 80;", f"listen {self.http_port};"),
            ("listen 443 ", f"listen {self.https_port} "),
            ("cs.example.com", "localhost"),
            ("/etc/nginx/tls", str(tls)),
            ("https://$host$request_uri", f"https://$host:{self.https_port}$request_uri"),
            # A port other than 443 is part of the host.
            ("Host $host;", "Host $http_host;"),
        ):
            if said not in site:
                raise StepFailed(f"deploy/nginx.conf no longer says {said!r}")
            site = site.replace(said, here)
        configuration = self.folder / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/nginx-{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration.write_text(
            f"daemon off;\npid {self.folder}/nginx.pid;\nerror_log stderr warn;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
        )
        self._check([NGINX, "-t", "-q", "-c", configuration], env={})
        self.start("nginx", [str(NGINX), "-c", str(configuration)], {}, who=None)

    def start(
        self,
        name: str,
        arguments: Sequence[str | Path],
        env: Mapping[str, str],
        who: Account | None = NOBODY,
    ) -> None:
        """Start a process that stays, as nobody unless told otherwise; it writes to a log."""
        with self.log(name).open("ab") as log:
            self.processes[name] = spawn(
                arguments, env=env, cwd=self.app, output=log.fileno(), account=who
            )
        self._guard.watch(self.processes.values())

    def stop(self, name: str) -> float:
        """End a process in good order; return how long that took."""
        process = self.processes[name]
        process.terminate()
        seconds = wait_for(f"the end of {name}", lambda: process.poll() is not None)
        self.kill(name)
        return seconds

    def kill(self, name: str) -> None:
        """Kill a process and its children at once."""
        process = self.processes.pop(name)
        kill_group(process)
        process.wait()
        self._guard.watch(self.processes.values())

    def log(self, name: str) -> Path:
        """Return where a process writes."""
        return self.folder / f"{name}.log"

    def superuser(self, database: str = "cs") -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the superuser."""
        return psycopg.connect(self.url("postgres", database), autocommit=True)

    def url(self, role: str, database: str = "cs") -> str:
        """Return the address of the database for a role."""
        urls = {"app": self.serving.get("DATABASE_URL", "")} | {
            role: self.owning.get(f"DATABASE_{role.upper()}_URL", "")
            for role in ("owner", "backup")
        }
        urls["postgres"] = (
            f"postgres://postgres:{self._superuser_password}"
            f"@127.0.0.1:{self.postgres_port}/{database}"
        )
        return urls[role]

    def run(self, *arguments: str | Path) -> str:
        """Run a program of the distribution; return what it printed."""
        return self._check(list(arguments), env={"PATH": os.environ["PATH"]})

    def _filled_in(self, name: str) -> dict[str, str]:
        lines = (self.app / name).read_text().splitlines()
        pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return {
            key: value.replace("@postgres/", f"@127.0.0.1:{self.postgres_port}/")
            .replace("redis:6379", f"127.0.0.1:{self.redis_port}")
            .replace("change-me-superuser", self._superuser_password)
            .replace("change-me", "rehearsed")
            for key, value in pairs
        }

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"} | self.serving

    def _check(
        self,
        arguments: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        who: Account | None = None,
    ) -> str:
        done = subprocess.run(
            arguments,
            cwd=self.app if self.app.exists() else self.folder,
            env=dict(env),
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=[] if who else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StepFailed(
                f"{shlex.join(map(str, arguments))}\nends with {done.returncode}:\n"
                f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        return done.stdout

    def _postgres_answers(self) -> bool:
        try:
            self.superuser("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _redis_answers(self) -> bool:
        try:
            return bool(redis.Redis(port=self.redis_port).ping())
        except redis.RedisError:
            return False


def missing_programs() -> list[str]:
    """Return what has to be installed first."""
    wanted = (POSTGRES / "postgres", REDIS, NGINX, PYTHON)
    found = [str(path) for path in wanted if not path.exists()]
    return found + [name for name in ("openssl", "chromium") if not shutil.which(name)]
