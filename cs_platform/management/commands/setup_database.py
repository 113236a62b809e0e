"""Make the database and its roles on a server of your own."""

import os
from typing import Any

import dj_database_url
import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg import sql

from toolkit.database_roles import backup_statements, role_statements


class Command(BaseCommand):
    """Make database and roles as the variables name them."""

    help = (
        "Make the database, the role that owns it and the role that serves, as DATABASE_OWNER_URL "
        "and DATABASE_URL name them, and the role for backups if DATABASE_BACKUP_URL names one. "
        "Safe to run again."
    )
    # The application's own connections cannot work yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--superuser-url",
            default=os.environ.get("DATABASE_SUPERUSER_URL"),
            help="postgres://… of a superuser, used only here; or DATABASE_SUPERUSER_URL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing."""
        url = options["superuser_url"]
        if not url:
            raise CommandError("Give --superuser-url or DATABASE_SUPERUSER_URL.")
        if "owner" not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL: it names the role that is to own.")
        owner, app = settings.DATABASES["owner"], settings.DATABASES["default"]
        if owner["NAME"] != app["NAME"] or owner["USER"] == app["USER"]:
            raise CommandError(
                "DATABASE_URL and DATABASE_OWNER_URL must name one database and two roles."
            )
        database = owner["NAME"]
        statements = role_statements(
            owner["USER"], owner["PASSWORD"], app["USER"], app["PASSWORD"], database
        )
        made = f"{owner['USER']} owns it, {app['USER']} serves"
        if backup_url := os.environ.get("DATABASE_BACKUP_URL"):
            backup = dj_database_url.parse(backup_url)
            statements += backup_statements(backup["USER"], backup["PASSWORD"], database)
            made += f", {backup['USER']} backs it up"
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                exists = connection.execute(
                    "SELECT FROM pg_database WHERE datname = %s", [database]
                ).fetchone()
                if exists is None:
                    connection.execute(
                        sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                            sql.Identifier(database)
                        )
                    )
            with psycopg.connect(url, dbname=database, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
        except psycopg.Error as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Database {database}: {made}. Next: manage.py migrate")
