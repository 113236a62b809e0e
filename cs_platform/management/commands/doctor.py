"""Say what is wrong with this installation."""

import smtplib
import sys
from typing import Any

from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cs_platform.doctor.examination import examine
from cs_platform.doctor.findings import as_json, as_text, is_wrong


class Command(BaseCommand):
    """Look at everything, change nothing; exit with 1 if something has to be mended."""

    help = "Check this installation and say what to mend. Exits with 1 if something is wrong."
    # It says itself what is wrong, and goes on.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--json", action="store_true", help="a report for programs")
        parser.add_argument(
            "--send-test", metavar="ADDRESS", help="send a test message there, check nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything, or send the test message."""
        if address := options["send_test"]:
            self._send_test(address)
            return
        entries = list(examine())
        self.stdout.write(as_json(entries) if options["json"] else as_text(entries))
        if is_wrong(entries):
            sys.exit(1)

    def _send_test(self, address: str) -> None:
        try:
            send_mail(
                "Test of the mail settings",
                "This message left the customer success platform as it should.",
                None,
                [address],
            )
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(f"The message could not be sent: {error}") from error
        self.stdout.write(f"Sent to {address}.")
