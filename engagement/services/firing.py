"""Triggers at work: what is due starts, once, and each decision is kept with its reason."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from engagement.choices import FiringResult, RunCause
from engagement.models import Trigger, TriggerFiring
from engagement.services.arrays import array_of
from engagement.services.channels import tell_run_starts
from engagement.services.judging import judge_account, judge_markets, watched
from engagement.services.launching import foresee_runs, start_runs
from engagement.services.passes import lock_markets
from engagement.services.refusals import Refusal, Refused, say_refusal
from engagement.trigger_rules import ON_CALL, TriggerKind, Verdict, WhyNot
from engagement.wording import say_why_not
from regions.choices import MarketStatus
from regions.models import Market
from regions.working_time import working_time
from tenants.context import audit_covered_by, current_organization, tenant_cursor
from tenants.models import Membership
from toolkit.conditions import one_of
from toolkit.errors import DomainError

LONGEST_DETAIL = TriggerFiring._meta.get_field("detail").max_length
PASSING = frozenset({Refusal.NO_EDITION, Refusal.CALENDAR_ENDS})
"""What is mended elsewhere: the occasion is not decided, and tried again within its grace."""

INSERT_FIRINGS = """
INSERT INTO engagement_triggerfiring (
    id, organization_id, trigger_id, account_id, occasion, due_on, day, result, detail, run_id)
SELECT uuid7(), %(organization)s, %(trigger)s, decided.*
FROM unnest(
    %(accounts)s::uuid[], %(occasions)s::text[], %(due_ons)s::date[], %(days)s::date[],
    %(results)s::text[], %(details)s::text[], %(runs)s::uuid[]
) AS decided
ON CONFLICT (organization_id, trigger_id, account_id, occasion) DO NOTHING
"""


class TriggerOff(DomainError):
    """A trigger that is not active starts nothing."""


class NotOnCall(DomainError):
    """An occasion is named from outside only where another program says what happened."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An account for which a trigger starts nothing, and why."""

    account_id: UUID
    verdict: Verdict
    refused: Refused | None = None

    @property
    def reason(self) -> str:
        """The reason's name."""
        return str(self.refused.reason if self.refused else self.verdict.why_not)

    @property
    def text(self) -> str:
        """Why, in one sentence."""
        return say_refusal(self.refused) if self.refused else say_why_not(self.verdict)


@dataclass
class Fired:
    """What a trigger did, or would do; ``watched`` is how many accounts it looks at in all."""

    accounts: list[UUID] = field(default_factory=list)
    tasks: int = 0
    held_back: list[HeldBack] = field(default_factory=list)
    watched: int = 0
    run_ids: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def without_occasion(self) -> int:
        """For how many of the watched accounts nothing happened."""
        return max(0, self.watched - len(self.accounts) - len(self.held_back))


@transaction.atomic
def fire_market(*, market: Market, now: dt.datetime) -> list[Fired]:
    """Start what the triggers have due in a market; running it twice starts nothing more.

    The caller's transaction holds the market's lock until it ends.
    """
    triggers = _daily_triggers()
    if not triggers or market.status != MarketStatus.OPEN:
        return []
    lock_markets(market)
    return [_fire(trigger, [market], now=now, by=None) for trigger in triggers]


@transaction.atomic
def fire_trigger(
    trigger: Trigger,
    *,
    by: Membership | None,
    at: dt.datetime,
    account: Account | None = None,
    occasion: str = "",
) -> Fired:
    """Look at once at all accounts that a trigger watches, or at one; start what is due.

    ``occasion`` is what another program calls what happened: the same starts once for an account.

    :raises TriggerOff: if the trigger, or its playbook, is not in use.
    :raises NotOnCall: for an occasion of a trigger that finds its own.
    """
    if not _is_in_use(trigger):
        raise TriggerOff(_("Switch the trigger on before it starts anything."))
    if occasion and trigger.kind != TriggerKind.API:
        raise NotOnCall(_("Only a trigger for other programs takes an occasion."))
    markets = [account.market] if account else _open_markets(trigger)
    lock_markets(*markets)
    return _fire(trigger, markets, now=at, by=by, account=account, named=occasion)


def dry_run(
    trigger: Trigger,
    *,
    now: dt.datetime,
    account: Account | None = None,
    market: Market | None = None,
) -> Fired:
    """Return what a trigger would start now, for all accounts, those of a market, or one.

    Whether it is switched on does not matter. In a fixed number of queries.
    """
    markets = [account.market] if account else _open_markets(trigger, market)
    verdicts = _verdicts(trigger, markets, now, account, "")
    due = [pk for pk, verdict in verdicts.items() if verdict.is_due]
    fired = Fired(held_back=_held_back(verdicts), watched=_count(trigger, markets, account))
    if due:
        foreseen = foresee_runs(playbook=trigger.playbook, accounts=_accounts(due), at=now)
        fired.accounts, fired.tasks = foreseen.accounts, foreseen.tasks
        fired.held_back += _refused(foreseen.refused, verdicts)
    return fired


def _fire(
    trigger: Trigger,
    markets: Sequence[Market],
    *,
    now: dt.datetime,
    by: Membership | None,
    account: Account | None = None,
    named: str = "",
) -> Fired:
    verdicts = _verdicts(trigger, markets, now, account, named)
    due = [pk for pk, verdict in verdicts.items() if verdict.is_due]
    fired = Fired(held_back=_held_back(verdicts))
    if due:
        launch = start_runs(
            playbook=trigger.playbook,
            accounts=_accounts(due),
            by=by,
            at=now,
            cause=RunCause.TRIGGER,
        )
        fired.run_ids, fired.tasks = launch.run_ids, launch.tasks
        fired.accounts = list(launch.run_ids)
        fired.held_back += _refused(launch.refused, verdicts)
        if fired.accounts:
            tell_run_starts(trigger.name, accounts=fired.accounts)
    _keep(trigger, fired, verdicts, _todays(verdicts, markets, now))
    return fired


def _verdicts(
    trigger: Trigger,
    markets: Sequence[Market],
    now: dt.datetime,
    account: Account | None,
    named: str,
) -> dict[UUID, Verdict]:
    if account:
        return {account.pk: judge_account(trigger, account, now=now, named=named)}
    return judge_markets(trigger, markets, now=now, named=named)


def _held_back(verdicts: Mapping[UUID, Verdict]) -> list[HeldBack]:
    return [HeldBack(pk, verdict) for pk, verdict in verdicts.items() if not verdict.is_due]


def _refused(refused: Iterable[Refused], verdicts: Mapping[UUID, Verdict]) -> list[HeldBack]:
    return [HeldBack(each.account_id, verdicts[each.account_id], each) for each in refused]


def _accounts(ids: Iterable[UUID]) -> Any:
    return Account.objects.filter(one_of("pk", ids))


def _count(trigger: Trigger, markets: Iterable[Market], account: Account | None) -> int:
    return 1 if account else watched(trigger, markets).count()


def _daily_triggers() -> list[Trigger]:
    """Return the triggers that look by themselves, always in the same order."""
    triggers = Trigger.objects.filter(
        is_active=True, archived_at=None, playbook__archived_at=None
    ).exclude(kind__in=[kind.value for kind in ON_CALL])
    return list(triggers.select_related("playbook").order_by("pk"))


def _is_in_use(trigger: Trigger) -> bool:
    return trigger.is_active and not (trigger.archived_at or trigger.playbook.archived_at)


def _open_markets(trigger: Trigger, market: Market | None = None) -> list[Market]:
    """Return the open markets, in the order of their locks."""
    markets = Market.objects.filter(status=MarketStatus.OPEN)
    for wanted in (trigger.market_id, market and market.pk):
        markets = markets.filter(pk=wanted) if wanted else markets
    return list(markets.order_by("pk"))


def _todays(
    verdicts: Mapping[UUID, Verdict], markets: Sequence[Market], now: dt.datetime
) -> Mapping[UUID, dt.date]:
    """Return each account's local day."""
    today = {market.pk: working_time(market).today(now) for market in markets}
    if len(set(today.values())) == 1:
        return dict.fromkeys(verdicts, next(iter(today.values())))
    rows = _accounts(verdicts).values_list("pk", "market_id")
    return {pk: today[market] for pk, market in rows}


def _keep(
    trigger: Trigger,
    fired: Fired,
    verdicts: Mapping[UUID, Verdict],
    todays: Mapping[UUID, dt.date],
) -> None:
    """Keep what was decided: an occasion that started something, or will not any more."""
    decided: list[tuple[UUID, FiringResult, str, UUID | None]]
    decided = [(pk, FiringResult.STARTED, "", run) for pk, run in fired.run_ids.items()]
    decided += [
        (each.account_id, FiringResult(each.reason), _detail(each), None)
        for each in fired.held_back
        if _is_final(trigger, each)
    ]
    if not decided:
        return
    occasions = [verdicts[pk].occasion for pk, *_rest in decided]
    parameters: dict[str, Any] = {
        "organization": current_organization(),
        "trigger": trigger.pk,
        "accounts": array_of(pk for pk, *_rest in decided),
        "occasions": [occasion.key for occasion in occasions if occasion],
        "due_ons": array_of(occasion.day for occasion in occasions if occasion),
        "days": array_of(todays[pk] for pk, *_rest in decided),
        "results": [result.value for _pk, result, _detail, _run in decided],
        "details": [detail for _pk, _result, detail, _run in decided],
        "runs": array_of(run for *_rest, run in decided),
    }
    with audit_covered_by(trigger.pk), tenant_cursor() as cursor:
        cursor.execute(INSERT_FIRINGS, parameters)


def _is_final(trigger: Trigger, held_back: HeldBack) -> bool:
    """Return whether an occasion is over with this: silence that lasts waits for its cool-down."""
    if held_back.refused:
        return held_back.refused.reason not in PASSING
    is_cooling = held_back.verdict.why_not is WhyNot.COOL_DOWN
    return is_cooling and trigger.kind != TriggerKind.SILENT


def _detail(held_back: HeldBack) -> str:
    if held_back.refused:
        return held_back.refused.detail[:LONGEST_DETAIL]
    return held_back.verdict.until.isoformat() if held_back.verdict.until else ""
