"""Planning a morning of many accounts, against the best single SQL statement for the same rows.

The statement is given what planning has to find out: which enrolments are due, and their dates.
"""

import datetime as dt
import math
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from statistics import median
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from engagement import services
from engagement.models import MarketPass, RegionPlanning
from regions import working_time
from tenants.context import acting_for, audit_covered_by, tenant_cursor
from tests.bench.company import Company, add_accounts, make_company
from tests.bench.laboratory import Cost, Laboratory, say, spread

REGIONS, MARKETS, CSMS = 4, 60, 200
LEASE_SECONDS = 600

DECIDED = """
CREATE TABLE bench_places (enrolment_id uuid, nominal date, next_nominal date, next_due date);
CREATE TABLE bench_check_ins (
    enrolment_id uuid, account_id uuid, cadence_id uuid, owner_id uuid, planned_by_id uuid,
    nominal_date date, due_date date, due_at timestamptz, status text, moves jsonb,
    needs_stand_in bool);
GRANT SELECT ON bench_places, bench_check_ins TO app;
"""

# Read where planning has run already. The pass named is one that is there beforehand.
DECIDED_PLACES = """
SELECT e.id, min(t.nominal_date), e.next_nominal, e.next_due
FROM engagement_enrolment e
JOIN engagement_task t ON t.enrolment_id = e.id
JOIN engagement_marketpass p ON p.id = t.planned_by_id AND p.trigger = 'schedule'
GROUP BY e.id
"""
DECIDED_CHECK_INS = """
SELECT t.enrolment_id, t.account_id, t.cadence_id, t.owner_id,
       (SELECT q.id FROM engagement_marketpass q
        WHERE q.market_id = p.market_id AND q.trigger <> 'schedule'),
       t.nominal_date, t.due_date, t.due_at, t.status, t.moves::text, t.needs_stand_in
FROM engagement_task t
JOIN engagement_marketpass p ON p.id = t.planned_by_id AND p.trigger = 'schedule'
"""

SINGLE_STATEMENT = """
WITH advanced AS (
    UPDATE engagement_enrolment e
    SET next_nominal = d.next_nominal, next_due = d.next_due
    FROM bench_places d
    WHERE e.organization_id = %(organization)s AND e.id = d.enrolment_id
      AND e.next_nominal = d.nominal
    RETURNING e.id
)
INSERT INTO engagement_task (
    id, organization_id, version, account_id, enrolment_id, cadence_id, owner_id, planned_by_id,
    nominal_date, due_date, due_at, status, moves, needs_stand_in, is_flagged, outcome, note,
    reason)
SELECT uuid7(), %(organization)s, 1, account_id, enrolment_id, cadence_id, owner_id, planned_by_id,
       nominal_date, due_date, due_at, status, moves, needs_stand_in, false, '', '', ''
FROM advanced JOIN bench_check_ins c ON c.enrolment_id = advanced.id
ON CONFLICT (organization_id, enrolment_id, nominal_date) DO NOTHING
"""

FINGERPRINT = """
SELECT count(*), sum(hashtextextended(
           concat_ws('|', enrolment_id, nominal_date, due_date, due_at, status, moves,
                     needs_stand_in, owner_id), 0))
FROM engagement_task
"""


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Measure both ways at every size, in turns, each on a copy of the same database."""
    now = timezone.now()
    medians: list[tuple[int, float]] = []
    with laboratory.copy("bench_planning"):
        company = make_company(
            "Planning", regions=REGIONS, markets=MARKETS, csms=CSMS, today=now.date()
        )
        for accounts in options.accounts:
            with laboratory.copy("bench_seeded", of="bench_planning"):
                with laboratory.superuser("bench_seeded") as superuser:
                    add_accounts(superuser, company, accounts=accounts, today=now.date())
                ours = _measure(laboratory, company, accounts, now, options.rounds)
            medians.append((accounts, ours))
    say()
    for (fewer, faster), (more, slower) in zip(medians, medians[1:], strict=False):
        exponent = math.log(slower / faster) / math.log(more / fewer)
        say(f"planning grows from {fewer} to {more} accounts with the power {exponent:.2f}")


def _measure(
    laboratory: Laboratory, company: Company, accounts: int, now: dt.datetime, rounds: int
) -> float:
    queries: list[int] = []
    working_time._built.clear()
    with laboratory.copy("bench_run", of="bench_seeded"):
        _warm_up(company)
        cold = laboratory.measure(lambda: _plan(now))
        _check_passes(company)
        with laboratory.superuser("bench_run") as source:
            decided = {
                "bench_places": source.execute(DECIDED_PLACES).fetchall(),
                "bench_check_ins": source.execute(DECIDED_CHECK_INS).fetchall(),
            }
    with laboratory.superuser("bench_seeded") as superuser:
        superuser.execute(DECIDED)
        for table, rows in decided.items():
            with superuser.cursor().copy(f"COPY {table} FROM STDIN") as lines:
                for row in rows:
                    lines.write_row(row)
            superuser.execute(f"VACUUM (ANALYZE) {table}")
    ours: list[Cost] = []
    in_two: list[Cost] = []
    theirs: list[Cost] = []
    written: set[Any] = set()
    for _ in range(rounds):
        with laboratory.copy("bench_run", of="bench_seeded"):
            _warm_up(company)
            with _counting(queries):
                ours.append(laboratory.measure(lambda: _plan(now)))
            written.add(_fingerprint(laboratory))
        with laboratory.copy("bench_run", of="bench_seeded"):
            _warm_up(company)
            in_two.append(laboratory.measure(lambda: _plan_with_two_processes(now)))
            written.add(_fingerprint(laboratory))
        with laboratory.copy("bench_run", of="bench_seeded"):
            _warm_up(company)
            theirs.append(laboratory.measure(lambda: _run_single_statement(company)))
            written.add(_fingerprint(laboratory))
    if len(written) != 1:
        raise AssertionError(f"the two ways wrote different rows: {written}")
    say(
        f"\nplanning {accounts} accounts of {MARKETS} markets: "
        f"{len(decided['bench_check_ins'])} check-ins"
    )
    say(f"  queries, all markets           {' '.join(map(str, queries))}")
    say(f"  calendars not built yet        {cold.wall:.3g} s, CPU {cold.cpu:.3g} s")
    for name, ways in (("one process", ours), ("two processes", in_two), ("one statement", theirs)):
        walls, cpus = [cost.wall for cost in ways], [cost.cpu for cost in ways]
        say(f"  {name:13}  {spread(walls)} s, CPU {spread(cpus)} s")
    for name, ways in (("one process", ours), ("two processes", in_two)):
        wall = _median_wall(ways) / _median_wall(theirs)
        cpu = median(cost.cpu for cost in ways) / median(cost.cpu for cost in theirs)
        say(f"  {name} to one statement: ratio of medians {wall:.3g}, CPU {cpu:.3g}")
    return _median_wall(ours)


def _plan_with_two_processes(now: dt.datetime) -> None:
    """Do what the two processes of a worker do, each a region at a time."""
    connections.close_all()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        list(pool.map(_plan_region_by_region, [now, now]))


def _plan_region_by_region(now: dt.datetime) -> None:
    while leases := services.lease_due_regions(seconds=LEASE_SECONDS, most=1):
        services.plan_leased_region(leases[0], now=now, seconds=LEASE_SECONDS)
    connections.close_all()


def _median_wall(costs: list[Cost]) -> float:
    return median(cost.wall for cost in costs)


def _plan(now: dt.datetime) -> None:
    """Do what the worker does, region by region."""
    for lease in services.lease_due_regions(seconds=LEASE_SECONDS, most=REGIONS):
        services.plan_leased_region(lease, now=now, seconds=LEASE_SECONDS)


def _run_single_statement(company: Company) -> None:
    with acting_for(company.organization_id, door="worker"):
        record = MarketPass.objects.earliest("pk")
        with audit_covered_by(record.pk), tenant_cursor() as cursor:
            cursor.execute(SINGLE_STATEMENT, {"organization": company.organization_id})


def _warm_up(company: Company) -> None:
    """Connect, make the regions due, and read what both ways read."""
    with acting_for(company.organization_id, door="command"):
        RegionPlanning.objects.update(next_at=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        with tenant_cursor() as cursor:
            for table in ("engagement_enrolment", "accounts_account", "engagement_task"):
                cursor.execute(f"SELECT count(*) FROM {table} WHERE organization_id IS NOT NULL")


@contextmanager
def _counting(queries: list[int]) -> Iterator[None]:
    """Append how many queries Django sends."""
    count = 0

    def counted(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        yield
    queries.append(count)


def _check_passes(company: Company) -> None:
    with acting_for(company.organization_id, door="command"):
        failures = RegionPlanning.objects.exclude(failure="").values_list("failure", flat=True)
        if failures:
            raise AssertionError(f"planning failed: {list(failures)}")


def _fingerprint(laboratory: Laboratory) -> Any:
    with laboratory.superuser("bench_run") as superuser:
        return superuser.execute(FINGERPRINT).fetchall()[0]
