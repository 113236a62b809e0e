"""On a developer's machine: what `make run` serves."""

from .base import *

DEBUG = env.bool("DEBUG", False)
