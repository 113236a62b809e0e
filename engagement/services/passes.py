"""One planning pass over one market: a few statements, however many accounts it has."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction

from engagement.choices import PassState, PassTrigger
from engagement.models import MarketPass
from engagement.schedule import HORIZON_DAYS
from engagement.services.batch import Batch, DueEnrolment
from engagement.services.enrolling import enrol_new_accounts
from engagement.services.settling import keep_budgets, spread_out
from engagement.timing import AgreedTiming, agreed_timing
from playbooks.models import Cadence
from playbooks.services import CadenceTable, cadence_table
from regions.choices import MarketStatus
from regions.models import Market
from regions.working_time import working_time
from tenants.context import audit_covered_by, current_organization, tenant_cursor

log = structlog.get_logger(__name__)

DUE_ENROLMENTS = """
SELECT e.id, e.account_id, a.tier, a.owner_id, e.cadence_id, e.origin, e.next_nominal,
       g.every, g.unit, g.weekdays, g.hours_from, g.hours_to
FROM engagement_enrolment e
JOIN accounts_account a ON a.organization_id = e.organization_id AND a.id = e.account_id
LEFT JOIN accounts_workingagreement g
    ON g.organization_id = e.organization_id AND g.account_id = e.account_id
WHERE e.organization_id = %(organization)s AND e.market_id = %(market)s
  AND e.next_due <= %(limit)s
  AND (%(only)s::uuid[] IS NULL OR e.account_id = ANY(%(only)s))
"""

COUNT_ENROLMENTS = """
SELECT count(*) FROM engagement_enrolment
WHERE organization_id = %(organization)s AND market_id = %(market)s AND is_active
"""

# Whoever advances an enrolment inserts its check-ins: both happen, or neither.
ADVANCE_AND_INSERT = """
WITH due AS (
    SELECT * FROM unnest(
        %(enrolments)s::uuid[], %(owners)s::uuid[], %(nominals)s::date[],
        %(next_nominals)s::date[], %(next_dues)s::date[], %(plans)s::int[]
    ) AS due (enrolment_id, owner_id, nominal, next_nominal, next_due, plan)
), check_in AS (
    SELECT * FROM unnest(
        %(check_in_plans)s::int[], %(check_in_nominals)s::date[], %(due_dates)s::date[],
        %(due_ats)s::timestamptz[], %(statuses)s::text[], %(moves)s::jsonb[], %(stand_ins)s::bool[]
    ) AS check_in (plan, nominal, due_date, due_at, status, moves, needs_stand_in)
), advanced AS (
    UPDATE engagement_enrolment e
    SET next_nominal = due.next_nominal, next_due = due.next_due
    FROM due
    WHERE e.organization_id = %(organization)s AND e.id = due.enrolment_id
      AND e.next_nominal = due.nominal
    RETURNING e.id, e.account_id, e.cadence_id, due.owner_id, due.plan
), inserted AS (
    INSERT INTO engagement_task (
        id, organization_id, version, account_id, enrolment_id, cadence_id, owner_id,
        planned_by_id, nominal_date, due_date, due_at, status, moves, needs_stand_in,
        is_flagged, outcome, note, reason)
    SELECT uuid7(), %(organization)s, 1, advanced.account_id, advanced.id, advanced.cadence_id,
           advanced.owner_id, %(pass)s, check_in.nominal, check_in.due_date, check_in.due_at,
           check_in.status, check_in.moves, check_in.needs_stand_in, false, '', '', ''
    FROM advanced JOIN check_in USING (plan)
    ON CONFLICT (organization_id, enrolment_id, nominal_date) DO NOTHING
    RETURNING status, nominal_date, due_date
)
SELECT count(*) FILTER (WHERE status = 'open'),
       count(*) FILTER (WHERE status = 'open' AND due_date < %(today)s),
       count(*) FILTER (WHERE status = 'open' AND due_date <> nominal_date),
       count(*) FILTER (WHERE status <> 'open')
FROM inserted
"""


@transaction.atomic
def plan_market(
    *,
    market: Market,
    now: dt.datetime,
    trigger: PassTrigger = PassTrigger.SCHEDULE,
    today: dt.date | None = None,
    only_accounts: Sequence[UUID] | None = None,
    cadences: CadenceTable | None = None,
) -> MarketPass:
    """Plan every check-in of a market whose due date lies within the horizon.

    ``now`` is UTC; ``today`` is the market's local date, from ``now`` unless given. Running it
    twice changes nothing. The caller's transaction holds the market's lock until it ends.

    :raises CalendarRangeError: if a due date is not covered by the holiday data.
    """
    lock_markets(market)
    time = working_time(market)
    today = today or time.today(now)
    if market.status == MarketStatus.OPEN:
        enrol_new_accounts(market=market, today=today, cadences=cadences or cadence_table())
    rows = _due_enrolments(market, today, only_accounts)
    record = MarketPass.objects.create(
        market=market, trigger=trigger, today=today, considered=_count_enrolments(market)
    )
    if rows:
        batch = Batch(time=time, today=today, rows=rows)
        spread_out(batch, market=market)
        keep_budgets(batch, market=market)
        _advance_and_insert(record, batch)
    elif not record.considered and only_accounts is None and _should_have_considered(market):
        record.state = PassState.ALARM
        log.error("planning considered no account", market=str(market.pk))
    record.save(force_update=True)
    return record


def lock_markets(*markets: Market) -> None:
    """Wait until nobody else plans these markets; the lock ends with the transaction.

    Whoever wants several takes them all at once: they are locked in the order of their ids.
    """
    ids = sorted(str(market.pk) for market in markets)
    with tenant_cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM unnest(%s::text[]) id",
            [ids],
        )


def _due_enrolments(
    market: Market, today: dt.date, only_accounts: Sequence[UUID] | None
) -> list[DueEnrolment]:
    with tenant_cursor() as cursor:
        cursor.execute(
            DUE_ENROLMENTS,
            {
                "organization": current_organization(),
                "market": market.pk,
                "limit": today + dt.timedelta(days=HORIZON_DAYS),
                "only": None if only_accounts is None else list(only_accounts),
            },
        )
        return [
            DueEnrolment(enrolment, account, tier, owner, cadence, origin, nominal, _agreed(rest))
            for enrolment, account, tier, owner, cadence, origin, nominal, *rest in cursor
        ]


NOTHING_AGREED = AgreedTiming()


def _agreed(values: Sequence[object]) -> AgreedTiming:
    return agreed_timing(values) if any(values) else NOTHING_AGREED


def _count_enrolments(market: Market) -> int:
    with tenant_cursor() as cursor:
        cursor.execute(
            COUNT_ENROLMENTS, {"organization": current_organization(), "market": market.pk}
        )
        return int(cursor.fetchone()[0])


def _should_have_considered(market: Market) -> bool:
    """Tell whether the market has accounts and the organization has cadences."""
    return (
        market.status == MarketStatus.OPEN
        and market.accounts.active().exists()
        and Cadence.objects.filter(archived_at=None).exists()
    )


def _advance_and_insert(record: MarketPass, batch: Batch) -> None:
    parameters = batch.parameters() | {
        "organization": current_organization(),
        "pass": record.pk,
    }
    with audit_covered_by(record.pk), tenant_cursor() as cursor:
        cursor.execute(ADVANCE_AND_INSERT, parameters)
        record.planned, record.late, record.moved, record.recorded = cursor.fetchone()
    record.reasons = dict(batch.move_reasons())
