"""What lower apps tell, and what planning makes of it: the check-ins concerned are replanned."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Account
from accounts.signals import accounts_changed
from engagement.services import ensure_region_planning, replan, within_known_days
from playbooks.models import Cadence
from playbooks.signals import cadence_changed
from regions.models import Market
from regions.signals import calendar_changed
from talent.signals import availability_changed
from tenants.models import Membership


def connect() -> None:
    """Listen."""
    calendar_changed.connect(_on_calendar_changed, dispatch_uid="replan market")
    accounts_changed.connect(_on_accounts_changed, dispatch_uid="replan accounts")
    cadence_changed.connect(_on_cadence_changed, dispatch_uid="replan cadence")
    availability_changed.connect(_on_availability_changed, dispatch_uid="replan owner")


def _on_calendar_changed(*, market: Market, **_: Any) -> None:
    ensure_region_planning(market=market, now=timezone.now())
    # Residents plan their own days by this calendar, wherever their accounts are.
    concerned = Q(market=market) | Q(owner__work_profiles__home_market=market)
    _replan(_some_accounts(concerned))


def _on_accounts_changed(*, accounts: QuerySet[Account], **_: Any) -> None:
    _replan(accounts)


def _on_cadence_changed(*, cadence: Cadence, **_: Any) -> None:
    concerned = Q(tier=cadence.tier, stage=cadence.stage)
    if cadence.market_id:
        concerned &= Q(market=cadence.market_id)
    elif cadence.region_id:
        concerned &= Q(market__region=cadence.region_id)
    # Where it held before: its place may be what changed.
    concerned |= Q(enrolments__cadence=cadence)
    _replan(_some_accounts(concerned))


def _on_availability_changed(*, membership: Membership, **_: Any) -> None:
    _replan(_some_accounts(Q(owner=membership)))


def _replan(accounts: QuerySet[Account]) -> None:
    with within_known_days():
        replan(accounts=accounts, now=timezone.now())


def _some_accounts(concerned: Q) -> QuerySet[Account]:
    """Return accounts by condition; joins are kept inside, so that no account comes twice."""
    return Account.objects.filter(pk__in=Account.objects.filter(concerned).values("pk"))
