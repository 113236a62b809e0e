"""Contact budgets where runs go on: steps that open, runs that move or go on, work at once."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection, connections

from accounts import services as accounts_services
from accounts.models import Account
from engagement import services
from engagement.choices import BulkAction
from engagement.models import Meeting, Run, Task
from engagement.services.passes import lock_markets
from engagement.wording import why_moved
from playbooks import services as playbooks
from playbooks.models import ContactBudget, Playbook
from playbooks.schedule import Anchor
from regions.models import Market
from talent.models import Leave
from talent.services import save_leave
from tests import factories
from tests.conftest import Cast, count_queries, day

pytestmark = pytest.mark.django_db

# A Monday, 10:00 in Paris.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
FRIDAY = NOW + dt.timedelta(days=4)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(acting: Cast) -> Account:
    return factories.account(
        market=factories.market("FR"), owner=acting.csm, renewal_date=day("2026-06-30")
    )


@pytest.fixture
def playbook(acting: Cast, account: Account) -> Playbook:
    """A call, a mail after its end, and an offer thirty days before the renewal."""
    version = factories.published(
        factories.step("call", offset=2),
        factories.step("mail", kind="email", anchor="step_end", anchor_step="call", offset=1),
        factories.step("offer", anchor="renewal", offset=-30, unit="days"),
        by=acting.leader,
    )
    return version.playbook


def start(playbook: Playbook, account: Account, cast: Cast) -> Run:
    return services.start_run(playbook=playbook, account=account, by=cast.csm, at=NOW)


def talk(account: Account, due: str, benefit: str = "An answer.") -> Task:
    """Plan a contact by hand."""
    on = day(due)
    at = dt.datetime.combine(on, dt.time(16), dt.UTC)
    return Task.objects.create(
        account=account, title="Talk", benefit=benefit, nominal_date=on, due_date=on, due_at=at
    )


def one_in_three_days() -> ContactBudget:
    # Decided after a start: what is started within a budget finds its days at once.
    return playbooks.save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=3))


def task_of(run: Run, key: str) -> Task:
    return Task.objects.select_related("step", "account__market").get(run=run, step__key=key)


def due(run: Run, key: str) -> str:
    return str(task_of(run, key).due_date)


def complete(run: Run, key: str, cast: Cast, at: dt.datetime = FRIDAY) -> None:
    services.complete_task(task=task_of(run, key), by=cast.csm, at=at)


class TestAStepThatOpens:
    def test_moves_to_a_day_with_room_and_says_why(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-03-10")
        one_in_three_days()
        complete(run, "call", acting)
        mail = task_of(run, "mail")
        assert (str(mail.nominal_date), str(mail.due_date)) == ("2026-03-09", "2026-03-13")
        assert mail.moves is not None
        assert "more than 1 contact in 3 days" in why_moved(mail.moves)[0]

    def test_counts_the_contact_that_opened_it(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        playbooks.save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=7))
        complete(run, "call", acting)
        assert due(run, "mail") == "2026-03-13"

    def test_counts_what_was_closed_with_it_on_that_day(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        early = talk(account, "2026-03-10")
        one_in_three_days()
        services.act_on_tasks(
            ids=[task_of(run, "call").pk, early.pk],
            deed=services.Deed(action=BulkAction.COMPLETE),
            by=acting.csm,
            at=FRIDAY,
        )
        assert due(run, "mail") == "2026-03-09"

    def test_does_not_count_what_reached_nobody(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-03-10", benefit="")
        playbooks.save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=7))
        services.mark_not_applicable(
            task=task_of(run, "call"), by=acting.csm, at=FRIDAY, reason="They know us."
        )
        assert due(run, "mail") == "2026-03-09"

    def test_suits_its_owner(self, acting: Cast, account: Account, playbook: Playbook) -> None:
        run = start(playbook, account, acting)
        factories.home_market(acting.csm, account.market)
        save_leave(Leave(membership=acting.csm, start=day("2026-03-09"), end=day("2026-03-09")))
        complete(run, "call", acting)
        assert due(run, "mail") == "2026-03-10"

    def test_is_taken_back_with_its_day(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-03-10")
        one_in_three_days()
        before = Task.objects.values("due_date", "moves", "needs_stand_in").get(
            run=run, step__key="mail"
        )
        complete(run, "call", acting)
        services.undo_task(task=task_of(run, "call"), by=acting.csm, at=FRIDAY)
        assert before == Task.objects.values("due_date", "moves", "needs_stand_in").get(
            run=run, step__key="mail"
        )

    def test_with_many_others_takes_as_many_queries_as_with_one(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        one_in_three_days()

        def queries(count: int) -> int:
            found = [
                factories.account(market=account.market, owner=acting.csm, renewal_date=None)
                for _ in range(count)
            ]
            runs = [
                services.start_run(
                    playbook=playbook,
                    account=each,
                    by=acting.csm,
                    at=NOW,
                    anchors={Anchor.RENEWAL: day("2026-06-30")},
                )
                for each in found
            ]
            calls = [task_of(run, "call").pk for run in runs]
            deed = services.Deed(action=BulkAction.COMPLETE)
            with count_queries() as captured:
                batch = services.act_on_tasks(ids=calls, deed=deed, by=acting.csm, at=FRIDAY)
            assert len(batch.done) == count
            return len(captured)

        queries(1)  # warms what is read once
        assert queries(1) == queries(5)


class TestARunThatGoesOn:
    def test_moves_what_would_exceed_the_budget(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-03-11")
        one_in_three_days()
        services.pause_run(run, at=NOW, reason="Their data center moves.")
        services.resume_run(run, at=NOW + dt.timedelta(days=7))
        call = task_of(run, "call")
        assert str(call.due_date) == "2026-03-16"
        assert call.moves is not None
        assert [move["reason"] for move in call.moves] == ["budget"]

    def test_keeps_to_the_hours_agreed(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        factories.agreement(account=account, hours_from=9 * 60, hours_to=11 * 60)
        run = start(playbook, account, acting)
        services.pause_run(run, at=NOW, reason="Their data center moves.")
        services.resume_run(run, at=NOW + dt.timedelta(days=1))
        assert task_of(run, "call").due_at.isoformat() == "2026-03-05T10:00:00+00:00"


class TestARunThatMoves:
    def test_keeps_to_the_budget_as_it_was_foreseen(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-07-01")
        one_in_three_days()
        later = {Anchor.RENEWAL: day("2026-07-31")}
        foreseen = services.foresee_anchors(run, later, at=NOW)
        services.move_anchors(run, later, at=NOW, by=acting.csm)
        assert due(run, "offer") == "2026-07-06"
        assert [str(line.after) for line in foreseen.plan.lines if line.key == "offer"] == [
            "2026-07-06"
        ]

    def test_does_not_meet_its_own_day_before(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        playbooks.save_budget(ContactBudget(tier="tier_1", most_touches=1, period_days=7))
        services.move_anchors(run, {Anchor.RENEWAL: day("2026-07-01")}, at=NOW, by=acting.csm)
        assert due(run, "offer") == "2026-06-01"

    def test_with_another_of_the_same_customer_finds_another_day(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        other = factories.published(
            factories.step("offer", anchor="renewal", offset=-30, unit="days"), by=acting.leader
        )
        runs = [start(playbook, account, acting), start(other.playbook, account, acting)]
        one_in_three_days()
        account.renewal_date = day("2026-07-31")
        accounts_services.save_account(account)
        assert sorted(due(run, "offer") for run in runs) == ["2026-07-01", "2026-07-06"]

    def test_is_let_be_while_it_is_held(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        run = start(playbook, account, acting)
        talk(account, "2026-07-01")
        one_in_three_days()
        services.pause_run(run, at=NOW, reason="Their data center moves.")
        services.move_anchors(run, {Anchor.RENEWAL: day("2026-07-31")}, at=NOW, by=acting.csm)
        assert due(run, "offer") == "2026-07-01"


class TestAMeeting:
    def test_that_counts_as_no_check_in_counts_as_a_contact(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        one_in_three_days()
        meeting = Meeting(account=account, held_on=day("2026-03-02"), channel="video")
        services.log_meeting(meeting=meeting, by=acting.csm, at=NOW)
        assert due(start(playbook, account, acting), "call") == "2026-03-05"


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """A start and a planning pass look at the same contacts: one waits for the other."""

    @staticmethod
    def is_free(market: Market) -> bool:
        """Return whether somebody else could plan the market."""
        found: list[bool] = []

        def ask() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
                        [str(market.pk)],
                    )
                    found.extend(cursor.fetchone())
            finally:
                connections.close_all()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        return found == [True]

    def test_only_a_start_within_a_budget_holds_the_market(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            accounts = [factories.account(market=market) for _ in range(2)]
            version = factories.published(factories.step("call", offset=2), by=cast.leader)
        with cast.acting():
            start(version.playbook, accounts[0], cast)
            assert self.is_free(market)
        with cast.acting():
            one_in_three_days()
        with cast.acting():
            services.foresee_run(playbook=version.playbook, account=accounts[1], at=NOW)
            assert self.is_free(market)
            start(version.playbook, accounts[1], cast)
            assert not self.is_free(market)
        assert self.is_free(market)

    def test_several_markets_are_held_together(self, cast: Cast) -> None:
        with cast.acting():
            markets = [factories.market(code) for code in ("FR", "ES", "JP")]
            assert all(self.is_free(market) for market in markets)
            lock_markets(*markets)
            assert not any(self.is_free(market) for market in markets)


def test_another_organization_takes_no_room(cast: Cast, outsiders: Cast) -> None:
    for each in (outsiders, cast):
        with each.acting():
            own = factories.account(market=factories.market("FR"), owner=each.csm)
            version = factories.published(factories.step("call", offset=2), by=each.leader)
            one_in_three_days()
            assert due(start(version.playbook, own, each), "call") == "2026-03-04"
