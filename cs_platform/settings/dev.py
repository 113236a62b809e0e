"""On a developer's machine: what `make run` serves."""

from cs_platform.logs import structlog_logging

from .base import *

DEBUG = env.bool("DEBUG", False)
LOGGING = structlog_logging(level=env.str("LOG_LEVEL", "INFO"), plain=True)
# A receiver on the same machine is how one tries webhooks out.
WEBHOOKS_ANYWHERE = True
# Static files are served from where they lie.
STATIC_ROOT = None
