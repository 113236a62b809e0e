"""How far an import is, visible while its transaction is not. Losing this is no harm."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from uuid import UUID

import orjson
import redis
import structlog
from django.conf import settings

from accounts.models import AccountImport

log = structlog.get_logger(__name__)

KEPT_SECONDS = 3600
TIMEOUT_SECONDS = 2


class Step(StrEnum):
    """What is done with the rows."""

    READING = "reading"
    JUDGING = "judging"
    WRITING = "writing"
    PLANNING = "planning"


@dataclass(frozen=True, slots=True)
class Progress:
    """So many rows of so many are done with in one step."""

    step: Step
    done: int
    total: int

    @property
    def percent(self) -> int:
        """How much of the step is done."""
        return min(100, 100 * self.done // self.total) if self.total else 0


def progress_of(account_import: AccountImport) -> Progress | None:
    """Return how far a running import is, if that is known."""
    if not account_import.is_running:
        return None
    try:
        known = _redis().get(_key(account_import.pk))
    except redis.RedisError:
        return None
    if known is None:
        return None
    step, done, total = orjson.loads(known)
    return Progress(Step(step), done, total)


def tell(account_import: AccountImport, step: Step, done: int, total: int) -> None:
    """Say how far an import is."""
    try:
        _redis().set(_key(account_import.pk), orjson.dumps([step, done, total]), ex=KEPT_SECONDS)
    except redis.RedisError:
        log.warning("progress could not be told", account_import=str(account_import.pk))


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS)


def _key(pk: UUID) -> str:
    return f"account-import:{pk}"
