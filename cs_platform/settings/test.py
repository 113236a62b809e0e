"""For the tests: real servers, cheap passwords."""

import os

# The type checker reads these settings too, with no server running.
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("DATABASE_URL", "postgres://app@127.0.0.1:1/cs")
os.environ.setdefault("DATABASE_OWNER_URL", "postgres://owner@127.0.0.1:1/cs")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from .base import *

DEBUG = False
STATIC_ROOT = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
CELERY_TASK_ALWAYS_EAGER = False
# Tests of the limits switch them on; the others do not count.
API_RATE_LIMIT = API_ANONYMOUS_RATE_LIMIT = ""
SIGN_IN_RATE_LIMIT = LETTER_RATE_LIMIT = SECRET_RATE_LIMIT = ""
# Files are looked up when asked for: nobody collects them before a test.
WHITENOISE_AUTOREFRESH = True
