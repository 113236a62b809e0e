"""How planning goes, read for those who watch over it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from engagement.choices import PassTrigger
from engagement.models import MarketPass, RegionPlanning
from regions.choices import MarketStatus
from regions.hours import load_zone
from regions.models import Market, Region

LATE_AFTER = dt.timedelta(minutes=10)


class PlanningHealth(StrEnum):
    """How a region's daily planning stands."""

    FINE = "fine"
    NEW = "new"
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RegionOverview:
    """A region's planning; instants in the region's zone."""

    planning: RegionPlanning
    health: PlanningHealth
    last: dt.datetime | None
    next: dt.datetime


def region_overviews(*, now: dt.datetime) -> list[RegionOverview]:
    """Return how each region's planning stands, in one query. ``now`` is UTC."""
    plannings = RegionPlanning.objects.select_related("region").order_by("region__name", "id")
    return [_overview(planning, now) for planning in plannings]


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the first planning of the open markets is, and what came of it."""

    markets: int
    planned: int
    check_ins: int
    failures: list[str]
    is_late: bool

    @property
    def is_done(self) -> bool:
        """Whether every open market was planned."""
        return self.planned == self.markets


def opening(*, now: dt.datetime) -> Opening:
    """Return how far the first planning is, in two queries. ``now`` is UTC."""
    # What a change plans may be a few accounts only.
    passes = MarketPass.objects.filter(market=OuterRef("pk")).exclude(trigger=PassTrigger.CHANGE)
    planned = passes.order_by().values("market").annotate(total=Sum("planned")).values("total")
    found = list(
        Market.objects.filter(status=MarketStatus.OPEN)
        .order_by()
        .annotate(check_ins=Subquery(planned))
        .values_list("check_ins", flat=True)
    )
    plannings = list(RegionPlanning.objects.all())
    return Opening(
        markets=len(found),
        planned=sum(check_ins is not None for check_ins in found),
        check_ins=sum(check_ins or 0 for check_ins in found),
        failures=[planning.failure for planning in plannings if planning.failure],
        is_late=any(_health(planning, now) is PlanningHealth.LATE for planning in plannings),
    )


def latest_passes(*, region: Region | None = None) -> QuerySet[MarketPass]:
    """Return the latest planning pass over each market, by its name."""
    passes = MarketPass.objects.select_related("market")
    if region is not None:
        passes = passes.filter(market__region=region)
    latest = passes.order_by("market__name", "market_id", "-at", "-id")
    return latest.distinct("market__name", "market_id")


def _overview(planning: RegionPlanning, now: dt.datetime) -> RegionOverview:
    zone = load_zone(planning.time_zone)
    return RegionOverview(
        planning=planning,
        health=_health(planning, now),
        last=planning.finished_at and planning.finished_at.astimezone(zone),
        next=planning.next_at.astimezone(zone),
    )


def _health(planning: RegionPlanning, now: dt.datetime) -> PlanningHealth:
    if planning.failure:
        return PlanningHealth.FAILED
    if planning.next_at + LATE_AFTER < now:
        return PlanningHealth.LATE
    return PlanningHealth.FINE if planning.finished_at else PlanningHealth.NEW
