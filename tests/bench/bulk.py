"""Many changes in one call of the API, against one request for each."""

import json
import time
from argparse import Namespace
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from regions.models import Assignment, Market
from regions.services import save_assignment
from tenants.context import acting_for
from tests.bench.company import Company, add_accounts, make_company
from tests.bench.laboratory import Laboratory, say, spread
from tests.bench.lists import signed_in

MARKETS, CSMS = 60, 200
ACCOUNTS = 10_000
CHANGES = 1000
JSON = "application/json"

Values = Callable[[int], dict[str, Any]]


class _Counter:
    """Counts queries, however many."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Change a thousand accounts both ways: a name, which moves nothing, and an owner."""
    today = timezone.now().date()
    with laboratory.copy("bench_bulk"):
        company = make_company("Bulk", regions=4, markets=MARKETS, csms=CSMS, today=today)
        _let_work_everywhere(company)
        with laboratory.superuser("bench_bulk") as superuser:
            add_accounts(superuser, company, accounts=ACCOUNTS, today=today, a_task_each=True)
        changes: dict[str, Values] = {
            "name": lambda number: {"name": f"Renamed {number}"},
            "owner": lambda number: {"owner": str(company.csm_ids[number % CSMS])},
        }
        for name, values in changes.items():
            _compare(laboratory, company, name, values, rounds=options.rounds)


def _compare(
    laboratory: Laboratory, company: Company, name: str, values: Values, *, rounds: int
) -> None:
    """Measure both ways in turns, each on a fresh copy of the database."""
    seconds: dict[str, list[float]] = {"bulk": [], "single": []}
    queries: dict[str, int] = {}
    for number in range(rounds):
        for way, send in (("bulk", _in_bulk), ("single", _one_by_one)):
            with laboratory.copy(f"bench_bulk_{way}_{number}", of="bench_bulk"):
                client = signed_in(company)
                accounts = _some_accounts(company)
                counter = _Counter()
                with connection.execute_wrapper(counter):
                    start = time.perf_counter()
                    send(client, accounts, values)
                    seconds[way].append(time.perf_counter() - start)
                queries[way] = counter.queries
    say(f"\n{CHANGES} accounts of {MARKETS} markets get another {name}")
    for way, measured in seconds.items():
        say(f"  {way:6}  {spread(measured)} s, {queries[way]} queries")
    say(f"  ratio of medians {median(seconds['single']) / median(seconds['bulk']):.3g}")


def _in_bulk(client: Client, accounts: list[tuple[UUID, int]], values: Values) -> None:
    operations = [
        {"action": "update", "id": str(pk), "version": version, "values": values(number)}
        for number, (pk, version) in enumerate(accounts)
    ]
    body = json.dumps({"operations": operations})
    answer = client.post("/api/v1/accounts/bulk/", body, content_type=JSON)
    statuses = {result["status"] for result in answer.json()["results"]}
    if statuses != {200}:
        raise AssertionError(f"bulk: {statuses}")


def _one_by_one(client: Client, accounts: list[tuple[UUID, int]], values: Values) -> None:
    for number, (pk, version) in enumerate(accounts):
        answer = client.patch(
            f"/api/v1/accounts/{pk}/",
            json.dumps(values(number)),
            content_type=JSON,
            headers={"If-Match": f'"{version}"'},
        )
        if answer.status_code != 200:
            raise AssertionError(f"single: {answer.status_code}")


def _some_accounts(company: Company) -> list[tuple[UUID, int]]:
    with acting_for(company.organization_id, door="command"):
        return list(Account.objects.order_by("pk").values_list("pk", "version")[:CHANGES])


def _let_work_everywhere(company: Company) -> None:
    with acting_for(company.organization_id, door="command"):
        for market in Market.objects.all():
            save_assignment(Assignment(membership_id=company.csm_ids[0], market=market))
