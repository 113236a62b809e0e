"""Export accounts to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import imports
from accounts.models import Account
from tenants.management.acting import acting_as
from toolkit.tables import FileKind


class Command(BaseCommand):
    """Write the accounts of an organization to a file that imports again unchanged."""

    help = "Export accounts, with the columns that an import takes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, help="the member who asks for it")
        parser.add_argument("--format", choices=list(FileKind), default=FileKind.CSV)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--archived", action="store_true", help="the archived ones, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        with acting_as(options["organization"], options["email"]):
            accounts = Account.objects.order_by("search_name", "pk")
            if not options["archived"]:
                accounts = accounts.filter(archived_at=None)
            made = imports.accounts_file(accounts, kind=FileKind(options["format"]))
            options["output"].write_bytes(made.content)
            self.stdout.write(f"{accounts.count()} accounts in {options['output']}.")
