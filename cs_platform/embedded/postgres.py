"""The embedded PostgreSQL: its cluster, its account, its roles and its database."""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cs_platform.embedded.binaries import (
    SHARED,
    make_shared_folder,
    postgres_bin,
    reachable,
    reachable_copy,
)
from cs_platform.embedded.data import secret
from cs_platform.embedded.errors import StartError, _
from cs_platform.embedded.process import Account, spawn
from cs_platform.embedded.server import Server, wait_a_moment
from toolkit.database_roles import identifier, role_statements

SUPERUSER = "postgres"
OWNER = "owner"
APP = "app"
DATABASE = "cs"

# Time that a server of a run that was killed gets to end.
LEFTOVER_SECONDS = 10


class Postgres(Server):
    """PostgreSQL that knows passwords only, in UTC and with the C.UTF-8 locale.

    It refuses to run as root; then it runs as ``postgres`` or ``nobody``, and what that account
    cannot reach in the data directory lies below ``/var/lib/cs-platform``.
    """

    name = "PostgreSQL"
    orderly = signal.SIGINT  # "Fast": ends the sessions, then writes a checkpoint.
    at_once = signal.SIGQUIT  # Recovers at the next start.

    def __init__(
        self, data: Path, *, durable: bool, pause: Callable[[], None] = wait_a_moment
    ) -> None:
        super().__init__(data, durable=durable, pause=pause)
        self.home = data / "postgres"
        self._env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PGTZ": "UTC"}
        self._bin = Path()

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.home / "cluster"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and bring roles and database up to date."""
        self.home = self._reachable_home()
        self._bin = postgres_bin(self._made_by())
        account = self._account()
        if account:
            self._bin = reachable_copy(self._bin)
        if not self.cluster.exists():
            self._make_cluster(account)
        self._clear_leftover()
        super().start()
        self._set_up()

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        """Start the process."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            [self._bin / "postgres", "-D", self.cluster, *arguments],
            env=self._env,
            cwd=Path("/"),
            output=output,
            when_we_die=self.orderly,
            account=self._account(),
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Read the status that this very process writes beside its id."""
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def environment(self) -> dict[str, str]:
        """Return ``DATABASE_URL`` and ``DATABASE_OWNER_URL``."""
        return {"DATABASE_URL": self._url(APP), "DATABASE_OWNER_URL": self._url(OWNER)}

    def _url(self, role: str) -> str:
        return f"postgres://{role}:{secret(self.data, role)}@127.0.0.1:{self.port}/{DATABASE}"

    def _reachable_home(self) -> Path:
        if not self.home.exists():
            if os.geteuid() == 0 and not reachable(self.data):
                make_shared_folder()
                place = tempfile.mkdtemp(prefix="postgres-", dir=SHARED)
                self.home.unlink(missing_ok=True)
                self.home.symlink_to(place)
            else:
                self.home.mkdir()
            self.home.chmod(0o711)
        return self.home.resolve()

    def _account(self) -> Account | None:
        if os.geteuid() != 0:
            return None
        with suppress(FileNotFoundError):
            owned = self.cluster.stat()
            return Account(uid=owned.st_uid, gid=owned.st_gid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return Account(uid=entry.pw_uid, gid=entry.pw_gid)
        raise StartError(
            _("PostgreSQL refuses to run as root, and there is no account postgres or nobody.")
        )

    def _made_by(self) -> int | None:
        version = self.cluster / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _make_cluster(self, account: Account | None) -> None:
        # Made beside its place: a cluster that was begun and not finished never looks like one.
        with tempfile.TemporaryDirectory(prefix="new-", dir=self.home) as draft:
            password = Path(draft) / "password"
            cluster = Path(draft) / "cluster"
            password.write_text(secret(self.data, SUPERUSER))
            cluster.mkdir(mode=0o700)
            if account:
                for path in (draft, password, cluster):
                    os.chown(path, account.uid, account.gid)
            self._run_initdb(cluster, password, account)
            cluster.rename(self.cluster)

    def _run_initdb(self, cluster: Path, password: Path, account: Account | None) -> None:
        arguments: list[str | Path] = [
            self._bin / "initdb",
            f"--pgdata={cluster}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        if not self.durable:
            arguments.append("--no-sync")
        process = spawn(
            arguments, env=self._env, cwd=Path("/"), output=subprocess.PIPE, account=account
        )
        said, _nothing = process.communicate()
        if process.returncode:
            raise StartError(
                _("PostgreSQL could not make its files in %(cluster)s:\n%(words)s")
                % {"cluster": cluster, "words": said.decode(errors="replace")[-1500:]}
            )

    def _clear_leftover(self) -> None:
        """Remove what a killed run left: its server, or only the file with a stale process id.

        PostgreSQL alone would refuse to start if that id now belongs to some other process, or
        to a zombie that nobody reaps.
        """
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while (pid := self._serving_pid()) is not None:
            if time.monotonic() > deadline:
                raise StartError(
                    _("PostgreSQL (process %(pid)d) still uses %(cluster)s: stop it first.")
                    % {"pid": pid, "cluster": self.cluster}
                )
            self._pause()
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _serving_pid(self) -> int | None:
        lines = self._pid_file_lines()
        if not lines or not lines[0].isdecimal():
            return None
        pid = int(lines[0])
        # A postmaster works in its cluster; a zombie has no directory any more.
        with suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink() == self.cluster:
                return pid
        return None

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _set_up(self) -> None:
        databases = self._sql("postgres", "SELECT datname FROM pg_database").split()
        if DATABASE not in databases:
            self._sql("postgres", f"CREATE DATABASE {identifier(DATABASE)}")
        roles = role_statements(
            OWNER, secret(self.data, OWNER), APP, secret(self.data, APP), DATABASE
        )
        self._sql(DATABASE, *roles)

    def _sql(self, database: str, *statements: str) -> str:
        arguments = [
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--set=ON_ERROR_STOP=1",
            "--no-password",
        ]
        address = ["--host=127.0.0.1", f"--port={self.port}", f"--username={SUPERUSER}"]
        done = subprocess.run(
            [self._bin / "psql", *arguments, *address, f"--dbname={database}"],
            input=";\n".join(statements),
            env=self._env | {"PGPASSWORD": secret(self.data, SUPERUSER)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartError(
                _("PostgreSQL could not be set up: %(words)s") % {"words": done.stderr.strip()}
            )
        return done.stdout.strip()
