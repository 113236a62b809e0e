"""``migrate``, as the role that owns the tables."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Migrate through the ``owner`` role unless told otherwise."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Make ``owner`` the default database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations."""
        super().handle(*args, **options)
