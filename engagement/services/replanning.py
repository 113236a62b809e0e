"""When a rule changes: what nobody touched is planned anew, what somebody touched stays."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from accounts.choices import Stage
from accounts.models import Account
from engagement.choices import PassTrigger, TaskStatus
from engagement.models import Enrolment, Task
from engagement.querysets import TO_DO, UNDONE
from engagement.rhythm import elastic_next, first_on_or_after, origin_for
from engagement.schedule import CadenceMode, CadenceTiming
from engagement.services.enrolling import AGREED_COLUMNS
from engagement.services.passes import lock_markets, plan_market
from engagement.timing import AgreedTiming, agreed_timing
from playbooks.services import cadence_table
from regions.calendars import ONE_DAY, WorkingCalendar
from regions.choices import MarketStatus
from regions.models import Market
from regions.working_time import working_time
from tenants.context import current_organization, tenant_cursor
from toolkit import effects
from toolkit.effects import Effect, EffectKind

UPDATE_ENROLMENTS = """
UPDATE engagement_enrolment e
SET market_id = place.market_id, cadence_id = place.cadence_id, origin = place.origin,
    next_nominal = place.nominal, next_due = place.due, is_active = place.is_active
FROM unnest(
    %(enrolments)s::uuid[], %(markets)s::uuid[], %(cadences)s::uuid[], %(origins)s::date[],
    %(nominals)s::date[], %(dues)s::date[], %(active)s::bool[]
) AS place (enrolment_id, market_id, cadence_id, origin, nominal, due, is_active)
WHERE e.organization_id = %(organization)s AND e.id = place.enrolment_id
"""

# Records of planning go with the check-ins that they stand beside; a missed one is history.
REPLACEABLE = (TaskStatus.OPEN, TaskStatus.MERGED, TaskStatus.SKIPPED)


@transaction.atomic
def replan(*, accounts: QuerySet[Account], now: dt.datetime) -> None:
    """Remove the open check-ins of ``accounts`` that nobody touched, and plan them anew.

    ``now`` is UTC. What was touched stays and is flagged. The effects are reported. Tasks of runs
    and tasks by hand keep their days; those that nobody touched follow an account to its new owner.
    """
    markets = _markets_of(accounts)
    lock_markets(*markets.values())
    removed = _remove_untouched(accounts)
    kept = _flag_touched(accounts)
    _Repositioning(accounts, removed, now).write(markets)
    _follow_owners(accounts)
    for market in markets.values():
        if market.status != MarketStatus.OPEN:
            continue
        ids = list(accounts.filter(market=market).values_list("pk", flat=True))
        if ids:
            plan_market(market=market, now=now, trigger=PassTrigger.CHANGE, only_accounts=ids)
    if effects.wanted():
        effects.report(_compare(removed, accounts) + kept)


@dataclass(frozen=True, slots=True)
class _Removed:
    account_id: UUID
    nominal_date: dt.date
    due_date: dt.date
    status: str


def _markets_of(accounts: QuerySet[Account]) -> dict[UUID, Market]:
    """Return the markets concerned, those left included, in the order of their locks."""
    found = Market.objects.filter(
        Q(accounts__in=accounts) | Q(pk__in=_enrolments(accounts).values("market"))
    ).distinct()
    return {market.pk: market for market in found.order_by("pk")}


def _enrolments(accounts: QuerySet[Account]) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(account__in=accounts.values("pk"))


def _remove_untouched(accounts: QuerySet[Account]) -> list[_Removed]:
    doomed = Task.objects.check_ins().filter(
        account__in=accounts.values("pk"), status__in=REPLACEABLE, touched_at=None
    )
    rows = [
        _Removed(*row)
        for row in doomed.values_list("account_id", "nominal_date", "due_date", "status")
    ]
    doomed._raw_delete(doomed.db)  # no row points to a task that nobody touched
    return rows


def _flag_touched(accounts: QuerySet[Account]) -> list[Effect]:
    touched = Task.objects.check_ins().filter(
        account__in=accounts.values("pk"), status__in=TO_DO, touched_at__isnull=False
    )
    touched.filter(is_flagged=False).update(is_flagged=True, version=F("version") + 1)
    if not effects.wanted():
        return []
    return [
        Effect(EffectKind.KEPT, task.account.market.name, task.account.name, after=task.due_date)
        for task in touched.select_related("account__market")
    ]


def _follow_owners(accounts: QuerySet[Account]) -> None:
    """Give what no cadence plans and nobody touched to who owns the account now."""
    tasks = Task.objects.filter(
        account__in=accounts.values("pk"), enrolment=None, status__in=UNDONE, touched_at=None
    )
    owner = Account.objects.filter(pk=OuterRef("account")).values("owner")
    tasks.exclude(owner=F("account__owner")).exclude(owner=None, account__owner=None).update(
        owner=Subquery(owner), needs_stand_in=False, version=F("version") + 1
    )


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """An enrolled account as it is now, with the place that it had so far."""

    account_id: UUID
    market_id: UUID
    tier: str
    stage: str
    start_date: dt.date
    archived_at: dt.datetime | None
    enrolment_id: UUID
    cadence_id: UUID
    origin: dt.date
    last_contact: dt.date | None
    agreed: AgreedTiming


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an enrolment goes on; without a nominal date it waits or has ended."""

    cadence_id: UUID
    origin: dt.date
    nominal: dt.date | None = None
    due: dt.date | None = None
    is_active: bool = True


ENROLLED_COLUMNS = {
    "account_id": "account_id",
    "market_id": "account__market_id",
    "tier": "account__tier",
    "stage": "account__stage",
    "start_date": "account__start_date",
    "archived_at": "account__archived_at",
    "enrolment_id": "pk",
    "cadence_id": "cadence_id",
    "origin": "origin",
    "last_contact": "last_contact",
}


def _load(accounts: QuerySet[Account]) -> Iterator[_Enrolled]:
    agreed_columns = [f"account__{name}" for name in AGREED_COLUMNS]
    rows = _enrolments(accounts).values(*ENROLLED_COLUMNS.values(), *agreed_columns)
    for row in rows.iterator():
        place = {name: row[column] for name, column in ENROLLED_COLUMNS.items()}
        yield _Enrolled(**place, agreed=agreed_timing([row[name] for name in agreed_columns]))


class _Repositioning:
    """Finds the cadence and the next nominal date of every enrolment concerned."""

    def __init__(
        self, accounts: QuerySet[Account], removed: Iterable[_Removed], now: dt.datetime
    ) -> None:
        self._now = now
        self._cadences = cadence_table()
        self._enrolled = list(_load(accounts))
        self._first_removed: dict[UUID, dt.date] = {}
        for row in removed:
            known = self._first_removed.get(row.account_id, row.nominal_date)
            self._first_removed[row.account_id] = min(known, row.nominal_date)
        left = Task.objects.check_ins().filter(account__in=accounts.values("pk"))
        self._last_left = dict(
            left.values_list("enrolment_id").annotate(last=Max("nominal_date")).order_by()
        )
        self._waiting = set(left.to_do().values_list("enrolment_id", flat=True))

    def write(self, markets: dict[UUID, Market]) -> None:
        """Rewrite the enrolments in one statement."""
        places = [self._place(row, markets[row.market_id]) for row in self._enrolled]
        with tenant_cursor() as cursor:
            cursor.execute(
                UPDATE_ENROLMENTS,
                {
                    "organization": current_organization(),
                    "enrolments": [row.enrolment_id for row in self._enrolled],
                    "markets": [row.market_id for row in self._enrolled],
                    "cadences": [place.cadence_id for place in places],
                    "origins": [place.origin for place in places],
                    "nominals": [place.nominal for place in places],
                    "dues": [place.due for place in places],
                    "active": [place.is_active for place in places],
                },
            )

    def _place(self, row: _Enrolled, market: Market) -> _Place:
        cadence = self._cadences.find(market, row.tier, row.stage)
        planned = row.archived_at is None and row.stage != Stage.CHURNED
        if cadence is None or not planned or market.status != MarketStatus.OPEN:
            return _Place(row.cadence_id, row.origin, is_active=False)
        timing = row.agreed.applied_to(cadence)
        origin = row.origin
        if cadence.pk != row.cadence_id:
            origin = origin_for(row.start_date, row.account_id, timing.rhythm)
        if timing.mode is CadenceMode.ELASTIC and row.enrolment_id in self._waiting:
            return _Place(cadence.pk, origin)
        time = working_time(market)
        today = time.today(self._now)
        nominal = self._next_nominal(row, timing, origin, time.calendar, today)
        # Due today: the pass that follows works out what the horizon really has to reach.
        return _Place(cadence.pk, origin, nominal, today)

    def _next_nominal(
        self,
        row: _Enrolled,
        timing: CadenceTiming,
        origin: dt.date,
        calendar: WorkingCalendar,
        today: dt.date,
    ) -> dt.date:
        """Go on with the first check-in that was removed, else after the last one left."""
        start = self._first_removed.get(row.account_id, today)
        last_left = self._last_left.get(row.enrolment_id)
        if timing.mode is CadenceMode.ELASTIC:
            if row.last_contact is not None:
                return max(elastic_next(timing.rhythm, row.last_contact, calendar), start)
            last_left = last_left or start - ONE_DAY
            return first_on_or_after(
                timing.rhythm, origin, max(start, last_left + ONE_DAY), calendar
            )
        if row.account_id not in self._first_removed and last_left is not None:
            start = max(start, last_left + ONE_DAY)
        return first_on_or_after(timing.rhythm, origin, start, calendar)


def _compare(removed: Iterable[_Removed], accounts: QuerySet[Account]) -> list[Effect]:
    """Pair what was removed with what is planned now, account by account, in order of dates."""
    before: dict[UUID, list[dt.date]] = defaultdict(list)
    for row in removed:
        if row.status == TaskStatus.OPEN:
            before[row.account_id].append(row.due_date)
    after: dict[UUID, list[dt.date]] = defaultdict(list)
    planned = Task.objects.check_ins().filter(
        account__in=accounts.values("pk"), status=TaskStatus.OPEN, touched_at=None
    )
    for account_id, due_date in planned.values_list("account_id", "due_date"):
        after[account_id].append(due_date)
    names = {
        pk: (market, name)
        for pk, market, name in Account.objects.filter(
            pk__in=before.keys() | after.keys()
        ).values_list("pk", "market__name", "name")
    }
    return [
        effect
        for pk, (market, name) in sorted(names.items(), key=lambda item: item[1])
        for effect in _differences(market, name, sorted(before[pk]), sorted(after[pk]))
    ]


def _differences(
    market: str, name: str, before: list[dt.date], after: list[dt.date]
) -> Iterator[Effect]:
    gone = [day for day in before if day not in after]
    new = [day for day in after if day not in before]
    for old_day, new_day in zip_longest(gone, new):
        if old_day is None:
            yield Effect(EffectKind.ADDED, market, name, after=new_day)
        elif new_day is None:
            yield Effect(EffectKind.REMOVED, market, name, before=old_day)
        else:
            yield Effect(EffectKind.MOVED, market, name, before=old_day, after=new_day)
