"""A file of very many accounts, in and out: time, and the most memory that it took."""

import csv
import io
import resource
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone

from accounts import imports
from accounts.imports.leases import lease_waiting_imports, work_on
from accounts.models import Account, AccountImport
from regions.library import load_library
from regions.models import Market
from tenants import services as tenants_services
from tenants.choices import Role
from tenants.context import acting_for
from tenants.models import AuditEntry, Membership
from tests.bench.company import make_company
from tests.bench.laboratory import Laboratory, say
from toolkit.tables import FileKind

HEADER = (
    "Account ID", "Account Name", "Billing Country", "Owner Email", "ARR", "Currency",
    "Renewal Date", "Customer since", "City",
)  # fmt: skip
OWNERS = 200
KIBIBYTES_PER_MEGABYTE = 1024


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Import one file in every way that a large file goes, and export what came of it."""
    rows = options.rows
    with laboratory.copy("bench_imports"):
        _closed_markets(laboratory, rows)
    with laboratory.copy("bench_imports_open"):
        _open_markets(laboratory, rows)


def _closed_markets(laboratory: Laboratory, rows: int) -> None:
    """What a company does first: nothing is planned before it starts."""
    organization = tenants_services.create_organization(name="Imports")
    with acting_for(organization.pk, door="command"):
        leader = tenants_services.add_member(
            email="leader@imports.example", name="Leader", role=Role.LEADER
        )
    act = _Acting(laboratory, leader)
    content = _file(rows)
    say(f"\nimport of {rows} accounts, {len(content) / 1e6:.1f} MB of CSV")
    bad = _file(rows, bad_row=rows - 1)
    made = act.timed("propose", lambda: act.proposed(bad))
    act.in_background("check, the last row but one is bad", made, imports.check)
    say(f"  {'':44} {made.bad_rows} bad row, {act.count(Account)} accounts")
    made = act.uploaded(content)
    act.in_background("check", made, imports.check)
    act.in_background("write, all of them new", made, imports.apply)
    say(f"  {'':44} {act.count(Account)} accounts, {act.count(AuditEntry)} audit entries")
    made = act.uploaded(content)
    act.in_background("check, the same file again", made, imports.check)
    made = act.uploaded(_file(rows, changed_every=10))
    act.in_background("check, a tenth changed", made, imports.check)
    act.in_background("write, a tenth changed", made, imports.apply)
    for kind in FileKind:
        exported = act.timed(f"export {kind}", partial(act.exported, kind))
        say(f"  {'':44} {len(exported) / 1e6:.1f} MB")
        made = act.uploaded(exported)
        act.in_background(f"check of the exported {kind}", made, imports.check)
        say(f"  {'':44} {made.unchanged_rows} unchanged, {made.bad_rows} bad")


def _open_markets(laboratory: Laboratory, rows: int) -> None:
    """What comes later: the check-ins of all these accounts are planned in the same transaction."""
    company = make_company(
        "Imports", regions=4, markets=len(load_library()), csms=20, today=timezone.localdate()
    )
    with acting_for(company.organization_id, door="command"):
        # A value of the file then names one market.
        for market in Market.objects.all():
            Market.objects.filter(pk=market.pk).update(code=market.country)
        leader = tenants_services.add_member(
            email="leader@open.example", name="Leader", role=Role.LEADER
        )
    act = _Acting(laboratory, leader)
    made = act.uploaded(_file(rows))
    act.in_background("check, into open markets with cadences", made, imports.check)
    act.in_background("write and plan, all of them new", made, imports.apply)
    made = act.uploaded(_file(rows, changed_every=10))
    act.in_background("check, a tenth changed", made, imports.check)
    act.in_background("write and plan, a tenth changed", made, imports.apply)


class _Acting:
    def __init__(self, laboratory: Laboratory, member: Membership) -> None:
        self._laboratory, self._member = laboratory, member
        assert member.organization_id is not None
        self._organization_id = member.organization_id

    def acting(self) -> Any:
        return acting_for(self._organization_id, membership_id=self._member.pk, door="command")

    def uploaded(self, content: bytes) -> AccountImport:
        with self.acting():
            return imports.upload(content=content, name="accounts.csv", by=self._member)

    def proposed(self, content: bytes) -> AccountImport:
        made = self.uploaded(content)
        with self.acting():
            imports.propose(made)
        return made

    def exported(self, kind: FileKind) -> bytes:
        with self.acting():
            accounts = Account.objects.order_by("search_name", "pk")
            return imports.accounts_file(accounts, kind=kind).content

    def count(self, model: Any) -> int:
        with self.acting():
            return int(model.objects.count())

    def in_background(self, name: str, made: AccountImport, service: Any) -> None:
        """Ask for something, and do what a worker would."""
        with self.acting():
            service(made, by=self._member, at=timezone.now())
        self.timed(name, self._work)
        with self.acting():
            made.refresh_from_db()
        if made.is_running or made.failure:
            raise AssertionError(f"{name}: {made.status} {made.failure}")

    def timed(self, name: str, action: Callable[[], Any]) -> Any:
        """Do something, and say how long it took and how much memory the process ever had."""
        result: list[Any] = []
        cost = self._laboratory.measure(lambda: result.append(action()))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIBIBYTES_PER_MEGABYTE
        say(f"  {name:44} {cost.wall:6.1f} s, CPU {cost.cpu:5.1f} s, at most {most} MB so far")
        return result[0]

    @staticmethod
    def _work() -> None:
        (lease,) = lease_waiting_imports(seconds=3600, most=10)
        work_on(lease, at=timezone.now())


def _file(rows: int, *, bad_row: int | None = None, changed_every: int | None = None) -> bytes:
    """Return a CSV file; rows are counted as a spreadsheet does."""
    countries = [market.country for market in load_library().values()]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(2, rows + 2):
        changed = changed_every is not None and number % changed_every == 0
        arr = "much" if number == bad_row else f"{(number * 7919) % 900_000 + 1_000}.50"
        writer.writerow(
            (
                f"0015800000{number:08}",
                f"Customer {number} Ltd",
                countries[number % len(countries)],
                f"csm-{number % OWNERS}@imports.example",
                arr,
                "EUR",
                f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}",
                f"20{number % 20 + 5:02}-03-01" if not changed else "2019-05-07",
                "Springfield" if not changed else "Shelbyville",
            )
        )
    return text.getvalue().encode()
