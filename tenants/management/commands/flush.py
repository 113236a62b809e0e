"""``flush``, as the role that may."""

from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections
from psycopg import sql

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrations wrote and no request changes."""


class Command(flush.Command):
    """Empty every table through the ``owner`` role: ``app`` may not TRUNCATE."""

    def handle(self, **options: Any) -> None:
        """Ask, then empty the tables."""
        owner = connections["owner"]
        if options["interactive"] and input("Really delete all data? Type yes: ") != "yes":
            raise CommandError("Nothing was deleted.")
        # A connection of its own: tests close those of Django to everything but their database.
        with psycopg.connect(**_address(owner.settings_dict)) as connection:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            tables = [sql.Identifier(name) for (name,) in found if name not in KEPT]
            if tables:
                connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))


def _address(settings: dict[str, Any]) -> dict[str, Any]:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    address = {key: settings[name] for key, name in names.items()}
    return {key: value for key, value in (address | {"port": settings["PORT"]}).items() if value}
