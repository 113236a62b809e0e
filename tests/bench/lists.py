"""One CSM's open tasks among very many, against a bare view with one query for the same rows."""

import time
from argparse import Namespace
from collections.abc import Callable
from statistics import median

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from engagement.models import Task
from tenants.authentication import SESSION_KEY
from tenants.context import acting_for
from tenants.models import Membership
from tenants.permissions import identity_of
from tests.bench.company import Company, add_accounts, make_company
from tests.bench.laboratory import Laboratory, say, spread

MARKETS, CSMS = 60, 200
FEW_TASKS = 10_000
REQUESTS = 200
WARM_UP_REQUESTS = 10
ROWS = 50
ROWS_OF_PAGE = 3 * ROWS
"""Today shows overdue, today and next, each up to a page of rows."""

CONTACTS = """
INSERT INTO accounts_contact (
    id, organization_id, account_id, name, email, phone, language, role, preferred_channel,
    is_primary, version)
SELECT uuid7(), organization_id, id, 'Camille Roy', '', '', '', '', '', true, 1
FROM accounts_account
"""


def bare(request: HttpRequest, rows: int) -> JsonResponse:
    """Return the first open tasks of the member who asks, and nothing else."""
    identity = identity_of(request)
    assert identity is not None
    tasks = Task.objects.to_do().owned_by(identity.membership_id).order_by("due_date", "id")
    return JsonResponse({"tasks": list(tasks.values("id", "account__name", "due_date")[:rows])})


urlpatterns = [path("bare/<int:rows>/", bare), path("", include("cs_platform.urls"))]


@override_settings(ROOT_URLCONF="tests.bench.lists")
def run(laboratory: Laboratory, options: Namespace) -> None:
    """Count queries with few and with many tasks, and compare the processor time a request."""
    now = timezone.now()
    with laboratory.copy("bench_lists"):
        company = make_company("Lists", regions=4, markets=MARKETS, csms=CSMS, today=now.date())
        csm = company.csm_ids[0]
        for tasks in sorted({min(FEW_TASKS, options.tasks), options.tasks}):
            name = f"bench_lists_{tasks}"
            with laboratory.copy(name, of="bench_lists"):
                with laboratory.superuser(name) as superuser:
                    add_accounts(
                        superuser, company, accounts=tasks, today=now.date(), a_task_each=True
                    )
                    superuser.execute(CONTACTS)
                    superuser.execute("VACUUM (ANALYZE, FREEZE) accounts_contact")
                client = signed_in(company)
                say(f"\nlists of one of {CSMS} CSMs among {tasks} tasks")
                _compare(client, "Today", "/", ROWS_OF_PAGE)
                address = f"/api/v1/tasks/?owner={csm}&status=open"
                _compare(client, "API", address, ROWS)


def signed_in(company: Company) -> Client:
    """Return a client signed in as one of the CSMs."""
    client = Client()
    with acting_for(company.organization_id, door="command"):
        user = Membership.objects.select_related("user").get(pk=company.csm_ids[0]).user
    assert user is not None
    client.force_login(user)
    session = client.session
    session[SESSION_KEY] = str(company.organization_id)
    session.save()
    return client


def _compare(client: Client, name: str, address: str, rows: int) -> None:
    """Ask for both in turns, so that whatever else the machine does befalls both."""
    queries, bare_queries = _queries(client, address), _queries(client, f"/bare/{rows}/")
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(WARM_UP_REQUESTS + REQUESTS):
        costs = _cpu(lambda: _get(client, address)), _cpu(lambda: _get(client, f"/bare/{rows}/"))
        if number >= WARM_UP_REQUESTS:
            ours.append(costs[0] * 1000)
            theirs.append(costs[1] * 1000)
    say(f"  {name:5}  {queries} queries, CPU {spread(ours)} ms a request")
    say(f"  bare   {bare_queries} queries, CPU {spread(theirs)} ms a request, {rows} rows")
    say(f"  ratio of medians {median(ours) / median(theirs):.3g}")


def _queries(client: Client, address: str) -> int:
    _get(client, address)
    with CaptureQueriesContext(connection) as captured:
        _get(client, address)
    return len(captured)


def _get(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise AssertionError(f"{address}: {response.status_code}")


def _cpu(action: Callable[[], None]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start
