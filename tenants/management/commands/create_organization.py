"""Create an organization with its first admin."""

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from tenants import services
from tenants.choices import Role
from tenants.context import acting_for
from tenants.models import User
from toolkit.errors import DomainError


class Command(BaseCommand):
    """Create an organization; its admin's password is asked for or read from PASSWORD."""

    help = "Create an organization and its first admin."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="the organization's name")
        parser.add_argument("--slug", default="", help="its short name; from the name by default")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first admin")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create both or neither."""
        email = options["admin"].lower()
        try:
            validate_email(email)
            known = User.objects.filter(email=email).exists()
            password = None if known else _password()
            with transaction.atomic():
                organization = services.create_organization(
                    name=options["name"], slug=options["slug"]
                )
                with acting_for(organization.pk, door="command"):
                    services.add_member(
                        email=email,
                        name=email.partition("@")[0],
                        role=Role.ADMIN,
                        password=password,
                    )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Created {organization.name} ({organization.slug}); {email} is its admin."
        )


def _password() -> str:
    password = os.environ.get("PASSWORD") or getpass.getpass("Password of the admin: ")
    validate_password(password)
    return password
