"""Import accounts from a file."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import imports
from accounts.choices import ImportStatus
from accounts.imports.columns import Field
from accounts.imports.values import DateFormat, NumberFormat
from accounts.models import AccountImport
from tenants.management.acting import acting_as
from toolkit.errors import DomainError
from toolkit.tables import DELIMITERS, ENCODINGS

MOST_PROBLEMS_SHOWN = 50


class Command(BaseCommand):
    """Look at a file, check it whole, and write it whole; say what it did, row by row."""

    help = (
        "Import accounts from a CSV or XLSX file. Nothing is written unless every row is good, or"
        " --good-rows-only is given. The exit code is 1 where nothing was imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, help="the member in whose name it is done")
        parser.add_argument("--check", action="store_true", help="check only, write nothing")
        parser.add_argument("--good-rows-only", action="store_true", help="leave bad rows out")
        parser.add_argument(
            "--map",
            action="append",
            type=_pair,
            default=[],
            metavar="COLUMN=FIELD",
            help=f"what a column is about: {', '.join(Field)}, or nothing to leave it out",
        )
        parser.add_argument(
            "--country",
            action="append",
            type=_pair,
            default=[],
            metavar="VALUE=CHOICE",
            help="where accounts go: market:CODE, adopt:CODE or leave_out",
        )
        parser.add_argument("--date-format", choices=[each for each in DateFormat if each])
        parser.add_argument("--number-format", choices=[each for each in NumberFormat if each])
        parser.add_argument("--encoding", choices=list(ENCODINGS))
        parser.add_argument("--delimiter", choices=list(DELIMITERS))
        parser.add_argument("--sheet")
        parser.add_argument("--default-currency", metavar="CODE")
        parser.add_argument("--default-stage")
        parser.add_argument("--default-start-date", metavar="DATE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import in one transaction; what was refused leaves nothing."""
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        with acting_as(options["organization"], options["email"]) as member:
            try:
                self._import(member, content, options)
            except DomainError as error:
                raise CommandError(str(error)) from error

    def _import(self, member: Any, content: bytes, options: dict[str, Any]) -> None:
        at = timezone.localtime()
        made = imports.upload(
            content=content, name=options["file"].name, by=member, options=_chosen(options)
        )
        self._show(imports.propose(made))
        made = imports.run_now(made, by=member, at=at, only_check=options["check"])
        self._report(made)
        if made.status != ImportStatus.DONE:
            transaction.set_rollback(True)
            if not (options["check"] and made.can_be_applied):
                raise CommandError("Nothing was imported.")
            self.stdout.write("Nothing was imported: this was a check.")

    def _show(self, proposal: imports.Proposal) -> None:
        if proposal.trouble:
            offers = ", ".join(proposal.trouble.offers)
            raise CommandError(f"{proposal.trouble} {offers}".rstrip())
        for column in proposal.columns:
            self.stdout.write(f"  {column.header} -> {column.field or '(left out)'}")
        for line in _questions(proposal):
            self.stdout.write(line)

    def _report(self, made: AccountImport) -> None:
        problems = made.problems.all()
        for problem in problems[:MOST_PROBLEMS_SHOWN]:
            place = f"row {problem.row}" + (f", {problem.column}" if problem.column else "")
            value = f" ({problem.value!r})" if problem.value else ""
            self.stdout.write(f"{place}{value}: {problem.reason}")
        hidden = problems.count() - MOST_PROBLEMS_SHOWN
        if hidden > 0:
            self.stdout.write(f"... and {hidden} more.")
        self.stdout.write(
            f"{made.rows} rows: {made.new_rows} new, {made.changed_rows} changed,"
            f" {made.unchanged_rows} unchanged, {made.left_out_rows} left out,"
            f" {made.bad_rows} bad."
        )
        for name, added in made.additions.items():
            if added:
                self.stdout.write(f"New {name}: {', '.join(added)}.")


def _questions(proposal: imports.Proposal) -> Iterator[str]:
    for column in proposal.doubtful:
        yield f"Several columns could be the {column.field}: say which with --map."
    if proposal.asks_date_format:
        formats = ", ".join(proposal.date_formats) or "none reads every date"
        yield f"Dates could be read in more than one way: say --date-format ({formats})."
    if proposal.asks_number_format:
        yield "Amounts could be read in more than one way: say --number-format."
    for country in proposal.countries:
        place = country.choice or "unclear: say --country"
        yield f"  {country.value} ({country.count}) -> {place}"
    for owner in proposal.owners:
        if not owner.is_member:
            yield f"  {owner.email} ({owner.count}) is to become a member, without an invitation."
    for tier in proposal.tiers:
        first, second = tier.floors
        yield f"  {tier.currency}: tier 1 from {first}, tier 2 from {second}; {tier.counts}"


def _chosen(options: dict[str, Any]) -> imports.ImportOptions:
    """Return the options of the command as those of the import."""
    names = (
        "encoding",
        "delimiter",
        "sheet",
        "date_format",
        "number_format",
        "default_currency",
        "default_stage",
        "default_start_date",
        "good_rows_only",
    )
    values = {name: options[name] for name in names if options[name]}
    values |= {"columns": dict(options["map"]), "countries": dict(options["country"])}
    return imports.ImportOptions.from_json(values)


def _pair(text: str) -> tuple[str, str]:
    before, mark, after = text.rpartition("=")
    if not mark or not before:
        raise ArgumentTypeError(f"{text!r}: write it as A=B")
    return before, after
