"""Three days without any worker, over a month's end and the night on which clocks go back."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Account
from engagement import services
from engagement.models import MarketPass, Task
from regions.models import Region
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

# America's clocks go back in the night to Sunday, 1 November; Europe's went back a week before.
MARKETS = ("US", "FR", "SA")
RHYTHMS: dict[str, dict[str, Any]] = {
    "tier_1": {"every": 1, "unit": "weeks", "weekdays": [1, 5], "mode": "fixed"},
    "tier_2": {"every": 2, "unit": "days", "mode": "elastic"},
    "tier_3": {"every": 1, "unit": "months", "working_day": "last", "mode": "fixed"},
}
BEFORE = dt.datetime(2026, 10, 29, 5, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
MISSED_MORNINGS = [BEFORE + dt.timedelta(days=days) for days in range(1, 5)]


@dataclass(frozen=True)
class Planned:
    """What is planned in the end, and how many check-ins were due before they were planned."""

    check_ins: set[tuple[Any, ...]]
    late: int


@pytest.fixture
def regions(acting: Cast) -> list[Region]:
    """Three markets with an account of each rhythm; the elastic ones were called on Thursday."""
    for tier, rhythm in RHYTHMS.items():
        factories.cadence(tier=tier, **{"title": tier} | rhythm)
    for code in MARKETS:
        for tier in RHYTHMS:
            factories.account(market=factories.market(code), tier=tier)
    regions = list(Region.objects.all())
    _plan(regions, BEFORE)
    for task in Task.objects.to_do().filter(account__tier="tier_2"):
        services.complete_task(task=task, by=acting.csm, at=BEFORE)
    return regions


def _plan(regions: Iterable[Region], at: dt.datetime) -> None:
    for region in regions:
        services.plan_region_now(region=region, now=at)


def _planned(regions: Iterable[Region], mornings: Iterable[dt.datetime]) -> Planned:
    """Return what mornings of planning come to, and take it back."""
    with transaction.atomic():
        known = set(MarketPass.objects.values_list("pk", flat=True))
        for morning in mornings:
            _plan(regions, morning)
        rows = Task.objects.values_list(
            *("account", "nominal_date", "due_date", "due_at", "status", "needs_stand_in")
        )
        found = Planned(
            set(rows),
            sum(MarketPass.objects.exclude(pk__in=known).values_list("late", flat=True)),
        )
        transaction.set_rollback(True)
    return found


def test_what_is_planned_afterwards_is_what_would_have_been_planned(regions: list[Region]) -> None:
    without = _planned(regions, [*MISSED_MORNINGS, AFTER])
    after = _planned(regions, [AFTER])
    assert after.check_ins == without.check_ins
    assert (without.late, after.late) == (0, len(MARKETS))


def test_what_came_too_late_keeps_its_day_and_hour(regions: list[Region]) -> None:
    """Called on Thursday, due on Monday in New York: by its new clock, planned on Tuesday."""
    _plan(regions, AFTER)
    account = Account.objects.get(market__code="US", tier="tier_2")
    late = Task.objects.to_do().get(account=account)
    assert late.nominal_date == dt.date(2026, 10, 31)
    assert late.due_date == dt.date(2026, 11, 2)
    assert late.due_at == dt.datetime(2026, 11, 2, 22, tzinfo=dt.UTC)
