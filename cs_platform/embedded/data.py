"""The data directory: who holds it, its secrets, and the addresses of the running servers."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cs_platform.embedded.errors import ROOT, StartError, _

LOCK_PATIENCE_SECONDS = 0.5


class AlreadyRunning(StartError):
    """Another copy holds the data directory."""


def data_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the absolute path that ``DATA_DIR`` names; ``.data`` in the repository by default."""
    return (ROOT / (environ.get("DATA_DIR") or ".data")).resolve()


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """Hold the data directory, which is made if need be; the kernel lets go if we are killed.

    :raises AlreadyRunning: if another copy holds it.
    :raises StartError: if it cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(
            _("%(data)s cannot be written (%(reason)s): set DATA_DIR to another directory.")
            % {"data": data, "reason": error.strerror}
        ) from error
    try:
        if not _acquired(descriptor):
            raise AlreadyRunning(
                _("Already running on %(data)s: stop that copy, or set DATA_DIR and PORT.")
                % {"data": data}
            )
        yield
    finally:
        os.close(descriptor)


def secret(data: Path, name: str) -> str:
    """Return a random secret of this data directory, made on first use; safe in a URL."""
    path = data / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(48)
        _write_private(path, json.dumps(known, indent=2))
    return known[name]


@contextmanager
def write_environment(data: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Tell commands in other terminals, while it lasts, how to reach the running servers."""
    path = data / "env"
    _write_private(path, "".join(f"{name}={value}\n" for name, value in environment.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_environment(data: Path) -> dict[str, str]:
    """Return the environment of the copy that runs on ``data``; empty when none does."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        descriptor = os.open(data / "lock", os.O_RDWR)
        try:
            if _acquired(descriptor, patience=0):
                return {}  # Whatever is written there was left by a copy that was killed.
        finally:
            os.close(descriptor)
        lines = (data / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)
    return {}


def _acquired(descriptor: int, patience: float = LOCK_PATIENCE_SECONDS) -> bool:
    # Patience: ``running_environment`` holds the lock for a moment, too.
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    with open(draft, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    draft.replace(path)
