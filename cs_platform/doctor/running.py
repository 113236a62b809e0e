"""Checks of what runs beside the web: Redis, workers, beat, planning."""

import redis
from django.conf import settings

from cs_platform import measures
from cs_platform.celery import app as celery_app
from cs_platform.doctor.findings import Finding, ok, warning, wrong
from cs_platform.health import LETTER_LATE_AFTER_SECONDS, PLANNING_LATE_AFTER_SECONDS
from outbox.services import oldest_waiting_seconds

LEAST_REDIS = (6, 2)
MISSED_TICKS = 3
ANSWER_SECONDS = 3


def redis_server() -> Finding:
    """Check that Redis answers, is recent, and forgets nothing on its own."""
    try:
        information = measures.redis_client().info()
    except (redis.RedisError, ValueError) as error:
        return wrong(f"Redis cannot be reached: {error}.", "Start it or correct REDIS_URL.")
    name = str(information["redis_version"])
    if tuple(int(part) for part in name.split(".")[:2]) < LEAST_REDIS:
        return wrong(f"This is Redis {name}.", "Upgrade to Redis 6.2 or newer.")
    policy = information.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return wrong(
            f"Redis may throw away waiting tasks (maxmemory-policy {policy}).",
            "Set maxmemory-policy noeviction.",
        )
    return ok(f"Redis {name} answers and evicts nothing.")


def redis_persistence() -> Finding:
    """Check that waiting tasks survive a restart of Redis."""
    client = measures.redis_client()
    if client.info("persistence").get("aof_enabled"):
        return ok("Waiting tasks are written to disk.")
    return warning(
        "A restart of Redis forgets waiting tasks; planning finds its own again within minutes.",
        "Set appendonly yes.",
    )


def workers() -> Finding:
    """Check that workers answer."""
    answers = celery_app.control.ping(timeout=ANSWER_SECONDS)
    if not answers:
        return wrong("No worker answers.", "Start a worker, and read its log if one should run.")
    return ok(f"Workers that answer: {len(answers)}.")


def beat() -> Finding:
    """Check that ticks come."""
    silent = measures.seconds_since_tick()
    if silent is None:
        return wrong("No planning tick was ever taken.", "Start beat and a worker.")
    if silent > MISSED_TICKS * settings.PLANNING_TICK_SECONDS:
        return wrong(
            f"The last planning tick was {silent:.0f} s ago.", "Start beat; read the worker's log."
        )
    return ok(f"The last planning tick was {silent:.0f} s ago.")


def planning() -> Finding:
    """Check that regions are planned when they are due."""
    state = measures.planning_state()
    if state.late_seconds > PLANNING_LATE_AFTER_SECONDS:
        return wrong(
            f"A region should have been planned {state.late_seconds:.0f} s ago.",
            "Start more workers; read their log.",
        )
    if state.failed_regions:
        return warning(
            f"{state.failed_regions} regions failed when last planned.",
            "Admin, Region planning says why; ask the organization's admin or read the log.",
        )
    return ok(f"No region failed, and the latest is {state.late_seconds:.0f} s late.")


def letters() -> Finding:
    """Check that letters leave."""
    waiting = oldest_waiting_seconds()
    if waiting > LETTER_LATE_AFTER_SECONDS:
        return wrong(
            f"A letter has been waiting for {waiting:.0f} s.",
            "Read the worker's log for what the mail server says; correct EMAIL_URL.",
        )
    return ok("No letter waits for long.")
