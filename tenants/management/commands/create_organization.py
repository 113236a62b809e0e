"""Create an organization and invite its first admin."""

import os
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tenants import letters, services
from tenants.choices import Role
from toolkit.errors import DomainError


class Command(BaseCommand):
    """Create an organization and print the link with which its first admin joins."""

    help = (
        "Create an organization and invite its first admin, by mail and by the link printed here. "
        "A script may give PASSWORD in the environment instead: then the admin joins at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="the organization's name")
        parser.add_argument("--slug", default="", help="its short name; from the name by default")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first admin")
        parser.add_argument("--admin-name", default="", metavar="NAME", help="what she is called")
        parser.add_argument(
            "--language",
            default="en",
            choices=[code for code, _name in settings.LANGUAGES],
            help="the language of the invitation",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create both or neither."""
        admin = services.Person(options["admin"], name=options["admin_name"], role=Role.ADMIN)
        try:
            founding = services.found_organization(
                name=options["name"],
                slug=options["slug"],
                admin=admin,
                language=options["language"],
                password=os.environ.get("PASSWORD"),
                at=timezone.now(),
                door="command",
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        organization, email = founding.organization, founding.admin.email
        self.stdout.write(f"Created {organization.name} ({organization.slug}).")
        if founding.ticket is None:
            self.stdout.write(f"{email} is its admin.")
        else:
            link = letters.address("invitation", founding.ticket.token())
            self.stdout.write(f"{email} is invited as its admin, by mail and by this link:\n{link}")
