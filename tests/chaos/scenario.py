"""What is done under fire, in two organizations: check-ins fall due wave by wave, a trigger starts
a playbook for each account of a wave, and an endpoint is told of it.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from cs_platform.embedded import Servers, secret
from cs_platform.embedded.postgres import DATABASE, SUPERUSER
from engagement.models import Enrolment, Task, Trigger
from engagement.services import plan_market, save_trigger
from outbox.models import WebhookEndpoint
from outbox.webhooks import create_endpoint
from playbooks.models import Playbook, PlaybookVersion
from playbooks.services import create_playbook, publish_version
from regions.models import Market
from talent.services import adopt_starting_roles
from tenants.context import acting_for
from tenants.models import Membership
from tests.bench.company import Company, make_company

RECOVERY_SECONDS = 60
BEYOND_ALL_HORIZONS = 1000
START_DAYS = 300
STEPS = 3

# Nobody owns them: what lands together on a person's day is spread over the next ones, and what
# lands together depends on the waves.
ACCOUNTS = """
INSERT INTO accounts_account (
    id, organization_id, version, market_id, owner_id, name, search_name, tier, stage, city,
    start_date, currency)
SELECT uuid7(), %(organization)s, 1, (%(markets)s::uuid[])[1 + number %% %(market_count)s],
       NULL, 'Account', 'account',
       (ARRAY['tier_1', 'tier_2'])[1 + number / %(market_count)s %% 2],
       (ARRAY['value', 'renewal'])[1 + number / %(market_count)s %% 2],
       '', %(today)s::date - 400, 'USD'
FROM generate_series(0, %(accounts)s - 1) AS number
"""

# Half are elastic with one check-in to come. The others are due every second week, and were not
# planned in time: one check-in is overdue and one is to come. Neither depends on the hour at
# which it is planned, nor on which side of midnight.
ENROLMENTS = """
INSERT INTO engagement_enrolment (
    id, organization_id, account_id, market_id, cadence_id, origin, next_nominal, next_due,
    is_active)
SELECT uuid7(), a.organization_id, a.id, a.market_id, c.id, nominal, nominal,
       %(today)s::date + %(beyond)s + (rank / %(market_count)s %% %(waves)s)::int, true
FROM (SELECT *, row_number() OVER (ORDER BY id) AS rank FROM accounts_account
      WHERE organization_id = %(organization)s) a
JOIN playbooks_cadence c
    ON c.organization_id = a.organization_id AND c.tier = a.tier AND c.stage = a.stage
CROSS JOIN LATERAL (
    SELECT %(today)s::date + CASE c.mode WHEN 'elastic' THEN 3 ELSE -12 END AS nominal) AS place
"""

# The trigger's day is yesterday, so that it has come in every zone.
RELEASE = """
WITH released AS (
    UPDATE engagement_enrolment e SET next_due = %(today)s
    FROM regions_market m
    WHERE m.id = e.market_id AND m.region_id = %(region)s AND e.next_due = (
        SELECT min(next_due) FROM engagement_enrolment e JOIN regions_market m ON m.id = e.market_id
        WHERE m.region_id = %(region)s AND next_due >= %(today)s::date + %(beyond)s)
    RETURNING e.account_id
)
UPDATE accounts_account a SET start_date = %(today)s::date - 1 - %(start_days)s
FROM released WHERE a.id = released.account_id
"""

# A region at rest has nothing left to plan: what a pass has left behind would wait for a day.
LEFT_BEHIND = """
SELECT count(*) FROM engagement_enrolment e JOIN regions_market m ON m.id = e.market_id
WHERE m.region_id = %(region)s AND e.next_due <= %(today)s
"""

# Only a region that rests: what is released while it is planned belongs to the next morning.
MAKE_DUE = """
UPDATE engagement_regionplanning SET next_at = clock_timestamp()
WHERE region_id = %(region)s AND leased_until IS NULL AND next_at > clock_timestamp()
"""

LEASED = "SELECT count(*) FROM engagement_regionplanning WHERE leased_until > clock_timestamp()"
RESTLESS = """
SELECT count(*) FROM engagement_regionplanning
WHERE leased_until IS NOT NULL OR next_at <= clock_timestamp()
"""

# Time passes: what waits for its next attempt is due, and what a killed worker held runs out.
HASTEN = """
UPDATE outbox_webhookdelivery SET due_at = clock_timestamp(),
    leased_until = CASE WHEN leased_until IS NOT NULL THEN clock_timestamp() END
WHERE status = 'queued' AND greatest(due_at, leased_until) > clock_timestamp()
"""
FORGIVE = "UPDATE outbox_webhookendpoint SET silent_until = NULL WHERE silent_until IS NOT NULL"
UNSENT = "SELECT count(*) FROM outbox_webhookdelivery WHERE status = 'queued'"

CHECK_INS = """
SELECT enrolment_id, nominal_date, due_date, status FROM engagement_task
WHERE enrolment_id IS NOT NULL
"""
PLACES = "SELECT id, next_nominal FROM engagement_enrolment"

CheckIn = tuple[UUID, dt.date, dt.date, str]
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What planning makes of everything when nobody disturbs it."""

    check_ins: frozenset[CheckIn]
    places: frozenset[tuple[UUID, dt.date | None]]


@dataclass(slots=True)
class Scenario:
    """Two organizations in one database, and the waves that each region still has to come."""

    servers: Servers
    companies: list[Company]
    today: dt.date
    expected: Expected
    accounts: int
    endpoints: list[WebhookEndpoint]
    waves_left: dict[UUID, int] = field(default_factory=dict)
    left_behind: int = 0

    @contextmanager
    def superuser(self) -> Iterator[Connection]:
        """Connect as the superuser, as soon as the server lets us; no trigger sees our writes."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                connection = _connect(self.servers)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                break
        with connection:
            yield connection

    def release_wave(self, region_id: UUID) -> bool:
        """Let the next wave of a region fall due; return False while the region is planned."""
        values = {
            "region": region_id,
            "today": self.today,
            "beyond": BEYOND_ALL_HORIZONS,
            "start_days": START_DAYS,
        }
        with self.superuser() as connection, connection.transaction():
            if not connection.execute(MAKE_DUE, values).rowcount:
                return False
            self.left_behind += _number(connection.execute(LEFT_BEHIND, values))
            connection.execute(RELEASE, values)
        self.waves_left[region_id] -= 1
        return True

    def is_being_planned(self) -> bool:
        """Tell whether a worker holds a lease."""
        with self.superuser() as connection:
            return bool(_number(connection.execute(LEASED)))

    def is_at_rest(self) -> bool:
        """Tell whether no region is due or leased."""
        with self.superuser() as connection:
            return not _number(connection.execute(RESTLESS))

    def is_all_sent(self) -> bool:
        """Tell whether no message waits to be sent; let the time pass until the next attempts."""
        with self.superuser() as connection:
            connection.execute(FORGIVE)
            connection.execute(HASTEN)
            return not _number(connection.execute(UNSENT))


def prepare(
    servers: Servers, *, check_ins: int, markets: int, regions: int, waves: int, port: int
) -> Scenario:
    """Fill an empty, migrated database, and find out what is to be expected."""
    today = dt.datetime.now(dt.UTC).date()
    companies = [
        make_company(name, regions=regions, markets=markets, csms=4, today=today)
        for name in ("Alder", "Birch")
    ]
    # Every second account has two check-ins.
    accounts = -(-check_ins * 2 // 3 // len(companies))
    with _connect(servers) as connection:
        for company in companies:
            values = {
                "organization": company.organization_id,
                "markets": company.market_ids,
                "market_count": len(company.market_ids),
                "accounts": accounts,
                "today": today,
                "beyond": BEYOND_ALL_HORIZONS,
                "waves": waves,
                "start_days": START_DAYS,
            }
            connection.execute(ACCOUNTS, values)
            connection.execute(ENROLMENTS, values)
        connection.execute("UPDATE engagement_regionplanning SET next_at = now() + interval '1 d'")
    expected = _rehearse(companies, today)
    endpoints = [
        _launch_and_tell(company, today, f"http://127.0.0.1:{port}/{number}")
        for number, company in enumerate(companies)
    ]
    scenario = Scenario(servers, companies, today, expected, accounts * len(companies), endpoints)
    for company in companies:
        scenario.waves_left |= dict.fromkeys(company.region_ids, waves)
    return scenario


def _launch_and_tell(company: Company, today: dt.date, url: str) -> WebhookEndpoint:
    """Let a trigger start a playbook for whoever has been a customer for long, and tell of it."""
    with acting_for(company.organization_id, door="command"):
        adopt_starting_roles()
        by = Membership.objects.order_by("pk")[0]
        version = create_playbook(
            Playbook(key="review", motion="business_review"),
            PlaybookVersion(name="Review", goal="You see what it brought you."),
            by=by,
            steps=[_step("call"), _step("notes", depends_on=["call"]), _step("letter")],
        )
        publish_version(version, by=by, at=dt.datetime.now(dt.UTC))
        save_trigger(
            Trigger(
                name="Customer for long",
                playbook=version.playbook,
                kind="after_start",
                days=START_DAYS,
                is_active=True,
            )
        )
        endpoint, _secret = create_endpoint(WebhookEndpoint(url=url, event_types=["run.started"]))
        return endpoint


def _step(key: str, **values: Any) -> dict[str, Any]:
    return {
        "key": key,
        "title": f"The {key}",
        "outcome": f"You have the {key}.",
        "kind": "call",
        "channel": "call",
        "offset": 3,
        **values,
    }


def _rehearse(companies: list[Company], today: dt.date) -> Expected:
    """Plan everything at once in transactions that are rolled back."""
    check_ins: set[CheckIn] = set()
    places: set[tuple[UUID, dt.date | None]] = set()
    for company in companies:
        with acting_for(company.organization_id, door="command"):
            Enrolment.objects.update(next_due=today)
            for market in Market.objects.all():
                plan_market(market=market, now=dt.datetime.now(dt.UTC))
            check_ins |= set(
                Task.objects.values_list("enrolment_id", "nominal_date", "due_date", "status")
            )
            places |= set(Enrolment.objects.values_list("pk", "next_nominal"))
            transaction.set_rollback(True)
    return Expected(frozenset(check_ins), frozenset(places))


def _connect(servers: Servers) -> Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=servers.postgres.port,
        user=SUPERUSER,
        password=secret(servers.data, SUPERUSER),
        dbname=DATABASE,
        autocommit=True,
        options="-c session_replication_role=replica",
    )


def _number(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> int:
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
