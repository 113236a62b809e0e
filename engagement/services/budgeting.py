"""How often customers are touched already, and how often they may be."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from engagement.contact_budget import Allowance
from governance.vocabulary import CONTACT_KINDS
from playbooks.services.budgets import ContactRules
from regions.models import Market
from regions.working_time import working_time
from tenants.context import current_organization, tenant_cursor

# Contacts to come by their day, contacts that were made by the time of closing. What was closed
# as internal work reached nobody.
TAKEN = """
SELECT t.account_id, t.due_date, CASE WHEN t.status = 'done' THEN t.closed_at END
FROM engagement_task t
LEFT JOIN playbooks_cadence c
    ON c.organization_id = t.organization_id AND c.id = t.cadence_id
LEFT JOIN playbooks_editionstep s
    ON s.organization_id = t.organization_id AND s.id = t.step_id
WHERE t.organization_id = %(organization)s AND t.account_id = ANY(%(accounts)s::uuid[])
  AND (t.status IN ('open', 'snoozed', 'waiting') AND t.due_date BETWEEN %(first)s AND %(last)s
       OR t.status = 'done' AND t.outcome <> 'internal' AND t.closed_at >= %(first)s)
  AND CASE WHEN t.cadence_id IS NOT NULL THEN c.benefit <> ''
           WHEN t.step_id IS NOT NULL THEN s.fields ->> 'kind' = ANY(%(kinds)s)
           ELSE t.benefit <> '' END
"""


class Allowances:
    """The allowance of each market and tier; one query, and none more where nobody set any."""

    def __init__(self) -> None:
        self._rules = ContactRules()
        self._known: dict[tuple[UUID, str], Allowance | None] = {}

    @property
    def are_set(self) -> bool:
        """Whether anything limits how often customers are touched."""
        return self._rules.has_budgets

    def of(self, market: Market, tier: str) -> Allowance | None:
        """Return how often a customer may be touched; None where nothing limits it."""
        key = (market.pk, tier)
        if key not in self._known:
            budget = self._rules.budget(market, tier) if self.are_set else None
            self._known[key] = (
                Allowance(budget.most_touches, budget.period_days) if budget else None
            )
        return self._known[key]


def taken_days(
    markets: Mapping[UUID, Market],
    *,
    first: dt.date,
    last: dt.date,
) -> dict[UUID, list[dt.date]]:
    """Return the local days of the contacts of accounts, ascending, in one query.

    ``markets`` are those of the accounts, by their ids. Days before ``first`` and after ``last``
    may be left out.
    """
    found: dict[UUID, list[dt.date]] = defaultdict(list)
    with tenant_cursor() as cursor:
        cursor.execute(
            TAKEN,
            {
                "organization": current_organization(),
                "accounts": list(markets),
                # One day more, for the clocks of the world.
                "first": first - dt.timedelta(days=1),
                "last": last,
                "kinds": sorted(CONTACT_KINDS),
            },
        )
        for account_id, due_date, closed_at in cursor.fetchall():
            day = working_time(markets[account_id]).today(closed_at) if closed_at else due_date
            found[account_id].append(day)
    for days in found.values():
        days.sort()
    return found


def reach(days: Iterable[dt.date], allowances: Collection[Allowance]) -> tuple[dt.date, dt.date]:
    """Return the first and last day that may matter for contacts on some days."""
    days = list(days)
    furthest = max(each.reach for each in allowances)
    return min(days) - furthest, max(days) + 2 * furthest
