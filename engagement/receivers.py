"""What lower apps tell, and what planning makes of it: the check-ins concerned are replanned."""

from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Account
from accounts.signals import accounts_changed, consent_withdrawn, contract_dates_changed
from engagement.services import (
    demand_planning,
    ensure_region_planning,
    follow_accounts,
    keep_with_a_person,
    replan,
    stop_messages,
    within_known_days,
)
from outbox.models import Letter
from outbox.signals import letter_wanted_again
from playbooks.models import Cadence
from playbooks.signals import cadence_changed
from regions.models import Market
from regions.signals import calendar_changed, markets_opened
from talent.signals import availability_changed
from tenants.models import Membership
from toolkit import consequences
from toolkit.conditions import one_of


def connect() -> None:
    """Listen."""
    calendar_changed.connect(_on_calendar_changed, dispatch_uid="replan market")
    markets_opened.connect(_on_markets_opened, dispatch_uid="plan opened markets")
    accounts_changed.connect(_on_accounts_changed, dispatch_uid="replan accounts")
    contract_dates_changed.connect(_on_contract_dates_changed, dispatch_uid="runs follow contracts")
    consent_withdrawn.connect(_on_consent_withdrawn, dispatch_uid="stop messages")
    letter_wanted_again.connect(_on_letter_wanted_again, dispatch_uid="keep with a person")
    cadence_changed.connect(_on_cadence_changed, dispatch_uid="replan cadence")
    availability_changed.connect(_on_availability_changed, dispatch_uid="replan owner")


def _on_calendar_changed(*, market: Market, **_: Any) -> None:
    ensure_region_planning(market=market, now=timezone.now())
    # Residents plan their own days by this calendar, wherever their accounts are.
    concerned = Q(market=market) | Q(owner__work_profiles__home_market=market)
    consequences.draw(_replan, concerned)


def _on_markets_opened(*, markets: list[Market], **_: Any) -> None:
    for market in markets:
        ensure_region_planning(market=market, now=timezone.now())
    # Where a market is opened again, enrolments that rest go on; new ones are left to the worker.
    consequences.draw(_replan, Q(market__in=markets, enrolments__isnull=False))
    demand_planning(regions={market.region_id for market in markets})


def _on_accounts_changed(*, accounts: QuerySet[Account], **_: Any) -> None:
    ids = list(accounts.values_list("pk", flat=True))
    # Runs are locked before tasks, so they come first.
    consequences.draw(_follow, *ids)
    consequences.draw(_replan_accounts, *ids)


def _on_contract_dates_changed(*, accounts: QuerySet[Account], **_: Any) -> None:
    consequences.draw(_follow, *accounts.values_list("pk", flat=True))


def _on_letter_wanted_again(*, letter: Letter, **_: Any) -> None:
    keep_with_a_person(letter)


def _on_cadence_changed(*, cadence: Cadence, **_: Any) -> None:
    concerned = Q(tier=cadence.tier, stage=cadence.stage)
    if cadence.market_id:
        concerned &= Q(market=cadence.market_id)
    elif cadence.region_id:
        concerned &= Q(market__region=cadence.region_id)
    # Where it held before: its place may be what changed.
    concerned |= Q(enrolments__cadence=cadence)
    consequences.draw(_replan, concerned)


def _on_availability_changed(*, membership: Membership, **_: Any) -> None:
    consequences.draw(_replan, Q(owner=membership))


def _replan_accounts(ids: list[UUID]) -> None:
    """Replan accounts, however many: an import changes a hundred thousand at once."""
    with within_known_days():
        replan(accounts=Account.objects.filter(one_of("pk", ids)), now=timezone.now())


def _follow(ids: list[UUID]) -> None:
    """Let the runs of accounts, however many, follow their dates and markets."""
    follow_accounts(accounts=Account.objects.filter(one_of("pk", ids)), at=timezone.now())


def _replan(conditions: list[Q]) -> None:
    """Replan the accounts that any of the conditions concerns, together."""
    concerned = Account.objects.filter(reduce(or_, conditions))
    with within_known_days():
        # Joins are kept inside, so that no account comes twice.
        replan(accounts=Account.objects.filter(pk__in=concerned.values("pk")), now=timezone.now())


def _on_consent_withdrawn(*, address: str, **_: Any) -> None:
    stop_messages(address)
