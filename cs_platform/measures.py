"""What probes and the doctor measure."""

import time
from functools import cache

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from engagement.services import planning_state as planning_state
from engagement.tasks import PULSE_KEY


def pending_migrations() -> list[str]:
    """Return the migrations of this release that the database has not seen."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in _released_migrations() - applied.keys())


def seconds_since_tick() -> float | None:
    """Return how long ago a worker took a planning tick; None if none ever did."""
    at = redis_client().get(PULSE_KEY)
    return None if at is None else time.time() - float(str(at))


def redis_client() -> redis.Redis:
    """Return a client that does not wait long."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, decode_responses=True)


@cache
def _released_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
