"""Regions planned every local morning, under a lease."""

import datetime as dt
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from engagement import services
from engagement.models import Enrolment, MarketPass, RegionPlanning, Task
from engagement.services.regions import Lease, next_planning
from engagement.tasks import plan_region
from regions.calendars import CalendarRangeError
from regions.market_time import MarketTime
from regions.models import Market
from regions.working_time import working_time
from tenants.celery import MissingOrganization
from tests import factories
from tests.conftest import Cast, day
from toolkit.uuid7 import uuid7

pytestmark = pytest.mark.django_db

LEASE_SECONDS = 300


def make_due(cast: Cast, *, hours: int = 1) -> None:
    """Let the region planning of ``cast`` be due since some hours."""
    with cast.acting():
        RegionPlanning.objects.update(next_at=timezone.now() - dt.timedelta(hours=hours))


def lease() -> list[Lease]:
    return services.lease_due_regions(seconds=LEASE_SECONDS, most=100)


@pytest.fixture
def france(cast: Cast) -> Market:
    """A market with a weekly cadence and one account whose check-in is due."""
    with cast.acting():
        france = factories.market("FR")
        factories.cadence(every=1, unit="weeks")
        factories.account(market=france)
        Task.objects.all().delete()
        today = timezone.now().date()
        Enrolment.objects.update(next_nominal=today, next_due=today, origin=today)
    return france


class TestNextPlanning:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            # The night on which Madrid's clocks go forward, and the one on which they go back.
            ("2026-03-28T23:00", "2026-03-29T03:00"),
            ("2026-10-24T23:00", "2026-10-25T04:00"),
            ("2026-06-01T03:00", "2026-06-02T03:00"),
            ("2026-06-01T02:59", "2026-06-01T03:00"),
        ],
    )
    def test_is_the_next_local_morning(self, after: str, expected: str) -> None:
        planning = RegionPlanning(
            organization_id=uuid7(), time_zone="Europe/Madrid", local_time=dt.time(5, 0)
        )
        found = next_planning(planning, after=dt.datetime.fromisoformat(after + "+00:00"))
        assert found == dt.datetime.fromisoformat(expected + "+00:00")


class TestLeaseDueRegions:
    def test_takes_each_due_region_once(self, cast: Cast, france: Market) -> None:
        make_due(cast)
        taken = lease()
        assert [each.organization_id for each in taken] == [cast.organization.pk]
        assert taken[0].late_seconds == pytest.approx(3600, abs=60)
        assert lease() == []

    def test_spans_all_organizations(self, cast: Cast, outsiders: Cast, france: Market) -> None:
        with outsiders.acting():
            factories.market("JP")
        make_due(cast)
        make_due(outsiders)
        assert {each.organization_id for each in lease()} == {
            cast.organization.pk,
            outsiders.organization.pk,
        }

    def test_takes_a_lease_that_ran_out_again_with_a_new_token(
        self, cast: Cast, france: Market
    ) -> None:
        make_due(cast)
        first = lease()[0]
        with cast.acting():
            RegionPlanning.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        second = lease()[0]
        assert second.token == first.token + 1


class TestPlanLeasedRegion:
    def test_plans_and_sets_the_next_morning(self, cast: Cast, france: Market) -> None:
        make_due(cast)
        now = timezone.now()
        services.plan_leased_region(lease()[0], now=now, seconds=LEASE_SECONDS)
        with cast.acting():
            planning = RegionPlanning.objects.get()
            assert Task.objects.to_do().exists()
        assert now < planning.next_at <= now + dt.timedelta(hours=25)
        assert planning.leased_until is None
        assert planning.finished_at == now
        assert planning.failure == ""

    def test_refuses_a_worker_whose_lease_is_gone(self, cast: Cast, france: Market) -> None:
        make_due(cast)
        slow = lease()[0]
        with cast.acting():
            RegionPlanning.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        lease()
        with pytest.raises(services.LeaseLost):
            services.plan_leased_region(slow, now=timezone.now(), seconds=LEASE_SECONDS)
        with cast.acting():
            assert not Task.objects.exists()

    def test_delivered_twice_plans_once(self, cast: Cast, france: Market) -> None:
        make_due(cast)
        taken = lease()[0]
        services.plan_leased_region(taken, now=timezone.now(), seconds=LEASE_SECONDS)
        with pytest.raises(services.LeaseLost):
            services.plan_leased_region(taken, now=timezone.now(), seconds=LEASE_SECONDS)

    def test_keeps_why_a_market_failed_and_plans_the_others(
        self, cast: Cast, france: Market
    ) -> None:
        with cast.acting():
            spain = factories.market("ES", in_region=france.region)
            factories.account(market=spain)
            Task.objects.all().delete()
            today = timezone.now().date()
            Enrolment.objects.filter(market=spain).update(next_nominal=today, next_due=today)
        make_due(cast)

        def unreadable(market: Market) -> MarketTime:
            if market.code == "FR":
                raise CalendarRangeError(day("2051-01-01"), day("2010-01-01"), day("2050-12-31"))
            return working_time(market)

        with (
            patch("engagement.services.passes.working_time", unreadable),
            patch("engagement.services.regions.log") as log,
        ):
            services.plan_leased_region(lease()[0], now=timezone.now(), seconds=LEASE_SECONDS)
        log.exception.assert_called_once()
        with cast.acting():
            planning = RegionPlanning.objects.get()
            assert Task.objects.filter(account__market=spain).exists()
        assert planning.failure.startswith("France: 2051-01-01 leads outside the known days")
        assert planning.leased_until is None

    def test_leaves_nothing_half_planned_when_a_statement_fails(
        self, cast: Cast, france: Market
    ) -> None:
        make_due(cast)
        with (
            patch(
                "engagement.services.passes.ADVANCE_AND_INSERT", "SELECT 1 / 0 FROM engagement_task"
            ),
            patch("engagement.services.regions.log"),
        ):
            with cast.acting():
                factories.account(market=france, tier="tier_2")
                before = list(Enrolment.objects.order_by("pk").values())
            services.plan_leased_region(lease()[0], now=timezone.now(), seconds=LEASE_SECONDS)
        with cast.acting():
            assert list(Enrolment.objects.order_by("pk").values()) == before
            assert not MarketPass.objects.filter(trigger="schedule").exists()


class TestTheWorkerTask:
    def test_refuses_to_run_without_an_organization(self) -> None:
        with pytest.raises(MissingOrganization):
            plan_region(region_id="x", token=1)

    def test_plans_the_region_it_is_sent(self, cast: Cast, france: Market) -> None:
        make_due(cast)
        taken = lease()[0]
        plan_region(
            organization_id=str(taken.organization_id),
            region_id=str(taken.region_id),
            token=taken.token,
        )
        with cast.acting():
            assert Task.objects.to_do().exists()


@pytest.fixture(autouse=True)
def _no_open_transaction_leaks() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.organization', true), '')")
        assert cursor.fetchone() == ("",)
