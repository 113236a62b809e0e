"""Starting a playbook for very many accounts, against INSERT ... SELECT of the same rows.

The statements are given what a launch has to find out: which edition, which steps, which days.
Both ways write the same rows into the same tables in one transaction, audited alike.
"""

import datetime as dt
from argparse import Namespace
from functools import partial
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from engagement import services
from engagement.services import Launch
from playbooks import services as playbooks_services
from playbooks.models import Playbook, PlaybookVersion
from regions import working_time
from regions.models import Market
from talent.services import adopt_starting_roles
from tenants.context import acting_for, audit_covered_by, tenant_cursor
from tenants.models import Membership
from tests.bench.company import Company, add_accounts, make_company
from tests.bench.laboratory import Cost, Laboratory, say, spread
from toolkit.uuid7 import uuid7

REGIONS, MARKETS, CSMS = 4, 60, 200
STEPS = 12
FEW = 100
"""Accounts of a small launch, whose queries a large one must not exceed."""

DECIDED = {
    "bench_runs": """
        SELECT id, account_id, playbook_id, edition_id, market_id, cause, start_date, anchors,
               anchors_by_hand, left_out, started_by_id
        FROM engagement_run""",
    "bench_tasks": """
        SELECT account_id, run_id, step_id, owner_id, nominal_date, due_date, due_at, status,
               moves, needs_stand_in
        FROM engagement_task WHERE run_id IS NOT NULL""",
}
"""What a launch decides, read where one has run already."""

INSERT_RUNS = """
INSERT INTO engagement_run (
    id, organization_id, version, account_id, playbook_id, edition_id, market_id, status, cause,
    start_date, anchors, anchors_by_hand, left_out, started_by_id, reason)
SELECT id, %(organization)s, 1, account_id, playbook_id, edition_id, market_id, 'active', cause,
       start_date, anchors, anchors_by_hand, left_out, started_by_id, ''
FROM bench_runs
"""
INSERT_TASKS = """
INSERT INTO engagement_task (
    id, organization_id, version, account_id, run_id, step_id, owner_id, nominal_date, due_date,
    due_at, status, moves, needs_stand_in, is_flagged, outcome, note, reason)
SELECT uuid7(), %(organization)s, 1, account_id, run_id, step_id, owner_id, nominal_date, due_date,
       due_at, status, moves, needs_stand_in, false, '', '', ''
FROM bench_tasks
"""

FINGERPRINT = """
SELECT count(*), sum(hashtextextended(
           concat_ws('|', account_id, step_id, owner_id, nominal_date, due_date, due_at, status,
                     moves, needs_stand_in), 0))
FROM engagement_task WHERE run_id IS NOT NULL
"""


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Measure both ways at every size, in turns, each on a copy of the same database."""
    now = timezone.now()
    with laboratory.copy("bench_launching"):
        company = make_company(
            "Launching", regions=REGIONS, markets=MARKETS, csms=CSMS, today=now.date()
        )
        with acting_for(company.organization_id, door="command"):
            _write(now)
        for accounts in options.accounts:
            with laboratory.copy("bench_seeded", of="bench_launching"):
                with laboratory.superuser("bench_seeded") as superuser:
                    add_accounts(superuser, company, accounts=accounts, today=now.date())
                _measure(laboratory, company, accounts, now, options.rounds)


def _write(now: dt.datetime) -> PlaybookVersion:
    """Publish a playbook of twelve steps, some of which wait for others."""
    adopt_starting_roles()
    by = Membership.objects.order_by("pk")[0]
    version = playbooks_services.create_playbook(
        Playbook(key="onboarding", motion="onboarding"),
        PlaybookVersion(name="Onboarding", goal="The customer works with it every day."),
        by=by,
        steps=[_step(number) for number in range(STEPS)],
    )
    playbooks_services.publish_version(version, by=by, at=now)
    return version


def _step(number: int) -> dict[str, Any]:
    return {
        "key": f"step-{number}",
        "title": f"Step {number}",
        "outcome": f"You know what comes {number} days from now.",
        "kind": ("call", "email", "internal")[number % 3],
        "channel": ("call", "email", "")[number % 3],
        "offset": 1 + 3 * number,
        "position": 10 * number + 10,
        "depends_on": [f"step-{number - 1}"] if number % 4 else [],
    }


def _measure(
    laboratory: Laboratory, company: Company, accounts: int, now: dt.datetime, rounds: int
) -> None:
    working_time._built.clear()
    with laboratory.copy("bench_run", of="bench_seeded"):
        few = _count_queries(company, now, most=FEW)
    with laboratory.copy("bench_run", of="bench_seeded"):
        many = _count_queries(company, now)
        _keep_decided(laboratory)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    written: set[Any] = set()
    for _ in range(rounds):
        for costs, launch in ((ours, _launch), (theirs, _run_statements)):
            with laboratory.copy("bench_run", of="bench_seeded"):
                _warm_up(company)
                costs.append(laboratory.measure(partial(launch, company, now)))
                with laboratory.superuser("bench_run") as superuser:
                    written.add(superuser.execute(FINGERPRINT).fetchall()[0])
    if len(written) != 1:
        raise AssertionError(f"the two ways wrote different rows: {written}")
    ((tasks, _sum),) = written
    say(f"\nstarting {STEPS} steps for {accounts} accounts of {MARKETS} markets: {tasks} tasks")
    say(f"  queries                        {many}, for {FEW} accounts {few}")
    for name, ways in (("one launch", ours), ("statements", theirs)):
        walls, cpus = [cost.wall for cost in ways], [cost.cpu for cost in ways]
        say(f"  {name:13}  {spread(walls)} s, CPU {spread(cpus)} s")
    wall = median(cost.wall for cost in ours) / median(cost.wall for cost in theirs)
    cpu = median(cost.cpu for cost in ours) / median(cost.cpu for cost in theirs)
    say(f"  one launch to statements: ratio of medians {wall:.3g}, CPU {cpu:.3g}")


def _launch(company: Company, now: dt.datetime) -> None:
    with acting_for(company.organization_id, door="worker"):
        _start(now, Account.objects.all())


def _start(now: dt.datetime, accounts: QuerySet[Account]) -> Launch:
    by = Membership.objects.order_by("pk")[0]
    playbook = Playbook.objects.get()
    return services.start_runs(playbook=playbook, accounts=accounts, by=by, at=now)


def _run_statements(company: Company, now: dt.datetime) -> None:
    values = {"organization": company.organization_id}
    with (
        acting_for(company.organization_id, door="worker"),
        transaction.atomic(),
        tenant_cursor() as cursor,
    ):
        cursor.execute(INSERT_RUNS, values)
        with audit_covered_by(uuid7()):
            cursor.execute(INSERT_TASKS, values)


def _count_queries(company: Company, now: dt.datetime, *, most: int | None = None) -> int:
    with acting_for(company.organization_id, door="worker"):
        _warm_calendars()
        accounts = Account.objects.all()
        if most:
            accounts = accounts.filter(pk__in=list(accounts.values_list("pk", flat=True)[:most]))
        with CaptureQueriesContext(connection) as captured:
            launch = _start(now, accounts)
    if launch.refused or not launch.tasks:
        raise AssertionError(f"nothing started: {launch.refused[:3]}")
    return len(captured)


def _keep_decided(laboratory: Laboratory) -> None:
    """Copy what a launch decided to where the statements find it."""
    with (
        laboratory.superuser("bench_run") as source,
        laboratory.superuser("bench_seeded") as target,
    ):
        for table, rows in DECIDED.items():
            target.execute(f"CREATE TABLE {table} AS {rows} LIMIT 0")
            target.execute(f"GRANT SELECT ON {table} TO app")
            with (
                source.cursor().copy(f"COPY ({rows}) TO STDOUT") as lines,
                target.cursor().copy(f"COPY {table} FROM STDIN") as kept,
            ):
                for line in lines:
                    kept.write(line)
            target.execute(f"VACUUM (ANALYZE) {table}")


def _warm_up(company: Company) -> None:
    """Connect, and read what both ways read."""
    with acting_for(company.organization_id, door="command"), tenant_cursor() as cursor:
        for table in ("engagement_run", "accounts_account", "engagement_task"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE organization_id IS NOT NULL")


def _warm_calendars() -> None:
    """Build the calendars, so that a count of queries tells of the launch alone."""
    working_time.prepare_working_times(Market.objects.all())
