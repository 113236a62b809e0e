"""How often the API may be asked. Source: draft-ietf-httpapi-ratelimit-headers-07."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants.permissions import identity_of
from toolkit.api.problems import problem, problem_response

log = structlog.get_logger(__name__)

ADDRESSES = "/api/"
PATIENCE_SECONDS = 0.25
"""How long a request waits for Redis."""
PAUSE_SECONDS = 5
"""How long Redis is left alone after it did not answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit after a request."""

    allowed: bool
    remaining: int
    reset_seconds: int


class RateLimitMiddleware:
    """Let each API key, member or unknown address ask so often, and tell how much is left.

    A limit that is empty does not hold, and none holds while Redis cannot be asked: the API does
    not depend on it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._limit = _limit(settings.API_RATE_LIMIT)
        self._anonymous_limit = _limit(settings.API_ANONYMOUS_RATE_LIMIT)
        self._paused_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``, or say when it may be sent again."""
        if not request.path.startswith(ADDRESSES):
            return self.get_response(request)
        asker, limit = self._asker(request)
        standing = self._count(limit, asker) if limit else None
        if limit is None or standing is None:
            return self.get_response(request)
        response = self.get_response(request) if standing.allowed else _too_many(standing)
        response.headers["RateLimit-Policy"] = f"{limit.amount};w={limit.get_expiry()}"
        response.headers["RateLimit-Limit"] = str(limit.amount)
        response.headers["RateLimit-Remaining"] = str(standing.remaining)
        response.headers["RateLimit-Reset"] = str(standing.reset_seconds)
        return response

    def _asker(self, request: HttpRequest) -> tuple[str, RateLimitItem | None]:
        identity = identity_of(request)
        if identity is None:
            return f"address:{request.META['REMOTE_ADDR']}", self._anonymous_limit
        if identity.api_key_id:
            return f"key:{identity.api_key_id}", self._limit
        return f"member:{identity.membership_id}", self._limit

    def _count(self, limit: RateLimitItem, asker: str) -> Standing | None:
        """Count a request; None when Redis cannot be asked."""
        now = time.monotonic()
        if now < self._paused_until:
            return None
        try:
            limiter = _limiter(settings.REDIS_URL)
            allowed = limiter.hit(limit, asker)
            reset_at, remaining = limiter.get_window_stats(limit, asker)
        except StorageError as error:
            log.warning("requests are not counted: Redis does not answer", error=str(error))
            self._paused_until = now + PAUSE_SECONDS
            return None
        return Standing(allowed, remaining, max(0, ceil(reset_at - time.time())))


def attempt(limit: str, *asker: str) -> bool:
    """Count an attempt of somebody; return whether ``limit``, like “5/hour”, still lets it.

    An empty limit does not hold, and none holds while Redis cannot be asked.
    """
    if not limit:
        return True
    try:
        return _limiter(settings.REDIS_URL).hit(parse(limit), *asker)
    except StorageError:
        log.exception("attempts are not counted: Redis does not answer")
        return True


def client_address(request: HttpRequest) -> str | None:
    """Return where a request comes from, a trusted proxy apart."""
    return request.META.get("REMOTE_ADDR") or None


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Return as whom somebody tries to sign in, in whatever case she writes it."""
    given = credentials or request.POST
    return given.get("username", "").lower()


def _too_many(standing: Standing) -> HttpResponseBase:
    said = _("Too many requests. Try again in %(seconds)s seconds.")
    response = problem_response(
        problem(429, said % {"seconds": standing.reset_seconds}, code="throttled")
    )
    response.headers["Retry-After"] = str(standing.reset_seconds)
    return response


def _limit(text: str) -> RateLimitItem | None:
    return parse(text) if text else None


@lru_cache
def _limiter(url: str) -> FixedWindowRateLimiter:
    storage = RedisStorage(
        url,
        key_prefix="api-limit",
        wrap_exceptions=True,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), retries=0),  # type: ignore[arg-type]  # it goes to redis-py
    )
    return FixedWindowRateLimiter(storage)
