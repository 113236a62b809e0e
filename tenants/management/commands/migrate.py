"""``migrate``, as the role that owns the tables."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    """Migrate through the ``owner`` role unless told otherwise."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Make ``owner`` the default database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Refuse to run as a role that owns nothing; then check and run."""
        if options["database"] not in connections:
            raise CommandError("Set DATABASE_OWNER_URL: migrations run as the role that owns.")
        return super().execute(*args, **options)
