"""On a developer's machine: what `make run` serves."""

from .base import *

DEBUG = env.bool("DEBUG", False)
# Static files are served from where they lie.
STATIC_ROOT = None
