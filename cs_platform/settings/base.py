"""What is true everywhere. Secrets and addresses come from the environment."""

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from cs_platform.logs import structlog_logging
from cs_platform.settings.admin import UNFOLD as UNFOLD

from .security import *

django_stubs_ext.monkeypatch()

env = Env()

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = env.str("SECRET_KEY")
# Keys of before: what they signed stays valid while a new one takes over.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
# Peers whose X-Forwarded headers are believed; "*" believes every peer.
TRUSTED_PROXIES: list[str] = []
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "cs_platform",
    "workspace",
    "engagement",
    "playbooks",
    "talent",
    "accounts",
    "governance",
    "regions",
    "outbox",
    "tenants",
    "toolkit",
    "axes",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "cs_platform.health.ProbeMiddleware",
    "cs_platform.security.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cs_platform.security.BrowserPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # From here inwards one organization is in force and one transaction is open.
    "tenants.middleware.OrganizationMiddleware",
    "tenants.middleware.ReaderLocaleMiddleware",
    "tenants.limits.RateLimitMiddleware",
    "tenants.idempotency.IdempotencyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Innermost: the page that says “too many attempts” is one of ours, in the reader's language.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cs_platform.urls"
WSGI_APPLICATION = "cs_platform.wsgi.application"
# Where the links of letters begin, and the pages that they lead to.
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
LETTER_PAGES = {
    "invitation": "workspace:invitation",
    "password": "workspace:password-reset",
    "address": "workspace:confirm-address",
    "letters": "workspace:letters",
    "today": "workspace:today",
    "account": "workspace:account",
    "calendar": "workspace:calendar",
    "agreement": "workspace:shared-agreement",
    "agreement_proposal": "workspace:agreement-proposal",
    "messages": "workspace:messages",
}
# With this key an operator lets organizations in, at /operator/; without one nobody does.
OPERATOR_KEY = env.str("OPERATOR_KEY", "")

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context_processors.identity",
            ],
        },
    }
]

# Two roles on one database: ``default`` (app) serves, ``owner`` migrates and owns the tables.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.dj_db_url("DATABASE_URL", conn_max_age=600, conn_health_checks=True),
}
# Beside what the address asks for, like sslmode.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("application_name", "cs_platform")
# Only who migrates is told how to become the owner: serving needs no such rights.
if env.str("DATABASE_OWNER_URL", ""):
    DATABASES["owner"] = env.dj_db_url("DATABASE_OWNER_URL")
DATABASE_ROUTERS = ["tenants.routers.OwnerMigrates"]
REDIS_URL = env.str("REDIS_URL")

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
# Who fails so often to sign in under one name from one address waits for a while. The API is not
# concerned: a key is no guess.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "tenants.limits.name_tried"
AXES_CLIENT_IP_CALLABLE = "tenants.limits.client_address"
AXES_LOCKOUT_CALLABLE = "workspace.views.sign_in.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# The same from one address under any names, and for what makes us write or look a secret up.
SIGN_IN_RATE_LIMIT = "60/minute"
LETTER_RATE_LIMIT = "5/hour"
SECRET_RATE_LIMIT = "20/hour"
# How often programs may read one calendar: each time it is put together.
CALENDAR_RATE_LIMIT = "120/hour"
SHARED_PAGE_RATE_LIMIT = "120/minute"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 72) * 3600

# Mail leaves through the outbox. Without a server of your own, letters become files.
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"no-reply@{urlsplit(PUBLIC_URL).hostname}")
_mail = env.dj_email_url("EMAIL_URL", "console://")
if "EMAIL_BACKEND" not in _mail:
    raise ImproperlyConfigured("EMAIL_URL begins with smtp:, submission:, file: or console:.")
EMAIL_BACKEND: str = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH: str = _mail["EMAIL_FILE_PATH"]
EMAIL_HOST: str | None = _mail["EMAIL_HOST"]
EMAIL_PORT: int | None = _mail["EMAIL_PORT"]
EMAIL_HOST_USER: str | None = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD: str | None = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS: bool = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL: bool = _mail["EMAIL_USE_SSL"]
# Less than the lease of a letter: a server that hangs must not let two workers send it.
EMAIL_TIMEOUT: int = _mail["EMAIL_TIMEOUT"] or 20
LETTER_SWEEP_SECONDS = env.int("LETTER_SWEEP_SECONDS", 60)
MEMBER_LETTER_SWEEP_SECONDS = env.int("MEMBER_LETTER_SWEEP_SECONDS", 300)
MESSAGE_SWEEP_SECONDS = env.int("MESSAGE_SWEEP_SECONDS", 300)
# The mailbox of mails in copy, and its address; without a URL nothing is read. With the name of
# the server that takes mails in, only those whose sender it vouches for (DMARC) count.
IMAP_URL = env.str("IMAP_URL", "")
IMAP_ADDRESS = env.str("IMAP_ADDRESS", "")
IMAP_AUTHSERV_ID = env.str("IMAP_AUTHSERV_ID", "")
IMAP_SECONDS = env.int("IMAP_SECONDS", 60)
if bool(IMAP_URL) != bool(IMAP_ADDRESS):
    raise ImproperlyConfigured("IMAP_URL and IMAP_ADDRESS come together or not at all.")
WEBHOOK_SWEEP_SECONDS = env.int("WEBHOOK_SWEEP_SECONDS", 60)
# Webhooks go by https to the public internet. Development allows http and its own machine.
WEBHOOKS_ANYWHERE = False

LANGUAGE_CODE = "en-us"
LANGUAGES = [
    ("en", _("English")),
    ("ar", _("Arabic")),
    ("de", _("German")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("ja", _("Japanese")),
    ("ro", _("Romanian")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.IdentityAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.permissions.MembershipPermission"],
    "DEFAULT_RENDERER_CLASSES": ["toolkit.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["toolkit.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "toolkit.api.paging.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "toolkit.api.schema.ContractAutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "tenants.problems.handle",
    "PAGE_SIZE": 50,
    # The Accept header says what is wanted; a parameter of that name is one that nobody declared.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# How often each API key, or member without one, may ask, and each address of nobody known; empty:
# without limit.
API_RATE_LIMIT = env.str("API_RATE_LIMIT", "600/minute")
API_ANONYMOUS_RATE_LIMIT = env.str("API_ANONYMOUS_RATE_LIMIT", "60/minute")
SPECTACULAR_SETTINGS = {
    "TITLE": "Customer success in many countries",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cs_platform.openapi.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ActiveStageEnum": "playbooks.models.playbook.STAGES",
        "AgreementPartEnum": "accounts.sharing.api.AGREEMENT_PARTS",
        "ApiKeyScopeEnum": "tenants.choices.Scope",
        "BulkActionEnum": "engagement.choices.BulkAction",
        "ChangeActionEnum": "playbooks.choices.ACTIONS",
        "ChannelEnum": "accounts.choices.Channel",
        "ComplexityEnum": "accounts.choices.Complexity",
        "ConsentSourceEnum": "accounts.choices.ConsentSource",
        "ConsentStateEnum": "accounts.choices.ConsentState",
        "ConflictKindEnum": "playbooks.api.parts.CONFLICT_KINDS",
        "DeliveryStatusEnum": "outbox.choices.DeliveryStatus",
        "GuardrailKindEnum": "governance.choices.GUARDRAIL_KINDS",
        "KpiUnitEnum": "governance.choices.KpiUnit",
        "LeftOutReasonEnum": "engagement.api.runs.LEFT_OUT_REASONS",
        "LevelEnum": "talent.choices.Level",
        "MeetingSourceEnum": "engagement.choices.MeetingSource",
        "MessageHoldEnum": "engagement.choices.MessageHold",
        "MotionEnum": "governance.choices.MOTIONS",
        "OriginLevelEnum": "playbooks.api.parts.LEVELS",
        "PriorityEnum": "playbooks.choices.Priority",
        "ReasonKindEnum": "playbooks.choices.REASON_KINDS",
        "RefusalEnum": "engagement.api.runs.REFUSALS",
        "ReportScopeEnum": "regions.choices.SCOPES",
        "RunStatusEnum": "engagement.choices.RunStatus",
        "SideEnum": "regions.choices.SIDES",
        "StageEnum": "accounts.choices.Stage",
        "StepKindEnum": "governance.choices.STEP_KINDS",
        "StepUnitEnum": "playbooks.choices.UNITS",
        "TaskStatusEnum": "engagement.choices.TaskStatus",
        "TierEnum": "accounts.choices.Tier",
        "UnitEnum": "accounts.choices.RhythmUnit",
        "VersionStatusEnum": "playbooks.choices.VersionStatus",
        "WeekdayEnum": "regions.choices.Weekday",
    },
}

# PostgreSQL is the truth and Redis only wakes workers: a task lost is found by the next tick,
# a task that ran twice changes nothing.
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"

PLANNING_TICK_SECONDS = env.int("PLANNING_TICK_SECONDS", 60)
PLANNING_LEASE_SECONDS = env.int("PLANNING_LEASE_SECONDS", 300)

IMPORT_SWEEP_SECONDS = env.int("IMPORT_SWEEP_SECONDS", 30)
IMPORT_LEASE_SECONDS = env.int("IMPORT_LEASE_SECONDS", 60)

CELERY_BEAT_SCHEDULE = {
    "plan due regions": {
        "task": "engagement.tasks.plan_due_regions",
        "schedule": PLANNING_TICK_SECONDS,
        # A tick that nobody took in time is one too many: the next one finds the same.
        "options": {"expires": PLANNING_TICK_SECONDS},
    },
    "forget old answers": {
        "task": "tenants.tasks.forget_old_answers",
        "schedule": crontab(minute="30"),
    },
    "clear expired sessions": {
        "task": "cs_platform.tasks.clear_expired_sessions",
        "schedule": crontab(hour="3", minute="0"),
    },
    "work on waiting imports": {
        "task": "accounts.tasks.sweep_imports",
        "schedule": IMPORT_SWEEP_SECONDS,
        "options": {"expires": IMPORT_SWEEP_SECONDS},
    },
    "forget old imports": {
        "task": "accounts.tasks.forget_old_imports",
        "schedule": crontab(hour=3, minute=30),
    },
    "answer who forgot a password": {
        "task": "tenants.tasks.answer_password_requests",
        "schedule": LETTER_SWEEP_SECONDS,
        "options": {"expires": LETTER_SWEEP_SECONDS},
    },
    "send webhooks that wait": {
        "task": "outbox.tasks.sweep_deliveries",
        "schedule": WEBHOOK_SWEEP_SECONDS,
        "options": {"expires": WEBHOOK_SWEEP_SECONDS},
    },
    "forget old webhooks": {
        "task": "outbox.tasks.forget_old_deliveries",
        "schedule": crontab(hour="3", minute="45"),
    },
    "read the mailbox": {
        "task": "engagement.tasks.read_mailbox",
        "schedule": IMAP_SECONDS,
        "options": {"expires": IMAP_SECONDS},
    },
    "send letters that wait": {
        "task": "outbox.tasks.sweep_letters",
        "schedule": LETTER_SWEEP_SECONDS,
        "options": {"expires": LETTER_SWEEP_SECONDS},
    },
    "send digital steps": {
        "task": "engagement.tasks.sweep_messages",
        "schedule": MESSAGE_SWEEP_SECONDS,
        "options": {"expires": MESSAGE_SWEEP_SECONDS},
    },
    "write letters to members": {
        "task": "engagement.tasks.sweep_member_letters",
        "schedule": MEMBER_LETTER_SWEEP_SECONDS,
        "options": {"expires": MEMBER_LETTER_SWEEP_SECONDS},
    },
}

LOGGING = structlog_logging(level=env.str("LOG_LEVEL", "INFO"), plain=env.bool("LOG_PLAIN", False))
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
