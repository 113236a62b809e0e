"""Carrying out an edition for an account: started, followed, held, ended."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts import services as accounts
from accounts.models import Account
from engagement import services
from engagement.models import Run, Task
from engagement.services import Refusal, RunRefused
from playbooks import services as playbooks
from playbooks.models import PlaybookVersion
from regions import services as regions
from regions.models import Closure, Market
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast, day

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


@pytest.fixture
def onboarding(acting: Cast, france: Market) -> PlaybookVersion:
    """A call after two working days, a training that waits for it, and a mail after its end."""
    return factories.published(
        factories.step("call", offset=2),
        factories.step("training", kind="training", offset=10, depends_on=["call"]),
        factories.step(
            "mail", kind="email", channel="email", anchor="step_end", anchor_step="call", offset=1
        ),
        by=acting.leader,
    )


def started(version: PlaybookVersion, cast: Cast, account: Account | None = None) -> Run:
    account = account or factories.account(owner=cast.csm, stage="onboarding")
    return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


def task_of(run: Run, key: str) -> Task:
    return Task.objects.select_related("step", "account__market").get(run=run, step__key=key)


def states(run: Run) -> dict[str, str]:
    return dict(run.tasks.values_list("step__key", "status"))


def due(run: Run) -> dict[str, str]:
    return {key: str(date) for key, date in run.tasks.values_list("step__key", "due_date")}


class TestStarting:
    def test_makes_a_task_of_every_step(self, acting: Cast, onboarding: PlaybookVersion) -> None:
        run = started(onboarding, acting)
        assert states(run) == {"call": "open", "training": "waiting", "mail": "waiting"}
        assert due(run) == {"call": "2026-03-04", "training": "2026-03-16", "mail": "2026-03-05"}
        assert {task.owner_id for task in run.tasks.all()} == {acting.csm.pk}
        assert run.started_at == NOW

    def test_twice_gives_one_run_and_says_so(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        with pytest.raises(RunRefused, match="under way for the account already"):
            started(onboarding, acting, run.account)
        assert Run.objects.count() == 1

    def test_leaves_out_what_is_not_for_the_account(self, acting: Cast, france: Market) -> None:
        only = {"condition": {"tiers": ["tier_3"]}}
        version = factories.published(
            factories.step("call"), factories.step("mail", **only), by=acting.leader
        )
        run = started(version, acting)
        assert states(run) == {"call": "open"}
        assert run.left_out == {"mail": ["condition", "tiers"]}

    def test_asks_for_the_dates_that_steps_count_from(self, acting: Cast, france: Market) -> None:
        version = factories.published(
            factories.step("offer", anchor="renewal", offset=-30, unit="days"), by=acting.leader
        )
        account = factories.account()
        with pytest.raises(RunRefused, match="Renewal date"):
            started(version, acting, account)
        account.renewal_date = day("2026-06-30")
        account.save()
        assert due(started(version, acting, account)) == {"offer": "2026-05-29"}

    @pytest.mark.parametrize(
        ("if_past", "outcome"),
        [
            ("due_now", {"offer": "2026-03-02", "talk": "2026-03-10"}),
            ("skip", {"talk": "2026-03-10"}),
        ],
    )
    def test_late_does_what_a_past_step_says(
        self, acting: Cast, france: Market, if_past: str, outcome: dict[str, str]
    ) -> None:
        version = factories.published(
            factories.step("offer", anchor="renewal", offset=-30, unit="days", if_past=if_past),
            factories.step("talk", anchor="renewal", offset=-5, unit="days"),
            by=acting.leader,
        )
        account = factories.account(renewal_date=day("2026-03-15"))
        assert due(started(version, acting, account)) == outcome

    def test_late_is_refused_where_a_step_says_so(self, acting: Cast, france: Market) -> None:
        version = factories.published(
            factories.step("offer", anchor="renewal", offset=-30, unit="days", if_past="refuse"),
            by=acting.leader,
        )
        with pytest.raises(RunRefused, match="“Do offer”"):
            started(version, acting, factories.account(renewal_date=day("2026-03-15")))

    def test_takes_the_edition_of_the_account_s_market(
        self, acting: Cast, onboarding: PlaybookVersion, france: Market
    ) -> None:
        local = factories.localization(
            onboarding, france, factories.change("call", "kind", "in_person")
        )
        playbooks.publish_localization(local, by=acting.leader, at=NOW)
        run = started(onboarding, acting)
        assert task_of(run, "call").work.is_contact
        assert run.edition.steps.get(key="call").fields["kind"] == "in_person"

    def test_many_is_a_few_statements(
        self, acting: Cast, onboarding: PlaybookVersion, django_assert_max_num_queries: Any
    ) -> None:
        for _number in range(30):
            factories.account(owner=acting.csm, stage="onboarding")
        with django_assert_max_num_queries(20):
            launch = services.start_runs(
                playbook=onboarding.playbook,
                accounts=Account.objects.all(),
                by=acting.leader,
                at=NOW,
            )
        assert (len(launch.run_ids), launch.tasks, launch.refused) == (30, 90, [])

    def test_says_of_each_account_why_it_did_not_start(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        churned = factories.account(stage="churned")
        elsewhere = factories.account(market=factories.handmade_market())
        version = factories.published(factories.step(), by=acting.leader, tiers=["tier_2"])
        found = services.foresee_runs(
            playbook=version.playbook, accounts=Account.objects.all(), at=NOW
        )
        reasons = {each.account_id: each.reason for each in found.refused}
        assert reasons == {churned.pk: Refusal.NOT_ACTIVE, elsewhere.pk: Refusal.NOT_FOR_IT}
        assert not Run.objects.exists()


class TestClosingATask:
    def test_opens_what_waited_and_times_it_from_that_day(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        friday = NOW + dt.timedelta(days=4)
        services.complete_task(task=task_of(run, "call"), by=acting.csm, at=friday)
        assert states(run) == {"call": "done", "training": "open", "mail": "open"}
        assert due(run)["mail"] == "2026-03-09"
        assert due(run)["training"] == "2026-03-16"

    def test_of_the_last_one_ends_the_run(self, acting: Cast, onboarding: PlaybookVersion) -> None:
        run = started(onboarding, acting)
        for key in ("call", "training", "mail"):
            services.complete_task(task=task_of(run, key), by=acting.csm, at=NOW)
        run.refresh_from_db()
        assert (run.status, run.ended_at) == ("done", NOW)

    def test_is_undone_with_all_that_followed(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        before = (states(run), due(run))
        call = task_of(run, "call")
        services.mark_not_applicable(task=call, by=acting.csm, at=NOW, reason="They know us.")
        services.undo_task(task=call, by=acting.csm, at=NOW)
        assert (states(run), due(run)) == before

    def test_undone_brings_the_run_back(self, acting: Cast, france: Market) -> None:
        run = started(factories.published(factories.step(), by=acting.leader), acting)
        task = task_of(run, "kickoff")
        services.complete_task(task=task, by=acting.csm, at=NOW)
        services.undo_task(task=task, by=acting.csm, at=NOW)
        run.refresh_from_db()
        assert (run.status, run.ended_at) == ("active", None)


class TestHolding:
    def test_takes_tasks_off_the_lists_and_moves_them_when_it_goes_on(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        services.pause_run(run, at=NOW, reason="Their data center moves.")
        assert not Task.objects.to_do().exists()
        services.resume_run(run, at=NOW + dt.timedelta(days=7))
        assert states(run)["call"] == "open"
        assert due(run) == {"call": "2026-03-11", "training": "2026-03-23", "mail": "2026-03-12"}

    def test_is_for_runs_under_way(self, acting: Cast, onboarding: PlaybookVersion) -> None:
        run = started(onboarding, acting)
        services.cancel_run(run, at=NOW, reason="They left.")
        for act in (services.pause_run, services.cancel_run):
            with pytest.raises(services.RunEnded):
                act(run, at=NOW, reason="Again.")

    def test_cancelling_keeps_what_was_done(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        services.complete_task(task=task_of(run, "call"), by=acting.csm, at=NOW)
        run.refresh_from_db()
        services.cancel_run(run, at=NOW, reason="They left.")
        assert states(run) == {"call": "done", "training": "cancelled", "mail": "cancelled"}

    def test_a_new_run_may_follow_an_ended_one(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        services.cancel_run(run, at=NOW, reason="Wrong month.")
        assert started(onboarding, acting, run.account).pk != run.pk


class TestReplanningCheckIns:
    def test_leaves_the_days_of_runs_alone(
        self, acting: Cast, onboarding: PlaybookVersion, france: Market
    ) -> None:
        run = started(onboarding, acting)
        before = (states(run), due(run))
        regions.save_part(
            Closure(market=france, name="Move", start=day("2026-03-03"), end=day("2026-03-06"))
        )
        assert (states(run), due(run)) == before

    def test_keeps_what_a_touched_task_of_a_run_says(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        call = task_of(run, "call")
        services.snooze_task(
            task=call, by=acting.csm, at=NOW, until=day("2026-03-05"), reason="Asked for."
        )
        accounts.save_account(run.account)
        assert not task_of(run, "call").is_flagged


class TestANewOwnerOfAnAccount:
    def test_gets_what_nobody_touched_and_the_trail_says_so(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        run = started(onboarding, acting)
        services.complete_task(task=task_of(run, "call"), by=acting.csm, at=NOW)
        services.hand_over_task(task=task_of(run, "mail"), by=acting.csm, at=NOW, to=acting.manager)
        run.account.owner = acting.leader
        accounts.save_account(run.account)
        owners = dict(run.tasks.values_list("step__key", "owner"))
        assert owners == {
            "call": acting.csm.pk,
            "mail": acting.manager.pk,
            "training": acting.leader.pk,
        }
        entry = AuditEntry.objects.filter(row_id=task_of(run, "training").pk).latest("pk")
        assert entry.after
        assert entry.after["owner_id"] == str(acting.leader.pk)

    def test_may_be_nobody_or_the_first(self, acting: Cast, onboarding: PlaybookVersion) -> None:
        run = started(onboarding, acting)
        for owner in (None, acting.leader):
            run.account.owner = owner
            accounts.save_account(run.account)
            assert {task.owner for task in run.tasks.all()} == {owner}


class TestAPlaybookOutOfUse:
    def test_is_started_no_more(self, acting: Cast, onboarding: PlaybookVersion) -> None:
        playbooks.retire_version(onboarding, at=NOW)
        with pytest.raises(RunRefused, match="not published"):
            started(onboarding, acting)

    def test_is_started_no_more_once_archived(
        self, acting: Cast, onboarding: PlaybookVersion
    ) -> None:
        playbooks.archive_playbook(onboarding.playbook, at=NOW)
        with pytest.raises(RunRefused, match="not published"):
            started(onboarding, acting)
