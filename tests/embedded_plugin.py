"""Real PostgreSQL and Redis for a whole test run, shared by its parallel workers.

A plugin, named with ``-p``, as the settings are read before any ``conftest.py``. Servers of
your own are used if ``TEST_DATABASE_URL`` (role app), ``TEST_DATABASE_OWNER_URL`` and
``TEST_REDIS_URL`` name them; a plain ``DATABASE_URL`` never is: its data may be dear.
"""

import atexit
import os
import signal
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from cs_platform.embedded import StartError, ephemeral_servers

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")

if WORKER:
    # Each worker has a Redis database of its own: gw0 takes 1, gw1 takes 2.
    server, _database = os.environ["REDIS_URL"].rsplit("/", 1)
    os.environ["REDIS_URL"] = f"{server}/{int(WORKER.removeprefix('gw')) + 1}"


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: one often waits for a server or a page."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers before the settings are read."""
    if not WORKER:
        _start_servers()
    yield


def _start_servers() -> None:
    given = {name: os.environ.get(f"TEST_{name}", "") for name in VARIABLES}
    stack = ExitStack()
    # Runs however the tests end: finished, refused, interrupted or terminated.
    atexit.register(stack.close)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        servers = stack.enter_context(ephemeral_servers(given))
    except StartError as error:
        raise pytest.UsageError(str(error)) from error
    os.environ.update(servers.environment)
