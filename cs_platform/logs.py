"""Structured logs: one JSON object a line, with the request id and the organization."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What follows is for one person alone: see the links in ``tenants.letters``.
_SECRET_IN_ADDRESS = re.compile(
    r"(/(?:invitation|agreement|letters|messages|password/reset|me/e-mail|operator|calendar)/)[^/\s]+"
)


def _without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take the secrets of links out of the addresses that were asked for."""
    for name in ("event", "request"):
        if isinstance(text := event.get(name), str):
            event[name] = _SECRET_IN_ADDRESS.sub(r"\1***", text)
    return event


_BEFORE_RENDERING: list[Any] = [
    structlog.contextvars.merge_contextvars,
    _without_secrets,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def structlog_logging(*, level: str, plain: bool) -> dict[str, Any]:
    """Configure structlog and return the matching ``LOGGING``; ``plain`` is for a terminal."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE_RENDERING,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False)
        if plain
        else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": _BEFORE_RENDERING,
            }
        },
        "handlers": {
            "standard_error": {"class": "logging.StreamHandler", "formatter": "structured"}
        },
        "root": {"handlers": ["standard_error"], "level": level},
        "loggers": {
            # One line a request comes from the request middleware already.
            "django.server": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
