"""Create an API key for a member."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants import services
from tenants.choices import Scope
from tenants.management.acting import acting_as


class Command(BaseCommand):
    """Print a new API key, alone, on standard output; it is not shown again."""

    help = "Create an API key and print it. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, help="the member that the key acts as")
        parser.add_argument("--scope", required=True, choices=Scope.values)
        parser.add_argument("--name", default="command line", help="what uses the key")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the key of the named member."""
        with acting_as(options["organization"], options["email"]) as member:
            _, text = services.create_api_key(
                membership=member, name=options["name"], scope=Scope(options["scope"])
            )
        self.stdout.write(text)
