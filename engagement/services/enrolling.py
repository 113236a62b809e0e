"""Giving accounts their place in a cadence."""

import datetime as dt
from typing import Any
from uuid import UUID

from accounts.models import Account
from engagement.models import Enrolment
from engagement.rhythm import first_on_or_after, origin_for
from engagement.timing import AgreedTiming, agreed_timing
from playbooks.services import CadenceTable
from regions.models import Market
from regions.working_time import working_time
from tenants.context import current_organization, tenant_cursor

INSERT_ENROLMENTS = """
INSERT INTO engagement_enrolment (
    id, organization_id, account_id, market_id, cadence_id, origin, next_nominal, next_due,
    is_active)
SELECT uuid7(), %(organization)s, account_id, %(market)s, cadence_id, origin, nominal, %(today)s,
       true
FROM unnest(%(accounts)s::uuid[], %(cadences)s::uuid[], %(origins)s::date[], %(nominals)s::date[])
    AS place (account_id, cadence_id, origin, nominal)
ON CONFLICT (organization_id, account_id) DO NOTHING
"""

AGREED_COLUMNS = tuple(
    f"agreements__{name}" for name in ("every", "unit", "weekdays", "hours_from", "hours_to")
)


def enrol_new_accounts(*, market: Market, today: dt.date, cadences: CadenceTable) -> int:
    """Enrol the active accounts of a market that a cadence holds for; return how many.

    Their rhythm starts with the first nominal date from today on: nothing is owed for the past.
    Whether that lies within the horizon is for the pass that follows to find out.
    """
    calendar = working_time(market).calendar
    accounts: list[UUID] = []
    places: list[tuple[UUID, dt.date, dt.date]] = []
    for pk, tier, stage, start, agreed in _accounts_without_enrolment(market):
        cadence = cadences.find(market, tier, stage)
        if cadence is None:
            continue
        rhythm = agreed.applied_to(cadence).rhythm
        origin = origin_for(start, pk, rhythm)
        accounts.append(pk)
        places.append((cadence.pk, origin, first_on_or_after(rhythm, origin, today, calendar)))
    if not accounts:
        return 0
    with tenant_cursor() as cursor:
        cursor.execute(
            INSERT_ENROLMENTS,
            {
                "organization": current_organization(),
                "market": market.pk,
                "today": today,
                "accounts": accounts,
                "cadences": [cadence for cadence, _, _ in places],
                "origins": [origin for _, origin, _ in places],
                "nominals": [nominal for _, _, nominal in places],
            },
        )
        return int(cursor.rowcount)


def _accounts_without_enrolment(
    market: Market,
) -> list[tuple[UUID, str, str, dt.date, AgreedTiming]]:
    # The difference of two indexes, most days empty: a join would visit every account.
    accounts = Account.objects.filter(market=market).order_by().values_list("pk")
    enrolled = Enrolment.objects.filter(market=market).values_list("account")
    missing = [pk for (pk,) in accounts.difference(enrolled)]
    if not missing:
        return []
    rows: Any = (
        Account.objects.active()
        .filter(pk__in=missing)
        .values_list("pk", "tier", "stage", "start_date", *AGREED_COLUMNS)
    )
    return [(pk, tier, stage, start, agreed_timing(rest)) for pk, tier, stage, start, *rest in rows]
