"""Databases to measure in, each a copy of one that was prepared."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from cs_platform.embedded import Servers, secret
from cs_platform.embedded.postgres import DATABASE, SUPERUSER

MEMORY = {"shared_buffers": "2GB", "max_wal_size": "8GB"}
"""What a server for a million accounts has; with the defaults both sides wait for the disk."""


class Laboratory:
    """One server, its superuser, and the database that Django is connected to."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def superuser(self, database: str = DATABASE) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect as the superuser, each statement a transaction of its own."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self._servers.postgres.port,
            user=SUPERUSER,
            password=secret(self._servers.data, SUPERUSER),
            dbname=database,
            autocommit=True,
        )

    @contextmanager
    def copy(self, name: str, *, of: str = DATABASE) -> Iterator[None]:
        """Let Django work on a copy of a database, which is dropped afterwards.

        The copy starts as the original lies on disk: nothing left of an earlier measurement.
        """
        before = connections["default"].settings_dict["NAME"]
        self._connect_django("postgres")
        with self.superuser("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(of)
                )
            )
        self._connect_django(name)
        try:
            yield
        finally:
            self._connect_django(before)
            with self.superuser("postgres") as connection:
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))

    def measure(self, action: Callable[[], object]) -> "Cost":
        """Return what an action costs, on a disk that has nothing older left to write."""
        with self.superuser("postgres") as connection:
            connection.execute("CHECKPOINT")
        os.sync()
        cpu_before, start = self._cpu_seconds(), time.perf_counter()
        action()
        return Cost(time.perf_counter() - start, self._cpu_seconds() - cpu_before)

    def prepare(self) -> None:
        """Restart the server with memory for a million accounts, and migrate the database."""
        with self.superuser("postgres") as connection:
            for setting, value in MEMORY.items():
                connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        self._servers.postgres.stop()
        self._servers.postgres.start()
        for alias in ("default", "owner"):
            connections[alias].settings_dict["PORT"] = self._servers.postgres.port
        call_command("migrate", verbosity=0)

    def _cpu_seconds(self) -> float:
        """Return the processor time so far: of this process, its children and the server."""
        assert self._servers.postgres.process is not None
        postmaster = self._servers.postgres.process.pid
        ticks = sum(_ticks(postmaster, slice(11, 15)))
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for child in children:
            with suppress(FileNotFoundError):
                ticks += sum(_ticks(int(child), slice(11, 13)))
        return sum(os.times()[:4]) + ticks / os.sysconf("SC_CLK_TCK")

    def _connect_django(self, database: str) -> None:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall, and of processor time in this process and the database together."""

    wall: float
    cpu: float


def _ticks(process: int, fields: slice) -> list[int]:
    """Return clock ticks from a process's status. Source: proc(5), counted after the name."""
    status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return [int(value) for value in status[fields]]


def spread(values: Sequence[float]) -> str:
    """Return the median with the lowest and the highest value, three digits each."""
    return f"{median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def say(line: str = "") -> None:
    """Print a line at once."""
    print(line, flush=True)
