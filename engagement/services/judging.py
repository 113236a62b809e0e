"""What triggers have to do for accounts: facts read in a few queries, judged by pure rules."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.choices import Changed
from accounts.models import Account, AccountChange
from engagement.choices import FiringResult
from engagement.models import Trigger, TriggerFiring
from engagement.rhythm import Rhythm
from engagement.services.enrolling import AGREED_COLUMNS
from engagement.silence import Silence, silence_of
from engagement.timing import agreed_timing
from engagement.trigger_rules import (
    ON_CALL,
    Occasion,
    TriggerFacts,
    TriggerKind,
    Verdict,
    days_in_question,
    judge,
)
from playbooks.models import Cadence
from regions.calendars import CalendarRangeError
from regions.market_time import MarketTime
from regions.models import Market
from regions.working_time import markets_by_today, prepare_working_times, working_time
from toolkit.conditions import one_of

CHANGES = {
    TriggerKind.STAGE_ENTERED: Changed.STAGE,
    TriggerKind.TIER_CHANGED: Changed.TIER,
    TriggerKind.MARKET_MOVED: Changed.MARKET,
}
ACCOUNT_COLUMNS = ("pk", "market_id", "tier", "stage", "start_date", "renewal_date")
RHYTHM_COLUMNS = ("enrolments__cadence_id", "enrolments__last_contact", *AGREED_COLUMNS)
# A change just before the earliest midnight in question, wherever that midnight comes first.
MARGIN = dt.timedelta(days=1)


@dataclass
class _Decided:
    """What a trigger decided for an account so far."""

    keys: set[str] = field(default_factory=set)
    last_start: dt.date | None = None


def watched(trigger: Trigger, markets: Iterable[Market]) -> QuerySet[Account]:
    """Return the accounts of markets that a trigger watches: those worked with, of its kind."""
    accounts = Account.objects.active().filter(market__in=[market.pk for market in markets])
    return accounts.filter(
        **({"stage": trigger.stage} if trigger.stage else {}),
        **({"tier": trigger.tier} if trigger.tier else {}),
        **({"market": trigger.market_id} if trigger.market_id else {}),
    )


def judge_markets(
    trigger: Trigger, markets: Sequence[Market], *, now: dt.datetime, named: str = ""
) -> dict[UUID, Verdict]:
    """Return what a trigger has to do in markets, without accounts that nothing happened to.

    Each market has its own today at ``now`` (UTC). In a number of queries that grows neither with
    the accounts nor with the markets.
    """
    prepare_working_times(markets)
    return _judge(trigger, _in_question(trigger, markets, now), markets, now, named)


def judge_account(
    trigger: Trigger, account: Account, *, now: dt.datetime, named: str = ""
) -> Verdict:
    """Return what a trigger has to do for one account, whichever it is."""
    accounts = Account.objects.filter(pk=account.pk)
    return _judge(trigger, accounts, [account.market], now, named)[account.pk]


def _in_question(
    trigger: Trigger, markets: Iterable[Market], now: dt.datetime
) -> QuerySet[Account]:
    """Keep the accounts for which an occasion may be due, found by what dates it."""
    accounts = watched(trigger, markets)
    kind = trigger.rule.kind
    if kind in ON_CALL:
        return accounts
    if kind is TriggerKind.SILENT:
        return accounts.filter(enrolments__is_active=True)
    conditions = (
        Q(market__in=pks) & _dated(trigger, *days_in_question(trigger.rule, today))
        for today, pks in markets_by_today(markets, now).items()
    )
    return accounts.filter(reduce(or_, conditions, Q(pk=None)))


def _dated(trigger: Trigger, first: dt.date, last: dt.date) -> Q:
    kind = trigger.rule.kind
    if kind is TriggerKind.BEFORE_RENEWAL:
        return Q(renewal_date__range=(first, last))
    if kind is TriggerKind.AFTER_START:
        return Q(start_date__range=(first, last))
    since = dt.datetime.combine(first, dt.time(), dt.UTC) - MARGIN
    changes = AccountChange.objects.filter(what=CHANGES[kind], at__gte=since)
    return Q(pk__in=changes.values("account"))


def _judge(
    trigger: Trigger,
    accounts: QuerySet[Account],
    markets: Iterable[Market],
    now: dt.datetime,
    named: str,
) -> dict[UUID, Verdict]:
    rule = trigger.rule
    columns = ACCOUNT_COLUMNS + (RHYTHM_COLUMNS if rule.kind is TriggerKind.SILENT else ())
    rows: list[Any] = list(accounts.order_by("pk").values_list(*columns, named=True))
    times = {market.pk: working_time(market) for market in markets}
    ids = [row.pk for row in rows]
    changes = _changes(trigger, ids) if rule.kind in CHANGES and ids else {}
    decided = _decided(trigger, ids) if ids else {}
    silences = _Silences(trigger, rows) if rule.kind is TriggerKind.SILENT else None
    verdicts: dict[UUID, Verdict] = {}
    for row in rows:
        time = times[row.market_id]
        today = time.today(now)
        known = decided.get(row.pk) or _Decided()
        facts = TriggerFacts(
            start_date=row.start_date,
            renewal_date=row.renewal_date,
            change=_occasion(changes.get(row.pk), time),
            silence=silences.of(row, today, time) if silences else None,
            fits=_fits(trigger, row),
            decided=known.keys,
            last_start=known.last_start,
            named=named,
        )
        verdicts[row.pk] = judge(rule, facts, today)
    return verdicts


def _fits(trigger: Trigger, row: Any) -> bool:
    return (
        trigger.stage in ("", row.stage)
        and trigger.tier in ("", row.tier)
        and trigger.market_id in (None, row.market_id)
    )


def _changes(trigger: Trigger, ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, dt.datetime]]:
    """Return the latest change of the trigger's kind of each account."""
    changes = AccountChange.objects.filter(
        one_of("account_id", ids), what=CHANGES[trigger.rule.kind]
    )
    latest = changes.order_by("account_id", "-at", "-id").distinct("account_id")
    rows = latest.values_list("account_id", "pk", "at")
    return {account: (pk, at) for account, pk, at in rows}


def _occasion(change: tuple[UUID, dt.datetime] | None, time: MarketTime) -> Occasion | None:
    return Occasion(str(change[0]), time.today(change[1])) if change else None


def _decided(trigger: Trigger, ids: Iterable[UUID]) -> Mapping[UUID, _Decided]:
    found: dict[UUID, _Decided] = defaultdict(_Decided)
    firings = TriggerFiring.objects.filter(one_of("account_id", ids), trigger=trigger)
    rows = firings.order_by("day").values_list("account_id", "occasion", "day", "result")
    for account, occasion, day, result in rows:
        found[account].keys.add(occasion)
        if result == FiringResult.STARTED:
            found[account].last_start = day
    return found


class _Silences:
    """How long accounts have been silent; those alike are counted once."""

    def __init__(self, trigger: Trigger, rows: Iterable[Any]) -> None:
        self._percent = trigger.silence_percent
        self._cadences = Cadence.objects.in_bulk(
            {row.enrolments__cadence_id for row in rows if row.enrolments__cadence_id}
        )
        self._known: dict[tuple[Any, ...], Silence | None] = {}

    def of(self, row: Any, today: dt.date, time: MarketTime) -> Silence | None:
        """Return the silence since the last two-way contact, or since the start.

        None where no rhythm says what is normal, or the market's days are not known.
        """
        cadence = self._cadences.get(row.enrolments__cadence_id)
        if cadence is None:
            return None
        since = row.enrolments__last_contact or row.start_date
        agreed = agreed_timing([getattr(row, name) for name in AGREED_COLUMNS])
        rhythm: Rhythm = agreed.applied_to(cadence).rhythm
        key = (row.market_id, since, rhythm)
        if key not in self._known:
            self._known[key] = self._silence(since, rhythm, today, time)
        return self._known[key]

    def _silence(
        self, since: dt.date, rhythm: Rhythm, today: dt.date, time: MarketTime
    ) -> Silence | None:
        try:
            return silence_of(since, rhythm, today, time, percent=self._percent)
        except CalendarRangeError:
            return None
