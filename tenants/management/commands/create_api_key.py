"""Create an API key for a member."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import services
from tenants.authentication import memberships_of
from tenants.choices import Scope
from tenants.context import acting_for
from tenants.models import Membership, User


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
        user = User.objects.filter(email=options["email"].lower()).first()
        identities = memberships_of(user) if user else []
        found = [item for item in identities if item.organization_slug == options["organization"]]
        if not found:
            raise CommandError(
                f"No active member {options['email']} in an organization {options['organization']}."
            )
        with acting_for(
            found[0].organization_id, membership_id=found[0].membership_id, door="command"
        ):
            _, text = services.create_api_key(
                membership=Membership.objects.get(pk=found[0].membership_id),
                name=options["name"],
                scope=Scope(options["scope"]),
            )
        self.stdout.write(text)
