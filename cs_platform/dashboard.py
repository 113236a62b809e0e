"""The admin's start page: what waits for somebody, and how planning goes."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.choices import Stage
from accounts.models import Account
from engagement.choices import TaskStatus
from engagement.models import Task
from engagement.overview import latest_passes, region_overviews
from regions.access import markets_of_work
from regions.choices import MarketStatus
from regions.models import CulturalStatement
from tenants.authentication import Identity
from tenants.models import ApiKey
from tenants.permissions import Right, identity_of, may, member_of

KEYS_RUN_OUT_WITHIN = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that somebody ought to look at, and where."""

    text: str
    url: str


def planning_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what waits, each region's planning and the latest pass over each market."""
    identity = identity_of(request)
    if identity is not None:
        context |= {
            "regions": region_overviews(now=timezone.now()),
            "passes": latest_passes(),
        }
        if may(identity, Right.EDIT_STRUCTURE):
            context["open_points"] = list(_open_points(request, identity))
    return context


def _open_points(request: HttpRequest, identity: Identity) -> Iterator[OpenPoint]:
    """Yield what waits in the markets where the member works."""
    markets = markets_of_work(member_of(request))
    here = Q() if markets is None else Q(market__in=markets)
    accounts = Account.objects.filter(here, archived_at=None)

    if count := accounts.filter(owner=None).count():
        said = ngettext(
            "%(count)d account has no owner.", "%(count)d accounts have no owner.", count
        )
        yield _point(said, count, "accounts_account", "owner__isnull=True")
    planned = accounts.filter(market__status=MarketStatus.OPEN).exclude(stage=Stage.CHURNED)
    if count := planned.exclude(enrolments__is_active=True).count():
        said = ngettext(
            "%(count)d account has no cadence, so nothing is planned for it.",
            "%(count)d accounts have no cadence, so nothing is planned for them.",
            count,
        )
        yield _point(said, count, "playbooks_cadence", "")
    at_accounts = Q() if markets is None else Q(account__market__in=markets)
    tasks = Task.objects.filter(at_accounts, status=TaskStatus.OPEN, needs_stand_in=True)
    if count := tasks.count():
        said = ngettext(
            "%(count)d task needs a stand-in.", "%(count)d tasks need a stand-in.", count
        )
        yield _point(said, count, "engagement_task", "status__exact=open&needs_stand_in__exact=1")
    reports = CulturalStatement.objects.filter(here, confirmed_at=None, withdrawn_at=None)
    if count := reports.count():
        said = ngettext(
            "%(count)d report on a market was not confirmed by the local team.",
            "%(count)d reports on markets were not confirmed by the local team.",
            count,
        )
        yield _point(said, count, "regions_culturalstatement", "standing=open")
    if may(identity, Right.MANAGE_MEMBERS):
        soon = timezone.now() + KEYS_RUN_OUT_WITHIN
        keys = ApiKey.objects.filter(revoked_at=None, expires_at__range=(timezone.now(), soon))
        if count := keys.count():
            said = ngettext(
                "%(count)d API key runs out within 30 days.",
                "%(count)d API keys run out within 30 days.",
                count,
            )
            yield _point(said, count, "tenants_apikey", "")


def _point(said: str, count: int, model: str, query: str) -> OpenPoint:
    url = reverse(f"admin:{model}_changelist")
    return OpenPoint(said % {"count": count}, f"{url}?{query}" if query else url)
