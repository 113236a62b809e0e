"""Probes for operators: is the process up, and is the platform ready to serve."""

from collections.abc import Callable

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from cs_platform import measures
from outbox.services import oldest_waiting_seconds

log = structlog.get_logger(__name__)

WORKER_SILENT_AFTER_SECONDS = 180
PLANNING_LATE_AFTER_SECONDS = 900
# Three attempts have failed by then: see ``outbox.services.PAUSES``.
LETTER_LATE_AFTER_SECONDS = 900


class NotReady(Exception):
    """A part that does not work, in words for an operator."""


Figures = dict[str, float]


class ProbeMiddleware:
    """Answer probes before anything else looks at the request.

    A probe knows an address of the process, not the platform's name or its TLS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe, or pass the request on."""
        probe = PROBES.get(request.path_info)
        return probe() if probe else self.get_response(request)


def healthz() -> HttpResponse:
    """Answer that the process is up."""
    return HttpResponse("ok", content_type="text/plain")


def readyz() -> HttpResponse:
    """Answer 200 when every part works, 503 with the parts that do not; figures for both."""
    checks: dict[str, Callable[[Figures], None]] = {
        "database": _database,
        "migrations": _migrations,
        "redis": _redis,
        "worker": _worker,
        "planning": _planning,
        "mail": _mail,
    }
    figures: Figures = {}
    report = {name: _outcome(name, check, figures) for name, check in checks.items()}
    ready = all(text == "ok" for text in report.values())
    answer = {"ready": ready, **report, "figures": figures}
    return JsonResponse(answer, status=200 if ready else 503)


PROBES = {"/healthz": healthz, "/readyz": readyz}


def _outcome(name: str, check: Callable[[Figures], None], figures: Figures) -> str:
    try:
        check(figures)
    except NotReady as problem:
        return str(problem)
    except Exception:
        log.exception("readiness check failed", part=name)
        return "unreachable"
    return "ok"


def _database(figures: Figures) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations(figures: Figures) -> None:
    pending = measures.pending_migrations()
    figures["pending_migrations"] = len(pending)
    if pending:
        raise NotReady(f"{len(pending)} migrations are pending")


def _redis(figures: Figures) -> None:
    measures.redis_client().ping()


def _worker(figures: Figures) -> None:
    silent = measures.seconds_since_tick()
    if silent is None:
        raise NotReady("no worker has been seen")
    figures["worker_silent_seconds"] = round(silent, 1)
    if silent > WORKER_SILENT_AFTER_SECONDS:
        raise NotReady(f"no worker has been seen for {silent:.0f} s")


def _planning(figures: Figures) -> None:
    state = measures.planning_state()
    figures["planning_late_seconds"] = round(state.late_seconds, 1)
    figures["failed_regions"] = state.failed_regions
    if state.late_seconds > PLANNING_LATE_AFTER_SECONDS:
        raise NotReady(f"a region is planned {state.late_seconds:.0f} s late")


def _mail(figures: Figures) -> None:
    waiting = oldest_waiting_seconds()
    figures["oldest_letter_seconds"] = round(waiting, 1)
    if waiting > LETTER_LATE_AFTER_SECONDS:
        raise NotReady(f"a letter has been waiting for {waiting:.0f} s")
