"""How planning goes, read for those who watch over it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from engagement.models import MarketPass, RegionPlanning
from regions.hours import load_zone
from regions.models import Region

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
