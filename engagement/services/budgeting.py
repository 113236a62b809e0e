"""How often customers are touched already, and how often they may be."""

import datetime as dt
from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Account
from engagement.contact_budget import Allowance
from engagement.run_plan import PlannedTask, within_budget
from governance.vocabulary import CONTACT_KINDS
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor, is_contact
from playbooks.services.budgets import ContactRules
from regions.market_time import MarketTime
from regions.models import Market
from regions.shared_days import Availability
from regions.working_time import working_time
from tenants.context import current_organization, tenant_cursor

# Contacts to come by their day; those that were made by the time of closing, or the day of a
# meeting that closed nothing. What was closed as internal work reached nobody.
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
  AND NOT t.id = ANY(%(leave_out)s::uuid[])
UNION ALL
SELECT m.account_id, m.held_on, NULL
FROM engagement_meeting m
WHERE m.organization_id = %(organization)s AND m.account_id = ANY(%(accounts)s::uuid[])
  AND m.task_id IS NULL AND m.held_on >= %(first)s
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


@dataclass(frozen=True, slots=True)
class Customer:
    """What the budget of an account depends on."""

    market: Market
    tier: str

    @classmethod
    def of(cls, account: Account) -> "Customer":
        """Return an account as budgets see it."""
        return cls(account.market, account.tier)


class Room:
    """The room that contact budgets leave to some customers; what finds its day takes it.

    ``days`` are those on which contacts are wanted, ``leave_out`` tasks that leave their day. Two
    queries, one where no budget holds and none where nothing is wanted.
    """

    def __init__(
        self,
        customers: Mapping[UUID, Customer],
        *,
        days: Collection[dt.date],
        leave_out: Iterable[UUID] = (),
    ) -> None:
        self._limits: dict[UUID, Allowance] = {}
        self._taken: dict[UUID, list[dt.date]] = {}
        if not days:
            return
        allowances = Allowances()
        for account_id, each in customers.items():
            if limit := allowances.of(each.market, each.tier):
                self._limits[account_id] = limit
        if self._limits:
            first, last = reach(days, set(self._limits.values()))
            markets = {pk: customers[pk].market for pk in self._limits}
            self._taken = taken_days(markets, first=first, last=last, leave_out=leave_out)

    def take(self, account_id: UUID, day: dt.date) -> None:
        """Count a contact that stands on its day."""
        insort(self._taken.setdefault(account_id, []), day)

    def keep(
        self,
        account_id: UUID,
        tasks: Sequence[PlannedTask],
        steps: Sequence[StepDocument],
        *,
        anchors: Mapping[Anchor, dt.date],
        market: MarketTime,
        owner: Availability | None,
    ) -> tuple[PlannedTask, ...]:
        """Return planned tasks of a customer on days that have room, and take them."""
        if account_id not in self._limits:
            return tuple(tasks)
        found = within_budget(
            tasks,
            steps,
            allowance=self._limits[account_id],
            taken=self._taken.get(account_id, ()),
            anchors=anchors,
            market=market,
            owner=owner,
        )
        contacts = {step.key for step in steps if is_contact(step)}
        for task in found:
            if task.key in contacts:
                self.take(account_id, task.due_date)
        return found


def taken_days(
    markets: Mapping[UUID, Market],
    *,
    first: dt.date,
    last: dt.date | None,
    leave_out: Iterable[UUID] = (),
) -> dict[UUID, list[dt.date]]:
    """Return the local days of the contacts of accounts, ascending, in one query.

    ``markets`` are those of the accounts, by their ids. Days before ``first`` may be left out,
    contacts to come after ``last`` are (without it all of them), and the tasks ``leave_out``.
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
                "leave_out": list(leave_out),
            },
        )
        for account_id, day, closed_at in cursor.fetchall():
            made_on = working_time(markets[account_id]).today(closed_at) if closed_at else day
            found[account_id].append(made_on)
    for days in found.values():
        days.sort()
    return found


def reach(days: Iterable[dt.date], allowances: Collection[Allowance]) -> tuple[dt.date, dt.date]:
    """Return the first and last day that may matter for contacts on some days."""
    days = list(days)
    furthest = max(each.reach for each in allowances)
    return min(days) - furthest, max(days) + 2 * furthest
