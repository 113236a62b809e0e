"""Real PostgreSQL and Redis as child processes, from wheels or from what is installed.

Standard library only: it runs before the settings are read. ``DATABASE_URL`` with
``DATABASE_OWNER_URL``, and ``REDIS_URL``, name servers of your own instead.
"""

from cs_platform.embedded.data import (
    AlreadyRunning,
    data_directory,
    lock,
    running_environment,
    secret,
    write_environment,
)
from cs_platform.embedded.errors import StartError
from cs_platform.embedded.process import Guard, PortInUse, kill_group, require_free_port, spawn
from cs_platform.embedded.servers import Servers, ephemeral_servers

__all__ = [
    "AlreadyRunning",
    "Guard",
    "PortInUse",
    "Servers",
    "StartError",
    "data_directory",
    "ephemeral_servers",
    "kill_group",
    "lock",
    "require_free_port",
    "running_environment",
    "secret",
    "spawn",
    "write_environment",
]
