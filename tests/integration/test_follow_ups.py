"""Tasks by hand, next steps, and what an outcome proposes."""

import datetime as dt
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.models import Account
from engagement import services
from engagement.choices import TaskStatus
from engagement.fortnight import read_fortnight
from engagement.models import OutcomeRule, Task
from engagement.proposals import proposals_for
from engagement.services import NextStep
from playbooks.models import Playbook
from tests import factories
from tests.conftest import Cast, count_queries, day
from tests.integration.pages import a_task
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def account(acting: Cast) -> Account:
    return factories.account(owner=acting.csm)


class TestATaskByHand:
    def test_is_due_on_the_next_day_they_work(self, acting: Cast) -> None:
        """In Saudi Arabia the week ends on Thursday; 16:00 UTC is 19:00 there."""
        there = factories.account(market=factories.market("SA"))
        thursday = dt.datetime(2026, 11, 26, 16, 0, tzinfo=dt.UTC)
        made = services.make_task(account=there, title="Send it", by=acting.csm, at=thursday)
        assert (made.due_date, made.owner) == (day("2026-11-29"), acting.csm)
        with pytest.raises(InvalidInput, match="Nobody works there"):
            services.make_task(
                account=there, title="x", by=acting.csm, at=thursday, due_date=day("2026-11-27")
            )

    def test_may_be_due_on_29_february(self, acting: Cast, account: Account) -> None:
        made = services.make_task(
            account=account, title="x", by=acting.csm, at=NOW, due_date=day("2028-02-29")
        )
        assert made.due_date == day("2028-02-29")

    @pytest.mark.parametrize("due", ["2026-11-23", "2150-06-02", "2026-11-28"])
    def test_is_due_on_no_other_day(self, acting: Cast, account: Account, due: str) -> None:
        with pytest.raises(InvalidInput):
            services.make_task(account=account, title="x", by=acting.csm, at=NOW, due_date=day(due))

    def test_of_an_archived_account_is_refused(self, acting: Cast, account: Account) -> None:
        accounts_services.archive_account(account, at=NOW)
        with pytest.raises(accounts_services.AccountArchived):
            services.make_task(account=account, title="x", by=acting.csm, at=NOW)

    def test_is_left_alone_by_planning_and_follows_the_account(
        self, acting: Cast, account: Account
    ) -> None:
        mine = services.make_task(account=account, title="Mine", by=acting.csm, at=NOW)
        given = services.make_task(
            account=account, title="Given", by=acting.csm, at=NOW, owner=acting.manager
        )
        account.owner, account.tier = acting.leader, "tier_3"
        accounts_services.save_account(account)
        owners = dict(Task.objects.values_list("pk", "owner"))
        assert owners == {mine.pk: acting.leader.pk, given.pk: acting.manager.pk}
        assert set(Task.objects.values_list("status", flat=True)) == {TaskStatus.OPEN}

    def test_is_done_and_undone_like_any_other(self, acting: Cast, account: Account) -> None:
        task = services.make_task(account=account, title="x", by=acting.csm, at=NOW)
        done = services.complete_task(task=task, by=acting.csm, at=NOW)
        assert (done.status, done.outcome) == (TaskStatus.DONE, "internal")
        assert services.undo_task(task=task, by=acting.csm, at=NOW).status == TaskStatus.OPEN

    def test_counts_in_the_fortnight(self, acting: Cast, account: Account) -> None:
        services.make_task(account=account, title="x", by=acting.csm, at=NOW)
        (load,) = read_fortnight(now=NOW).people
        assert sum(each.minutes for each in load.days) == 15


class TestANextStep:
    def test_becomes_a_task_of_whoever_had_this_one(self, acting: Cast, account: Account) -> None:
        task = a_task(account, "2026-11-24")
        services.complete_task(
            task=task,
            by=acting.leader,
            at=NOW,
            sentiment="negative",
            next_step=NextStep("Send the prices", day("2026-12-01")),
        )
        made = Task.objects.to_do().get()
        assert (made.work.title, made.due_date) == ("Send the prices", day("2026-12-01"))
        assert made.owner == acting.csm

    def test_goes_with_an_undo_unless_somebody_took_it_up(
        self, acting: Cast, account: Account
    ) -> None:
        task = a_task(account, "2026-11-24")
        for taken_up in (False, True):
            services.complete_task(
                task=task, by=acting.csm, at=NOW, sentiment="positive", next_step=NextStep("x")
            )
            if taken_up:
                made = Task.objects.to_do().get()
                services.hand_over_task(task=made, by=acting.csm, at=NOW, to=acting.manager)
            undone = services.undo_task(task=task, by=acting.csm, at=NOW)
            assert undone.sentiment == ""
            assert Task.objects.exclude(pk=task.pk).exists() == taken_up

    def test_on_a_day_off_leaves_the_task_open(self, acting: Cast, account: Account) -> None:
        task = a_task(account, "2026-11-24")
        with pytest.raises(InvalidInput) as refused:
            services.complete_task(
                task=task, by=acting.csm, at=NOW, next_step=NextStep("x", day("2026-11-29"))
            )
        assert list(refused.value.errors) == ["next_step.due_date"]
        assert Task.objects.get().status == TaskStatus.OPEN


class TestProposals:
    @pytest.fixture
    def playbook(self, acting: Cast, account: Account) -> Playbook:
        return factories.published(by=acting.leader).playbook

    def after(self, account: Account, cast: Cast, **values: Any) -> list[Playbook]:
        """Complete a task and return what is proposed, in one query."""
        task = a_task(account, "2026-11-24")
        done = services.complete_task(task=task, by=cast.csm, at=NOW, **values)
        with count_queries() as queries:
            found = proposals_for(done)
        assert len(queries) == 1
        Task.objects.all().delete()
        return [edition.playbook for edition in found]

    @pytest.mark.parametrize(
        ("rule", "fits"),
        [
            ({"outcome": "reply"}, True),
            ({"sentiment": "negative"}, True),
            ({"outcome": "reply", "sentiment": "negative"}, True),
            ({"outcome": "conversation", "sentiment": "negative"}, False),
            ({"outcome": "reply", "sentiment": "positive"}, False),
        ],
    )
    def test_follow_the_rules(
        self,
        acting: Cast,
        account: Account,
        playbook: Playbook,
        rule: dict[str, str],
        fits: bool,
    ) -> None:
        services.save_outcome_rule(OutcomeRule(playbook=playbook, **rule))
        found = self.after(account, acting, outcome="reply", sentiment="negative")
        assert found == ([playbook] if fits else [])

    def test_leave_out_what_is_under_way(
        self, acting: Cast, account: Account, playbook: Playbook
    ) -> None:
        for values in ({"outcome": "reply"}, {"sentiment": "negative"}):
            services.save_outcome_rule(OutcomeRule(playbook=playbook, **values))
        assert self.after(account, acting, outcome="reply", sentiment="negative") == [playbook]
        services.start_run(playbook=playbook, account=account, by=acting.csm, at=NOW)
        task = a_task(account, "2026-11-25")
        done = services.complete_task(task=task, by=acting.csm, at=NOW, outcome="reply")
        assert proposals_for(done) == []

    def test_leave_out_other_markets(self, acting: Cast, playbook: Playbook) -> None:
        services.save_outcome_rule(OutcomeRule(playbook=playbook, outcome="reply"))
        elsewhere = factories.account(market=factories.market("JP"))
        # Its market came after the playbook was published.
        in_force = playbook.versions.exists() and self.after(elsewhere, acting, outcome="reply")
        assert in_force in ([], [playbook])


class TestEscalating:
    def test_starts_the_playbook_of_that_motion(self, acting: Cast, account: Account) -> None:
        with pytest.raises(services.NoEscalation, match="France"):
            services.raise_escalation(account=account, by=acting.csm, at=NOW)
        version = factories.published(by=acting.leader, key="fire")
        Playbook.objects.filter(pk=version.playbook_id).update(motion="escalation")
        run = services.raise_escalation(account=account, by=acting.csm, at=NOW)
        assert (run.playbook, run.account) == (version.playbook, account)
        with pytest.raises(services.RunRefused, match="under way"):
            services.raise_escalation(account=account, by=acting.csm, at=NOW)
