"""One planning pass over one market: a few statements, however many accounts it has."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.db import transaction

from engagement.choices import PassState, PassTrigger
from engagement.models import MarketPass
from engagement.rhythm import phase
from engagement.schedule import HORIZON_DAYS, CadenceMode, CadenceTiming, Plan, plan
from engagement.services.arrays import array_of, instants, moves_as_json
from engagement.services.enrolling import enrol_new_accounts
from engagement.timing import AgreedTiming, agreed_timing
from playbooks.models import Cadence
from playbooks.services import CadenceTable, cadence_table
from regions.choices import MarketStatus
from regions.market_time import MarketTime
from regions.models import Market
from regions.shared_days import Availability
from regions.working_time import working_time
from talent.services import availabilities
from tenants.context import audit_covered_by, current_organization, tenant_cursor

log = structlog.get_logger(__name__)

DUE_ENROLMENTS = """
SELECT e.id, a.owner_id, e.cadence_id, e.origin, e.next_nominal,
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
    RETURNING status, due_date, moves
)
SELECT count(*) FILTER (WHERE status = 'open'),
       count(*) FILTER (WHERE status = 'open' AND due_date < %(today)s),
       count(*) FILTER (WHERE status = 'open' AND moves IS NOT NULL),
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
    lock_market(market)
    time = working_time(market)
    today = today or time.today(now)
    if market.status == MarketStatus.OPEN:
        enrol_new_accounts(market=market, today=today, cadences=cadences or cadence_table())
    rows = _due_enrolments(market, today, only_accounts)
    record = MarketPass.objects.create(
        market=market, trigger=trigger, today=today, considered=_count_enrolments(market)
    )
    if rows:
        _advance_and_insert(record, _Batch(time=time, today=today, rows=rows))
    elif not record.considered and only_accounts is None and _should_have_considered(market):
        record.state = PassState.ALARM
        log.error("planning considered no account", market=str(market.pk))
    record.save(force_update=True)
    return record


def lock_market(market: Market) -> None:
    """Wait until nobody else plans this market; the lock ends with the transaction."""
    with tenant_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(market.pk)])


class _DueEnrolment(NamedTuple):
    enrolment_id: UUID
    owner_id: UUID | None
    cadence_id: UUID
    origin: dt.date
    nominal: dt.date
    agreed: AgreedTiming


def _due_enrolments(
    market: Market, today: dt.date, only_accounts: Sequence[UUID] | None
) -> list[_DueEnrolment]:
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
            _DueEnrolment(enrolment, owner, cadence, origin, nominal, _agreed(rest))
            for enrolment, owner, cadence, origin, nominal, *rest in cursor.fetchall()
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


class _Batch:
    """The due enrolments of a market, and one plan for each distinct combination of dates."""

    def __init__(self, *, time: MarketTime, today: dt.date, rows: list[_DueEnrolment]) -> None:
        self.rows = rows
        self.today = today
        self.plans: list[Plan] = []
        self.plan_of_row: list[int] = []
        self._time = time
        self._cadences = Cadence.objects.in_bulk({row.cadence_id for row in rows})
        self._availability = availabilities({row.owner_id for row in rows if row.owner_id})
        self._timings: dict[tuple[UUID, AgreedTiming], CadenceTiming] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        for row in rows:
            self.plan_of_row.append(self._number(row))

    def _number(self, row: _DueEnrolment) -> int:
        """Return the number, from 1, of the plan for a row; rows alike share one."""
        owner = self._availability.get(row.owner_id) if row.owner_id else None
        timing = self._timing(row)
        key = (
            id(timing),
            # An elastic rhythm counts from the last contact.
            phase(timing.rhythm, row.origin) if timing.mode is CadenceMode.FIXED else None,
            row.nominal,
            owner and (id(owner.calendar), owner.leave),
        )
        number = self._numbers.get(key)
        if number is None:
            self.plans.append(self._plan(row, timing, owner))
            number = self._numbers[key] = len(self.plans)
        return number

    def _timing(self, row: _DueEnrolment) -> CadenceTiming:
        key = (row.cadence_id, row.agreed)
        timing = self._timings.get(key)
        if timing is None:
            cadence = self._cadences[row.cadence_id]
            timing = self._timings[key] = row.agreed.applied_to(cadence)
        return timing

    def _plan(self, row: _DueEnrolment, timing: CadenceTiming, owner: Availability | None) -> Plan:
        return plan(
            timing,
            origin=row.origin,
            next_nominal=row.nominal,
            market=row.agreed.applied_to_market(self._time),
            owner=owner,
            today=self.today,
        )

    def move_reasons(self) -> Counter[str]:
        """Count the check-ins moved, by reason."""
        reasons = [
            {str(move.reason) for check_in in each.check_ins for move in check_in.moves}
            for each in self.plans
        ]
        counted: Counter[str] = Counter()
        for number in self.plan_of_row:
            counted.update(reasons[number - 1])
        return counted

    def parameters(self) -> dict[str, Any]:
        """Return the arrays of the statement."""
        check_ins = [
            (number, check_in)
            for number, each in enumerate(self.plans, 1)
            for check_in in each.check_ins
        ]
        plans = [self.plans[number - 1] for number in self.plan_of_row]
        return {
            "enrolments": array_of(row.enrolment_id for row in self.rows),
            "owners": array_of(row.owner_id for row in self.rows),
            "nominals": array_of(row.nominal for row in self.rows),
            "plans": array_of(self.plan_of_row),
            "next_nominals": array_of(each.next_nominal for each in plans),
            "next_dues": array_of(each.next_due for each in plans),
            "check_in_plans": array_of(number for number, _ in check_ins),
            "check_in_nominals": array_of(check_in.nominal for _, check_in in check_ins),
            "due_dates": array_of(check_in.due_date for _, check_in in check_ins),
            "due_ats": instants(check_in.due_at for _, check_in in check_ins),
            "statuses": array_of(check_in.state for _, check_in in check_ins),
            "moves": [moves_as_json(check_in.moves) for _, check_in in check_ins],
            "stand_ins": array_of(check_in.needs_stand_in for _, check_in in check_ins),
            "today": self.today,
        }


def _advance_and_insert(record: MarketPass, batch: _Batch) -> None:
    parameters = batch.parameters() | {
        "organization": current_organization(),
        "pass": record.pk,
    }
    with audit_covered_by(record.pk), tenant_cursor() as cursor:
        cursor.execute(ADVANCE_AND_INSERT, parameters)
        record.planned, record.late, record.moved, record.recorded = cursor.fetchone()
    record.reasons = dict(batch.move_reasons())
