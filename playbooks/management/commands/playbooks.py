"""Playbooks as code, from a terminal or a pipeline."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from playbooks.code.problems import CodeError
from playbooks.services import code
from playbooks.services.code.differences import said
from tenants.management.acting import acting_as
from tenants.models import Membership
from toolkit.errors import DomainError

PIPE = "-"


class Command(BaseCommand):
    """Write playbooks to a file, and take them from one."""

    help = (
        "Export playbooks to a file in YAML, check a file, show how it differs from what is there,"
        " or import it: whole, or nothing of it. The exit code is 1 where a file was refused, a"
        " check found errors, or a diff found differences."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("action", choices=("export", "import", "diff", "check"))
        parser.add_argument(
            "file", nargs="?", default=PIPE, help="the file; - is standard input or output"
        )
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, help="the member in whose name it is done")
        parser.add_argument(
            "--playbook",
            action="append",
            metavar="KEY",
            help="this playbook only; give it again for another",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked for."""
        action = options["action"]
        content = b"" if action == "export" else _read(options["file"])
        with acting_as(options["organization"], options["email"]) as member:
            try:
                getattr(self, f"_{action}")(member, content, options)
            except CodeError as error:
                raise CommandError(_located(options["file"], error)) from error
            except DomainError as error:
                raise CommandError(str(error)) from error

    def _export(self, member: Membership, content: bytes, options: dict[str, Any]) -> None:
        exported = code.export_file(options["playbook"])
        for sentence in exported.left_out:
            self.stderr.write(f"Left out: {sentence}")
        if options["file"] == PIPE:
            self.stdout.write(exported.text, ending="")
            return
        try:
            Path(options["file"]).write_bytes(exported.text.encode())
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error

    def _import(self, member: Membership, content: bytes, options: dict[str, Any]) -> None:
        report = code.import_file(content, by=member, at=timezone.now(), only=options["playbook"])
        for each in report.imported:
            if each.outcome is not code.Outcome.UNCHANGED:
                self.stdout.write(f"{each.what} {each.name}: {each.outcome}")
        added, changed, unchanged = (len(report.with_outcome(outcome)) for outcome in code.Outcome)
        self.stdout.write(f"{added} added, {changed} changed, {unchanged} unchanged.")

    def _diff(self, member: Membership, content: bytes, options: dict[str, Any]) -> None:
        differences = code.diff_file(content, only=options["playbook"])
        for each in differences:
            for line in said(each):
                self.stdout.write(line)
        if differences:
            raise CommandError("The file differs from what is there.")
        self.stdout.write("Nothing would change.")

    def _check(self, member: Membership, content: bytes, options: dict[str, Any]) -> None:
        found = code.check_file(content, by=member, at=timezone.now(), only=options["playbook"])
        for each in found:
            self.stdout.write(f"{_name(options['file'])}:{each}")
        if any(each.is_error for each in found):
            raise CommandError("The file could not be published as it is.")
        self.stdout.write("The file can be imported and published.")


def _read(name: str) -> bytes:
    if name == PIPE:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error


def _name(file: str) -> str:
    return "<stdin>" if file == PIPE else file


def _located(file: str, error: CodeError) -> str:
    lines = (f"{_name(file)}:{each} ({each.path})" for each in error.problems)
    return "\n".join([*lines, "Nothing was written."])
