"""What planning moves for the sake of other work: after days off, and for contact budgets."""

import datetime as dt
from collections import Counter
from uuid import UUID

import pytest
import time_machine

from accounts.models import Account
from engagement import services
from engagement.choices import TaskStatus
from engagement.models import Enrolment, Task
from engagement.services.replanning import replan
from engagement.wording import why_moved
from playbooks.models import ContactBudget
from playbooks.services import save_budget
from regions.models import Market
from tests import factories
from tests.conftest import Cast, count_queries, day

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 4, 24, tzinfo=dt.UTC)  # Golden Week begins on April 29
AFTER_GOLDEN_WEEK = day("2026-05-07")


@pytest.fixture(autouse=True)
def at_the_end_of_april() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def place(account: Account, nominal: str) -> None:
    """Put an enrolment where a test needs it."""
    Enrolment.objects.filter(account=account).update(
        origin=day(nominal), next_nominal=day(nominal), next_due=day(nominal)
    )


def planned(market: Market, nominals: list[str], **values: object) -> list[Account]:
    """Plan accounts of a market, each with the nominal date that a test needs."""
    accounts = [factories.account(market=market, **values) for _ in nominals]
    Task.objects.filter(account__in=accounts).delete()
    for account, nominal in zip(accounts, nominals, strict=True):
        place(account, nominal)
    services.plan_market(market=market, now=NOW)
    return accounts


def due_dates() -> dict[UUID, dt.date]:
    tasks = Task.objects.filter(status=TaskStatus.OPEN)
    return dict(tasks.values_list("account_id", "due_date"))


class TestSpreading:
    @pytest.fixture
    def japan(self, acting: Cast) -> Market:
        factories.cadence()
        market = factories.market("JP")
        factories.home_market(acting.csm, market)
        return market

    def test_what_golden_week_brought_together_is_spread(self, acting: Cast, japan: Market) -> None:
        planned(japan, ["2026-05-02"] * 4 + ["2026-05-04"] * 4, owner=acting.csm)
        counted = Counter(due_dates().values())
        assert counted == {
            AFTER_GOLDEN_WEEK: 2,
            day("2026-05-08"): 2,
            day("2026-05-11"): 2,
            day("2026-05-12"): 2,
        }
        moved = Task.objects.filter(due_date=day("2026-05-12")).first()
        assert moved is not None
        assert moved.moves is not None
        assert [move["reason"] for move in moved.moves][-1] == "spread"
        assert "after the same days off" in why_moved(moved.moves)[-1]

    def test_planning_one_of_them_again_changes_nothing(self, acting: Cast, japan: Market) -> None:
        accounts = planned(japan, ["2026-05-02"] * 6, owner=acting.csm)
        before = due_dates()
        assert len(set(before.values())) == 3
        for account in accounts:
            replan(accounts=Account.objects.filter(pk=account.pk), now=NOW)
            assert due_dates() == before
        replan(accounts=Account.objects.all(), now=NOW)
        assert due_dates() == before
        assert services.plan_market(market=japan, now=NOW).planned == 0
        assert due_dates() == before

    def test_the_work_of_two_people_does_not_meet(self, acting: Cast, japan: Market) -> None:
        planned(japan, ["2026-05-02"], owner=acting.csm)
        planned(japan, ["2026-05-02"], owner=acting.manager)
        assert set(due_dates().values()) == {AFTER_GOLDEN_WEEK}

    def test_a_weekend_spreads_nothing(self, acting: Cast) -> None:
        factories.cadence()
        planned(factories.market("US"), ["2026-05-02"] * 3, owner=acting.csm)
        assert set(due_dates().values()) == {day("2026-05-04")}

    def test_internal_work_may_pile_up(self, acting: Cast) -> None:
        factories.cadence(benefit="")
        planned(factories.market("JP"), ["2026-05-02"] * 3, owner=acting.csm)
        assert set(due_dates().values()) == {AFTER_GOLDEN_WEEK}

    def test_another_organization_stands_beside_nobody(self, cast: Cast, outsiders: Cast) -> None:
        for each in (outsiders, cast):
            with each.acting():
                factories.cadence()
                planned(factories.market("JP"), ["2026-05-02"], owner=each.csm)
                assert set(due_dates().values()) == {AFTER_GOLDEN_WEEK}

    def test_takes_as_many_queries_for_many_as_for_few(self, acting: Cast, japan: Market) -> None:
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=7))

        def queries(accounts: int) -> int:
            planned(japan, ["2026-05-02"] * accounts, owner=acting.csm)
            Task.objects.all().delete()
            Enrolment.objects.update(next_nominal=day("2026-05-02"), next_due=day("2026-05-02"))
            with count_queries() as captured:
                services.plan_market(market=japan, now=NOW)
            return len(captured)

        assert queries(2) == queries(12)


class TestBudgetOfCheckIns:
    @pytest.fixture
    def america(self, acting: Cast) -> Market:
        factories.cadence(every=1, unit="weeks")
        return factories.market("US")

    def weeks_of(self, market: Market) -> list[str]:
        [account] = planned(market, ["2026-04-27"])
        tasks = Task.objects.filter(account=account, status=TaskStatus.OPEN)
        return [str(each) for each in tasks.order_by("due_date").values_list("due_date", flat=True)]

    def test_without_one_the_rhythm_holds(self, america: Market) -> None:
        assert self.weeks_of(america) == ["2026-04-27", "2026-05-04"]

    def test_one_of_another_tier_does_not_matter(self, america: Market) -> None:
        save_budget(ContactBudget(tier="tier_2", most_touches=1, period_days=30))
        assert self.weeks_of(america) == ["2026-04-27", "2026-05-04"]

    def test_what_would_exceed_it_moves_and_says_why(self, america: Market) -> None:
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=10))
        assert self.weeks_of(america) == ["2026-04-27", "2026-05-07"]
        moved = Task.objects.get(due_date=day("2026-05-07"))
        assert moved.moves is not None
        assert moved.moves[-1]["numbers"] == [1, 10]
        [said] = why_moved(moved.moves)
        assert said == (
            "On Mon, May 4 it would be more than 1 contact in 10 days, which is the most for this "
            "tier: moved to Thu, May 7."
        )

    def test_what_finds_no_room_before_the_next_stays_and_says_so(self, america: Market) -> None:
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=30))
        assert self.weeks_of(america) == ["2026-04-27", "2026-05-04"]
        stuck = Task.objects.get(due_date=day("2026-05-04"))
        assert stuck.moves is not None
        assert [move["reason"] for move in stuck.moves] == ["over_budget"]
        assert "so it stays" in why_moved(stuck.moves)[0]

    def test_contacts_that_were_made_count(self, acting: Cast, america: Market) -> None:
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=7))
        account = factories.account(market=america)
        Task.objects.filter(account=account).delete()
        place(account, "2026-04-24")
        services.plan_market(market=america, now=NOW)
        first = Task.objects.filter(account=account).earliest("due_date")
        services.complete_task(task=first, by=acting.csm, at=NOW)
        replan(accounts=Account.objects.filter(pk=account.pk), now=NOW)
        # It was still Thursday there when the call was made.
        following = Task.objects.filter(account=account, status="open").earliest("due_date")
        assert following.due_date >= day("2026-04-30")


class TestBudgetOfRuns:
    def test_steps_keep_to_it_beside_check_ins(self, acting: Cast) -> None:
        factories.cadence(every=4, unit="weeks")
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=3))
        market = factories.market("US")
        [account] = planned(market, ["2026-04-28"])
        version = factories.published(
            factories.step("call", offset=1),
            factories.step("mail", offset=2, kind="email"),
            factories.step("note", offset=2, kind="internal", channel=""),
            by=acting.leader,
        )
        run = services.start_run(
            playbook=version.playbook,
            account=account,
            by=acting.leader,
            at=NOW,
            start=day("2026-04-26"),
        )
        due = dict(Task.objects.filter(run=run).values_list("step__key", "due_date"))
        assert due == {
            "call": day("2026-05-01"),
            "mail": day("2026-05-04"),
            "note": day("2026-04-28"),
        }

    def test_many_accounts_take_as_many_queries_as_few(self, acting: Cast) -> None:
        save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=3))
        market = factories.market("US")
        version = factories.published(
            factories.step("call", offset=1), factories.step("mail", offset=2), by=acting.leader
        )

        def queries(count: int) -> int:
            found = [factories.account(market=market).pk for _ in range(count)]
            with count_queries() as captured:
                launch = services.start_runs(
                    playbook=version.playbook,
                    accounts=Account.objects.filter(pk__in=found),
                    by=acting.leader,
                    at=NOW,
                )
            assert len(launch.run_ids) == count
            return len(captured)

        assert queries(2) == queries(8)
        days = Task.objects.filter(run__isnull=False).values_list("due_date", flat=True)
        assert len(set(days)) == 2
