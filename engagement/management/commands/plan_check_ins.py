"""Plan check-ins by hand."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from engagement import services
from engagement.choices import PassState, PassTrigger
from engagement.models import MarketPass
from regions.calendars import CalendarRangeError
from regions.models import Region
from tenants.context import acting_for
from tenants.models import Organization

HEADINGS = ("market", "today", "accounts", "planned", "moved", "late", "not planned", "why moved")


class Command(BaseCommand):
    """Plan what the daily planning would, and print a table of each region's markets."""

    help = "Plan check-ins now and print, per market, what was planned, what moved and why."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--organization", metavar="SLUG", help="all of them by default")
        parser.add_argument("--region", metavar="CODE", help="all of them by default")
        parser.add_argument(
            "--today", type=_date, metavar="DATE", help="stands in for each market's local date"
        )
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan organization by organization, each in one transaction."""
        found = False
        for organization in self._organizations(options["organization"]):
            with acting_for(organization.pk, door="command"):
                regions = Region.objects.all()
                if options["region"]:
                    regions = regions.filter(code=options["region"])
                for region in regions:
                    found = True
                    self._plan(organization, region, options["today"])
                if options["dry_run"]:
                    transaction.set_rollback(True)
        if not found:
            raise CommandError("There is no such region.")
        if options["dry_run"]:
            self.stdout.write("Nothing was changed: this was a dry run.")

    def _organizations(self, slug: str | None) -> list[Organization]:
        # Only ``owner`` sees more than one organization; it does nothing else here.
        organizations = Organization.objects.using("owner").order_by("slug")
        if slug:
            organizations = organizations.filter(slug=slug)
            if not organizations:
                raise CommandError(f"There is no organization {slug}.")
        return list(organizations)

    def _plan(self, organization: Organization, region: Region, today: dt.date | None) -> None:
        try:
            passes = services.plan_region_now(
                region=region, now=timezone.now(), trigger=PassTrigger.COMMAND, today=today
            )
        except CalendarRangeError as error:
            raise CommandError(f"{organization} / {region}: {error}") from error
        self.stdout.write(f"\n{organization} / {region}")
        for line in _table([HEADINGS, *(_row(each) for each in passes)]):
            self.stdout.write(line)


def _row(each: MarketPass) -> tuple[str, ...]:
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(each.reasons.items()))
    if each.state == PassState.ALARM:
        reasons = "ALARM: no account was considered"
    numbers = (each.considered, each.planned, each.moved, each.late, each.recorded)
    return (each.market.name, each.today.isoformat(), *map(str, numbers), reasons)


def _table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--today {text}: give a date such as 2026-05-01.") from error
