"""What PostgreSQL and Redis have in common: a port, a log, ready or not, an orderly end."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from cs_platform.embedded.errors import StartError, _
from cs_platform.embedded.process import end, free_ports, is_taken

# Long enough for the recovery after a crash.
START_SECONDS = 120
STOP_SECONDS = 4


def wait_a_moment() -> None:
    """Sleep between two looks at something that takes its time."""
    time.sleep(0.02)


class Server(ABC):
    """One server of a data directory, on a free port of 127.0.0.1."""

    name: ClassVar[str]
    orderly: ClassVar[signal.Signals]
    at_once: ClassVar[signal.Signals]

    def __init__(
        self, data: Path, *, durable: bool, pause: Callable[[], None] = wait_a_moment
    ) -> None:
        self.data = data
        self.durable = durable
        self.log = data / f"{self.name.lower()}.log"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._pause = pause

    @abstractmethod
    def launch(self, output: int) -> subprocess.Popen[bytes]:
        """Start the process on ``self.port``, writing to a descriptor."""

    @abstractmethod
    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Tell whether this very process serves; another one on its port does not count."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the variables that lead to the running server."""

    def start(self) -> None:
        """Start it and wait until it serves; take another port if somebody was faster.

        :raises StartError: if it ends or is not ready in time.
        """
        for self.port in free_ports():
            output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                self.process = self.launch(output)
            finally:
                os.close(output)
            if self._serves(self.process):
                return
        raise StartError(_("No port is free for %(name)s.") % {"name": self.name})

    def has_died(self) -> bool:
        """Tell whether it was started and has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def request_stop(self) -> None:
        """Ask it to end in order, without waiting for it."""
        if self.process:
            end(self.process, self.orderly)

    def stop(self) -> None:
        """End it: in order, after some seconds at once."""
        if self.process is None:
            return
        for number in (self.orderly, self.at_once, signal.SIGKILL):
            end(self.process, number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            break
        self.process = None

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-1500:]

    def _serves(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                if is_taken(self.port):
                    return False
                raise StartError(
                    _("%(name)s did not start; %(log)s ends with:\n%(words)s")
                    % {"name": self.name, "log": self.log, "words": self.last_words()}
                )
            if self.is_ready(process):
                return True
            self._pause()
        raise StartError(
            _("%(name)s is not ready after %(seconds)d seconds; see %(log)s.")
            % {"name": self.name, "seconds": START_SECONDS, "log": self.log}
        )
