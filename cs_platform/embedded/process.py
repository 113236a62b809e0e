"""Child processes that do not outlive us, and ports to listen on."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cs_platform.embedded.errors import StartError, _

# Ports from 32768 up are handed out to clients: a server's port could be taken at any moment.
PORTS = range(20000, 32000)

PR_SET_PDEATHSIG = 1

# Loaded before any fork: after a change of user the library may be unreadable.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


# Keeps the newest line it is told; when nobody is left to tell, ends the groups named there.
GUARD = "while read -r line; do groups=$line; done; kill -s KILL -- $groups 2>/dev/null"


class PortInUse(StartError):
    """Another program listens on the port."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group that a process runs as."""

    uid: int
    gid: int


def spawn(
    arguments: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int,
    when_we_die: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches us alone.

    The kernel sends it ``when_we_die`` should we be killed (Linux). To be called from the main
    thread, as that signal is bound to the thread. ``output`` is a descriptor or ``PIPE``.
    """
    return subprocess.Popen(
        arguments,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid(), when_we_die),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child, unless it has ended."""
    if process.poll() is None:
        process.send_signal(number)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group that a spawned child leads, the child included."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Guard:
    """A process that kills the groups it was told of once we are gone, however we went.

    The kernel tells only our children; this reaches theirs as well.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", GUARD], stdin=subprocess.PIPE, cwd="/", start_new_session=True
        )

    def watch(self, processes: Iterable[subprocess.Popen[bytes]]) -> None:
        """Name all the groups that must not outlive us; the last call counts."""
        assert self._process.stdin is not None
        groups = " ".join(f"-{process.pid}" for process in processes)
        self._process.stdin.write(f"{groups}\n".encode())
        self._process.stdin.flush()

    def close(self) -> None:
        """Let go, killing what is still watched."""
        self._process.communicate()


def require_free_port(port: int) -> None:
    """Return if nobody listens on this port of 127.0.0.1.

    :raises PortInUse: if somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortInUse(
                _("Port %(port)d cannot be used (%(reason)s): set PORT to another, like PORT=8001.")
                % {"port": port, "reason": error.strerror}
            ) from error


def free_ports(attempts: int = 50) -> Iterator[int]:
    """Yield ports that were free a moment ago, in random order so that two starts rarely meet."""
    for port in random.sample(PORTS, attempts):
        if not is_taken(port):
            yield port


def is_taken(port: int) -> bool:
    """Tell whether a program listens on this port of 127.0.0.1."""
    try:
        require_free_port(port)
    except PortInUse:
        return True
    return False


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None

    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # Killed between the fork and the line above.
            os._exit(1)

    return bind
