"""What is looked at before the settings are read, as a broken environment keeps them from it.

Nothing here reads them before ``unreadable`` does.
"""

import importlib
from collections.abc import Mapping, Sequence

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError

from cs_platform.doctor.findings import Entry, as_json, as_text, wrong

REQUIRED = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")
REQUIRED_IN_PRODUCTION = ("ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_URL")
PRODUCTION = "cs_platform.settings.production"
CHECK = "environment"
SEE = "docs/deployment.md lists the variables"


def first_aid(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Return if the settings can be read; else say why not, as the command would.

    :raises SystemExit: with code 1, the report being printed.
    """
    entries = missing(environ) or unreadable(environ["DJANGO_SETTINGS_MODULE"])
    if entries:
        print(as_json(entries) if "--json" in arguments else as_text(entries))
        raise SystemExit(1)


def missing(environ: Mapping[str, str]) -> list[Entry]:
    """Return a finding for each variable that must be set and is not."""
    production = environ.get("DJANGO_SETTINGS_MODULE") == PRODUCTION
    names = (*REQUIRED, *REQUIRED_IN_PRODUCTION) if production else REQUIRED
    return [
        Entry(CHECK, wrong(f"{name} is not set.", f"Set it; {SEE}."))
        for name in names
        if not environ.get(name)
    ]


def unreadable(settings: str) -> list[Entry]:
    """Return a finding if the settings module cannot be read."""
    try:
        importlib.import_module(settings)
    except (EnvError, ImproperlyConfigured) as error:
        return [Entry(CHECK, wrong(f"{error}", f"Correct its value; {SEE}."))]
    except ImportError as error:
        return [
            Entry(
                CHECK,
                wrong(
                    f"DJANGO_SETTINGS_MODULE names {settings}, which cannot be read: {error}.",
                    f"Set it to {PRODUCTION}.",
                ),
            )
        ]
    return []
