"""Probes for operators: is the process up, and is the platform ready to serve."""

import json
import time
from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

log = structlog.get_logger(__name__)

WORKER_SILENT_AFTER_SECONDS = 180
PLANNING_LATE_AFTER_SECONDS = 900


class NotReady(Exception):
    """A part that does not work, in words for an operator."""


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is up."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, 503 with the parts that do not."""
    checks: dict[str, Callable[[], None]] = {
        "database": _database,
        "redis": _redis,
        "worker": _worker,
        "planning": _planning,
    }
    report = {name: _outcome(name, check) for name, check in checks.items()}
    ready = all(text == "ok" for text in report.values())
    return JsonResponse({"ready": ready, **report}, status=200 if ready else 503)


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as problem:
        return str(problem)
    except Exception:
        log.exception("readiness check failed", part=name)
        return "unreachable"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    _client().ping()


def _worker() -> None:
    pulse = _pulse()
    silent = time.time() - pulse["at"] if pulse else None
    if silent is None:
        raise NotReady("no worker has been seen")
    if silent > WORKER_SILENT_AFTER_SECONDS:
        raise NotReady(f"no worker has been seen for {silent:.0f} s")


def _planning() -> None:
    late = _pulse().get("late_seconds", 0)
    if late > PLANNING_LATE_AFTER_SECONDS:
        raise NotReady(f"a region is planned {late:.0f} s late")


def _pulse() -> dict[str, float]:
    """Return what the last planning tick left: when it ran, and the lateness that it found."""
    text = _client().get("planning:pulse")
    return json.loads(text) if text else {}


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, decode_responses=True)
