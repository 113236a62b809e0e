"""Planning passes against real rows."""

import datetime as dt
from uuid import UUID

import pytest

from engagement import services
from engagement.choices import PassState, TaskStatus
from engagement.models import Enrolment, MarketPass, Task
from regions.models import Market
from regions.working_time import prepare_working_times, working_time
from tests import factories
from tests.conftest import Cast, count_queries, day

pytestmark = pytest.mark.django_db


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def place(account_id: UUID, *, nominal: str) -> None:
    """Put an enrolment where a test needs it."""
    Enrolment.objects.filter(account=account_id).update(
        origin=day(nominal), next_nominal=day(nominal), next_due=day(nominal)
    )


class TestPlanMarket:
    def test_golden_week_moves_a_check_in_to_the_thursday_after(self, acting: Cast) -> None:
        japan = factories.market("JP")
        factories.cadence()
        account = factories.account(market=japan)
        Task.objects.all().delete()
        place(account.pk, nominal="2026-05-02")

        done = services.plan_market(market=japan, now=at("2026-04-24T00:00"))

        task = Task.objects.get(account=account, status=TaskStatus.OPEN)
        assert task.nominal_date == day("2026-05-02")
        assert task.due_date == day("2026-05-07")
        assert task.due_at.astimezone(dt.UTC).date() == day("2026-05-07")
        assert [move["reason"] for move in task.moves or []]
        assert (done.planned, done.moved, done.state) == (1, 1, PassState.DONE)

    def test_running_twice_changes_nothing(self, acting: Cast) -> None:
        france = factories.market("FR")
        factories.cadence(every=1, unit="weeks")
        for _ in range(5):
            factories.account(market=france)
        now = at("2026-11-23T05:00")
        services.plan_market(market=france, now=now)
        before = list(Task.objects.order_by("pk").values())
        again = services.plan_market(market=france, now=now)
        assert again.planned == 0
        assert list(Task.objects.order_by("pk").values()) == before

    def test_the_number_of_queries_does_not_grow_with_accounts(self, acting: Cast) -> None:
        france = factories.market("FR")
        factories.cadence(every=1, unit="weeks")

        def queries(accounts: int) -> int:
            for _ in range(accounts):
                factories.account(market=france, owner=acting.csm)
            Task.objects.all().delete()
            Enrolment.objects.update(next_nominal=day("2026-11-24"), next_due=day("2026-11-24"))
            with count_queries() as captured:
                done = services.plan_market(market=france, now=at("2026-11-23T05:00"))
            assert done.planned >= accounts
            return len(captured)

        assert queries(2) == queries(20)

    def test_a_market_that_should_have_considered_accounts_raises_an_alarm(
        self, acting: Cast
    ) -> None:
        france = factories.market("FR")
        factories.cadence(tier="tier_3")
        factories.account(market=france, tier="tier_1")
        done = services.plan_market(market=france, now=at("2026-11-23T05:00"))
        assert done.state == PassState.ALARM

    def test_rows_of_a_pass_are_audited_by_the_pass(self, acting: Cast) -> None:
        from tenants.models import AuditEntry

        france = factories.market("FR")
        factories.cadence(every=1, unit="weeks")
        factories.account(market=france)
        assert Task.objects.exists()
        assert not AuditEntry.objects.filter(table="engagement_task").exists()
        record = MarketPass.objects.get(tasks=Task.objects.first())
        assert AuditEntry.objects.filter(table="engagement_marketpass", row_id=record.pk).exists()


class TestReplan:
    def test_a_closure_moves_what_nobody_touched_and_keeps_the_rest(self, acting: Cast) -> None:
        from regions import services as regions_services
        from regions.models import Closure
        from toolkit.effects import EffectKind, collect, preview

        france = factories.market("FR")
        factories.cadence(every=1, unit="weeks")
        account = factories.account(market=france)
        first = Task.objects.to_do().order_by("due_date").first()
        assert first is not None
        closed = Closure(market=france, name="Bridge", start=first.due_date, end=first.due_date)

        seen = preview(lambda: regions_services.save_part(closed))
        assert [effect.kind for effect in seen] == [EffectKind.MOVED]
        assert Task.objects.get(pk=first.pk).due_date == first.due_date
        assert not Closure.objects.exists()

        closed = Closure(
            market=Market.objects.get(pk=france.pk),
            name="Bridge",
            start=first.due_date,
            end=first.due_date,
        )
        with collect() as happened:
            regions_services.save_part(closed)
        assert happened == seen
        moved = Task.objects.to_do().get(account=account, nominal_date=first.nominal_date)
        assert moved.due_date > first.due_date


class TestPrepareWorkingTimes:
    def test_takes_six_queries_for_any_number_of_markets(self, acting: Cast) -> None:
        markets = [factories.market(code) for code in ("FR", "JP", "SA", "US")]
        with count_queries() as captured:
            prepare_working_times(Market.objects.all())
        assert len(captured) == 1 + 6
        with count_queries() as captured:
            for market in markets:
                working_time(Market.objects.get(pk=market.pk))
        assert len(captured) == len(markets)
