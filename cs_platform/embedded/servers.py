"""PostgreSQL and Redis together, each only if no server of your own is named."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cs_platform.embedded.data import secret
from cs_platform.embedded.errors import StartError, _
from cs_platform.embedded.postgres import Postgres
from cs_platform.embedded.redis import Redis
from cs_platform.embedded.server import Server, wait_a_moment


class Servers:
    """The servers of one data directory, while the ``with`` block lasts.

    ``environment`` then holds all that the settings need. ``durable=False`` trades safety for
    speed, for data that nobody will miss. ``pause`` is called while we wait, and may raise.

    :raises StartError: on entry, with a message for people.
    """

    def __init__(
        self,
        data: Path,
        *,
        environ: Mapping[str, str] = os.environ,
        durable: bool = True,
        pause: Callable[[], None] = wait_a_moment,
    ) -> None:
        self.data = data
        self.environment: dict[str, str] = {}
        self._environ = dict(environ)
        self.postgres = Postgres(data, durable=durable, pause=pause)
        self.redis = Redis(data, durable=durable, pause=pause)

    @property
    def embeds_database(self) -> bool:
        """Whether the database is ours, and not a server of your own."""
        return not self._environ.get("DATABASE_URL")

    def __enter__(self) -> Self:
        try:
            for server in self._embedded():
                server.start()
        except BaseException:
            self._stop()
            raise
        self.environment = self._named() | {
            name: value
            for server in self._embedded()
            for name, value in server.environment().items()
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def dead(self) -> Server | None:
        """Return a server that has ended by itself, if there is one."""
        return next((server for server in self._embedded() if server.has_died()), None)

    def _embedded(self) -> list[Server]:
        servers: list[Server] = []
        if self.embeds_database:
            servers.append(self.postgres)
        elif not self._environ.get("DATABASE_OWNER_URL"):
            raise StartError(
                _(
                    "DATABASE_URL (role app) needs DATABASE_OWNER_URL beside it: the role that"
                    " migrates. `manage.py setup_database` makes both on your server."
                )
            )
        if not self._environ.get("REDIS_URL"):
            servers.append(self.redis)
        return servers

    def _named(self) -> dict[str, str]:
        given = {
            name: self._environ[name]
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
            if self._environ.get(name)
        }
        return given | {
            "SECRET_KEY": self._environ.get("SECRET_KEY") or secret(self.data, "secret_key"),
            "DATA_DIR": str(self.data),
        }

    def _stop(self) -> None:
        for server in (self.redis, self.postgres):
            server.request_stop()
        for server in (self.redis, self.postgres):
            server.stop()


@contextmanager
def ephemeral_servers(
    environ: Mapping[str, str] = os.environ, *, durable: bool = False
) -> Iterator[Servers]:
    """Run servers whose data is gone afterwards: for tests and measurements.

    ``durable=True`` pays for every commit what production pays.
    """
    data = Path(tempfile.mkdtemp(prefix="cs-"))
    data.chmod(0o711)
    servers = Servers(data, environ=environ, durable=durable)
    try:
        with servers:
            yield servers
    finally:
        shutil.rmtree(servers.postgres.home, ignore_errors=True)
        shutil.rmtree(data)
