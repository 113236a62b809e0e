"""Daily planning and what triggers start, region by region, under a lease."""

import datetime as dt
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from engagement.choices import PassTrigger
from engagement.models import MarketPass, RegionPlanning
from engagement.services.firing import fire_market
from engagement.services.passes import plan_market
from playbooks.services import cadence_table
from regions.choices import MarketStatus
from regions.hours import instant, load_zone
from regions.models import Market, Region
from tenants.context import acting_for
from toolkit.errors import DomainError
from toolkit.storage import store

log = structlog.get_logger(__name__)

MINUTES_PER_HOUR = 60


class LeaseLost(DomainError):
    """Another worker took the region over: this one was too slow."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to plan one region until the lease runs out."""

    organization_id: UUID
    region_id: UUID
    token: int
    late_seconds: float


@dataclass(frozen=True, slots=True)
class PlanningState:
    """By how much the latest region is late, and how many failed when last planned."""

    late_seconds: float
    failed_regions: int


def lease_due_regions(*, seconds: int, most: int) -> list[Lease]:
    """Take the due regions of every organization that nobody holds, the latest first.

    By the database's clock; two workers never get the same region.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lease_due_regions(%s, %s)", [seconds, most])
        return [Lease(*row) for row in cursor.fetchall()]


def planning_state() -> PlanningState:
    """Return how planning stands over all organizations, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT late_seconds, failed_regions FROM planning_state()")
        return PlanningState(*cursor.fetchone())


def ensure_region_planning(*, market: Market, now: dt.datetime) -> None:
    """Give the region of ``market`` its daily planning, in the market's zone, if it has none."""
    if RegionPlanning.objects.filter(region=market.region_id).exists():
        return
    planning = RegionPlanning(region_id=market.region_id, time_zone=market.time_zone)
    planning.next_at = next_planning(planning, after=now)
    RegionPlanning.objects.bulk_create([planning], ignore_conflicts=True)


def demand_planning(*, regions: Iterable[UUID]) -> None:
    """Make regions due at once. A worker that is at one of them loses its lease.

    It may have read the markets of the region before what made this necessary.
    """
    RegionPlanning.objects.filter(region__in=list(regions)).update(next_at=Now(), leased_until=None)


def save_region_planning(planning: RegionPlanning, *, now: dt.datetime) -> RegionPlanning:
    """Save the daily planning time of a region."""
    planning.next_at = next_planning(planning, after=now)
    return store(planning, fields=("time_zone", "local_time", "next_at"))


def next_planning(planning: RegionPlanning, *, after: dt.datetime) -> dt.datetime:
    """Return the first instant after ``after``, in UTC, at which the region is to be planned."""
    zone = load_zone(planning.time_zone)
    minute = planning.local_time.hour * MINUTES_PER_HOUR + planning.local_time.minute
    day = after.astimezone(zone).date()
    at = instant(day, minute, zone)
    while at <= after:
        day += dt.timedelta(days=1)
        at = instant(day, minute, zone)
    return at


def plan_leased_region(lease: Lease, *, now: dt.datetime, seconds: int) -> None:
    """Plan the markets of a leased region one by one, and set its next instant with the last.

    After the planning of each market its triggers start what is due. Each is a transaction of its
    own: call this outside of one. What fails in one market
    is kept for the operator and does not hold up the others. Where only the connection failed
    the region stays due: the lease runs out, and whoever takes it next finds what is left.

    :raises LeaseLost: if the lease ran out and another worker has the region now.
    """
    with _acting(lease):
        _hold(lease, seconds=seconds)
        RegionPlanning.objects.filter(region=lease.region_id).update(started_at=now)
        markets = list(markets_to_plan(lease.region_id))
    failures: list[str] = []
    finished = interrupted = False
    passes = [(work, market) for market in markets for work in (plan_market, fire_market)]
    for number, (work, market) in enumerate(passes, 1):
        try:
            with _acting(lease):
                _hold(lease, seconds=seconds)
                work(market=market, now=now)
                if number == len(passes) and not interrupted:
                    _finish(lease, now=now, failures=failures)
                    finished = True
        except LeaseLost:
            raise
        except (OperationalError, InterfaceError):
            log.exception("planning was interrupted", market=str(market.pk))
            interrupted = True
        except Exception as error:
            log.exception("planning a market failed", market=str(market.pk))
            failures.append(f"{market}: {error}")
    if not (finished or interrupted):
        with _acting(lease):
            _finish(lease, now=now, failures=failures)


@transaction.atomic
def plan_region_now(
    *,
    region: Region,
    now: dt.datetime,
    trigger: PassTrigger = PassTrigger.ADMIN,
    today: dt.date | None = None,
) -> list[MarketPass]:
    """Plan all markets of a region at once, whatever its daily time; return what was done.

    ``today`` stands in for the markets' local date.
    """
    cadences = cadence_table()
    return [
        plan_market(market=market, now=now, trigger=trigger, today=today, cadences=cadences)
        for market in markets_to_plan(region.pk)
    ]


def markets_to_plan(region_id: UUID) -> QuerySet[Market]:
    """Return the open markets of a region, always in the same order, so that locks queue up."""
    return Market.objects.filter(region=region_id, status=MarketStatus.OPEN).order_by("pk")


def _acting(lease: Lease) -> AbstractContextManager[None]:
    return acting_for(lease.organization_id, door="worker")


def _hold(lease: Lease, *, seconds: int) -> None:
    """Make the lease last again, if it still is ours."""
    held = RegionPlanning.objects.filter(
        region=lease.region_id, lease_token=lease.token, leased_until__isnull=False
    ).update(leased_until=Now() + dt.timedelta(seconds=seconds))
    if not held:
        raise LeaseLost(_("Another worker plans this region now."))


def _finish(lease: Lease, *, now: dt.datetime, failures: list[str]) -> None:
    planning = RegionPlanning.objects.select_for_update().get(region=lease.region_id)
    planning.next_at = next_planning(planning, after=now)
    planning.leased_until = None
    planning.finished_at = now
    planning.failure = "\n".join(failures)
    planning.save(force_update=True)
