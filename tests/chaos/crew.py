"""The workers, beats, servers and the receiving end that are killed and started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cs_platform.embedded import Guard, kill_group, spawn
from cs_platform.embedded.errors import ROOT
from cs_platform.embedded.server import Server, wait_a_moment

WORKERS = 2
TICK_SECONDS = 1
LEASE_SECONDS = 3
SWEEP_SECONDS = 2
ORPHANS_LIVE_SECONDS = 0.5
LONGEST_SILENCE_SECONDS = 2
REVIVAL_SECONDS = 60

CELERY = (
    *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
    *("-m", "celery", "--app=cs_platform", "--quiet"),
)


class Crew:
    """Two workers, one beat and a receiver, while the ``with`` block lasts; all come back.

    ``receiver`` are the arguments of the receiving end; ``killed`` counts processes of workers.
    """

    def __init__(
        self,
        data: Path,
        environment: Mapping[str, str],
        dice: random.Random,
        receiver: Sequence[str],
    ) -> None:
        self.killed = 0
        self._data = data
        self._dice = dice
        self._receiver = receiver
        self._environment = {
            **os.environ,
            **environment,
            "PLANNING_TICK_SECONDS": str(TICK_SECONDS),
            "PLANNING_LEASE_SECONDS": str(LEASE_SECONDS),
            "WEBHOOK_SWEEP_SECONDS": str(SWEEP_SECONDS),
            "WORKER_CONCURRENCY": "2",
        }
        self._guard = Guard()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._beats: list[subprocess.Popen[bytes]] = []
        self._receivers: list[subprocess.Popen[bytes]] = []
        self._schedules = 0
        self._log = data / "crew.log"

    def __enter__(self) -> Self:
        for _ in range(WORKERS):
            self._start_worker()
        self.start_beat()
        self._start_receiver()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in (*self._workers, *self._beats, *self._receivers):
            kill_group(process)
            process.wait()
        self._guard.close()

    def kill_worker_parent(self) -> None:
        """Kill the parent of a worker; its children live on for a moment."""
        worker = self._dice.choice(self._workers)
        self.killed += 1 + len(_children(worker.pid))
        worker.kill()
        worker.wait()
        time.sleep(self._dice.uniform(0, ORPHANS_LIVE_SECONDS))
        kill_group(worker)
        self._workers.remove(worker)
        self._start_worker()

    def kill_worker_children(self) -> None:
        """Kill all processes that carry out tasks; their parents replace them."""
        for child in [child for worker in self._workers for child in _children(worker.pid)]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                self.killed += 1

    def replace_receiver(self) -> None:
        """Kill the receiving end; for a moment nobody answers."""
        for receiver in self._receivers:
            kill_group(receiver)
            receiver.wait()
        self._receivers.clear()
        time.sleep(self._dice.uniform(0, LONGEST_SILENCE_SECONDS))
        self._start_receiver()

    def replace_beat(self) -> None:
        """Kill every beat, and start another one."""
        for beat in self._beats:
            kill_group(beat)
            beat.wait()
        self._beats.clear()
        self.start_beat()

    def start_beat(self) -> None:
        """Start a beat, beside those that run."""
        self._schedules += 1
        schedule = self._data / f"beat-{self._schedules}"
        self._beats.append(self._start("beat", "--pidfile=", f"--schedule={schedule}"))
        self._watch()

    def are_ready(self) -> bool:
        """Tell whether every worker has processes to carry out tasks."""
        return all(_children(worker.pid) for worker in self._workers)

    def last_words(self) -> str:
        """Return the end of what they wrote."""
        return self._log.read_text(errors="replace")[-3000:]

    def _start_receiver(self) -> None:
        self._receivers.append(
            self._spawn([sys.executable, "-m", "tests.chaos.receiving", *self._receiver])
        )
        self._watch()

    def _start_worker(self) -> None:
        self._workers.append(self._start("worker", "--without-gossip", "--without-mingle"))
        self._watch()

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return self._spawn([*CELERY, *arguments])

    def _spawn(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        output = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return spawn([*command], env=self._environment, cwd=ROOT, output=output)
        finally:
            os.close(output)

    def _watch(self) -> None:
        self._guard.watch((*self._workers, *self._beats, *self._receivers))


def kill_and_revive(server: Server) -> None:
    """Kill a whole server, and start it again on the same data and port."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + REVIVAL_SECONDS
    while True:
        output = os.open(server.log, os.O_WRONLY | os.O_APPEND)
        server.process = server.launch(output)
        os.close(output)
        while server.process.poll() is None:
            if server.is_ready(server.process):
                return
            wait_a_moment()
        # Its orphans take a moment to see that they are alone.
        if time.monotonic() > deadline:
            raise TimeoutError(f"{server.name} does not come back: {server.last_words()}")


def _children(process: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
        return [int(child) for child in listed.split()]
    return []
