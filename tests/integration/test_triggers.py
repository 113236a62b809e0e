"""What starts playbooks by itself: on which day, once, and why not."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts
from accounts.models import Account, AccountChange
from engagement import services
from engagement.models import Enrolment, RegionPlanning, Run, Trigger, TriggerFiring
from engagement.services import NotOnCall, TriggerOff, regions
from playbooks import services as playbooks
from playbooks.models import PlaybookVersion
from regions.models import Market
from tests import factories
from tests.conftest import Cast, day
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


@pytest.fixture
def renewal(acting: Cast, france: Market) -> PlaybookVersion:
    return factories.published(factories.step("call"), by=acting.leader)


def trigger(version: PlaybookVersion, kind: str, **values: Any) -> Trigger:
    return factories.trigger(version.playbook, kind, **values)


def fire(market: Market, now: dt.datetime = NOW) -> None:
    services.fire_market(market=market, now=now)


def fire_after_change(market: Market, days: int = 0) -> dt.datetime:
    """Fire so many days after the latest change, which the database's own clock dates."""
    now = AccountChange.objects.latest("at").at + days * DAY
    fire(market, now)
    return now


def results() -> list[tuple[str, str]]:
    rows = TriggerFiring.objects.order_by("pk").values_list("account__name", "result")
    return list(rows)


def held_back(of: Trigger, account: Account, now: dt.datetime = NOW) -> str:
    (found,) = services.dry_run(of, now=now, account=account).held_back
    return found.reason


def test_the_shipped_renewal_starts_before_the_renewal_of_an_account(
    acting: Cast, france: Market
) -> None:
    version = playbooks.adopt_library_playbook("renewal", by=acting.leader, at=NOW)
    playbooks.publish_version(version, by=acting.leader, at=NOW)
    trigger(version, "before_renewal", days=180)
    dates = {"renewal_date": day("2026-08-29"), "notice_deadline": day("2026-06-30")}
    account = factories.account(tier="tier_1", stage="value", **dates)
    factories.account(tier="tier_1", stage="value", renewal_date=dates["renewal_date"])
    fire(france)
    run = Run.objects.get()
    assert run.account == account
    assert run.anchors["notice_deadline"] == "2026-06-30"
    held_back = TriggerFiring.objects.get(run=None)
    assert (held_back.result, held_back.detail) == ("anchor_missing", "notice_deadline")


class TestChangesOfAccounts:
    def test_are_kept_whichever_way_they_come(self, acting: Cast, france: Market) -> None:
        account = factories.account(stage="onboarding", arr=10)
        Account.objects.filter(pk=account.pk).update(stage="adoption", tier="tier_2")
        accounts.set_tiers({"USD": (5, 1)})  # type: ignore[dict-item]
        account.refresh_from_db()
        account.market = factories.market("JP")
        accounts.save_account(account)
        found = AccountChange.objects.order_by("pk").values_list("what", "before", "after")
        assert set(found) == {
            ("stage", "", "onboarding"),
            ("stage", "onboarding", "adoption"),
            ("tier", "tier_1", "tier_2"),
            ("tier", "tier_2", "tier_1"),
            ("market", str(france.pk), str(account.market_id)),
        }

    def test_are_not_made_of_other_edits(self, acting: Cast) -> None:
        account = factories.account()
        account.name = "Another"
        accounts.save_account(account)
        assert AccountChange.objects.count() == 1

    def test_nobody_writes_them(self, acting: Cast) -> None:
        change = AccountChange.objects.get(account=factories.account())
        for act in (change.delete, lambda: change.save(force_update=True)):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


class TestStarting:
    def test_before_the_renewal_once(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "before_renewal", days=90)
        account = factories.account(renewal_date=NOW.date() + 90 * DAY)
        fire(france, NOW - DAY)
        assert not Run.objects.exists()
        fire(france)
        fire(france, NOW + DAY)
        run = Run.objects.get()
        assert (run.account, run.cause, run.started_by) == (account, "trigger", None)
        firing = TriggerFiring.objects.get()
        assert (firing.run, firing.occasion, firing.day) == (run, "2026-05-31", NOW.date())

    def test_by_each_markets_own_day(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        japan = factories.market("JP")
        playbooks.publish_version(
            playbooks.start_draft(renewal.playbook, by=acting.leader), by=acting.leader, at=NOW
        )
        trigger(renewal, "after_start", days=10)
        for market in (france, japan):
            factories.account(market=market, start_date=day("2026-02-21"))
        late = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)  # The third in Japan.
        for market in (france, japan):
            fire(market, late)
        assert [run.account.market for run in Run.objects.all()] == [japan]
        assert Run.objects.get().start_date == day("2026-03-03")

    def test_over_a_clock_change(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "after_start", days=28)
        factories.account(start_date=day("2026-03-01"))
        # In France clocks go forward on the 29th: its day begins at 22:00 UTC from then on.
        fire(france, dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC))
        assert not Run.objects.exists()
        fire(france, dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC))
        assert Run.objects.get().start_date == day("2026-03-29")

    def test_when_a_stage_is_entered(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "stage_entered", stage="renewal")
        factories.account(name="New", stage="renewal")
        moved = factories.account(name="Moved")
        factories.account(name="Other")
        moved.stage = "renewal"
        accounts.save_account(moved)
        fire_after_change(france)
        assert sorted(results()) == [("Moved", "started"), ("New", "started")]

    def test_when_a_tier_changes_and_not_when_it_is_first_given(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "tier_changed", tier="tier_2")
        factories.account(name="Always", tier="tier_2")
        account = factories.account(name="Changed", tier="tier_1")
        account.tier = "tier_2"
        accounts.save_account(account)
        fire_after_change(france, days=7)
        assert results() == [("Changed", "started")]

    def test_when_an_account_moved_here(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "market_moved")
        account = factories.account(market=factories.handmade_market())
        account.market = france
        accounts.save_account(account)
        fire_after_change(france, days=8)
        assert not Run.objects.exists()
        fire_after_change(france)
        assert Run.objects.get().account == account

    def test_when_silence_is_unusual_here(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        silent = trigger(renewal, "silent")
        factories.cadence(every=1, unit="weeks")
        talking = factories.account(name="Talking")
        factories.account(name="Silent")
        services.plan_market(market=france, now=NOW)
        Enrolment.objects.filter(account=talking).update(last_contact=day("2026-02-20"))
        fire(france)
        fire(france, NOW + DAY)
        assert results() == [("Silent", "started")]
        assert held_back(silent, talking) == "no_occasion"

    def test_after_downtime_within_grace_only(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        late = trigger(renewal, "before_renewal", days=30, grace_days=3)
        factories.account(name="Missed", renewal_date=NOW.date() + 27 * DAY)
        lost = factories.account(name="Lost", renewal_date=NOW.date() + 26 * DAY)
        fire(france)
        assert results() == [("Missed", "started")]
        assert held_back(late, lost) == "too_late"

    def test_only_what_is_switched_on_and_for_accounts_it_watches(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        date = {"renewal_date": NOW.date() + 30 * DAY}
        other = trigger(renewal, "before_renewal", days=30, tier="tier_2")
        trigger(renewal, "before_renewal", days=30, is_active=False)
        account = factories.account(**date)
        fire(france)
        assert not Run.objects.exists()
        assert held_back(other, account) == "other_accounts"

    def test_stays_within_its_organization(
        self, acting: Cast, france: Market, renewal: PlaybookVersion, outsiders: Cast
    ) -> None:
        trigger(renewal, "before_renewal", days=30)
        with outsiders.acting():
            factories.account(renewal_date=NOW.date() + 30 * DAY)
            fire(factories.market("FR"))
            assert not Run.objects.exists()
            assert not TriggerFiring.objects.exists()


class TestHoldingBack:
    def test_in_the_cool_down_and_says_so(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "before_renewal", days=30, cool_down_days=60)
        account = factories.account(renewal_date=NOW.date() + 30 * DAY)
        fire(france)
        services.cancel_run(Run.objects.get(), at=NOW, reason="The date was wrong.")
        account.renewal_date = NOW.date() + 31 * DAY
        accounts.save_account(account)
        fire(france, NOW + DAY)
        fire(france, NOW + 2 * DAY)
        assert [result for _name, result in results()] == ["started", "cool_down"]
        assert TriggerFiring.objects.latest("pk").detail == "2026-05-01"

    def test_while_the_playbook_is_under_way(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        trigger(renewal, "before_renewal", days=30)
        account = factories.account(renewal_date=NOW.date() + 30 * DAY)
        services.start_run(playbook=renewal.playbook, account=account, by=acting.csm, at=NOW)
        fire(france)
        assert [result for _name, result in results()] == ["under_way"]

    def test_what_is_mended_elsewhere_is_tried_again(self, acting: Cast, france: Market) -> None:
        draft = factories.playbook()
        trigger(draft, "before_renewal", days=30)
        factories.account(renewal_date=NOW.date() + 30 * DAY)
        fire(france)
        assert results() == []
        playbooks.publish_version(draft, by=acting.leader, at=NOW)
        fire(france, NOW + DAY)
        assert [result for _name, result in results()] == ["started"]


class TestAtOnce:
    def test_for_one_account_once_a_day(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        manual = trigger(renewal, "manual")
        account = factories.account()
        factories.account()
        fire(france)
        assert not Run.objects.exists()
        services.fire_trigger(manual, by=acting.leader, at=NOW, account=account)
        again = services.fire_trigger(manual, by=acting.leader, at=NOW, account=account)
        assert Run.objects.get().started_by == acting.leader
        assert [each.reason for each in again.held_back] == ["decided"]

    def test_for_all_that_it_watches(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        manual = trigger(renewal, "manual", tier="tier_1")
        factories.account(tier="tier_2")
        factories.account()
        fired = services.fire_trigger(manual, by=acting.leader, at=NOW)
        assert len(fired.run_ids) == Run.objects.count() == 1

    def test_by_another_programs_name_of_what_happened(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        api = trigger(renewal, "api", cool_down_days=0)
        account = factories.account()
        values: dict[str, Any] = {"by": acting.leader, "account": account, "occasion": 'a, "b"\\'}
        services.fire_trigger(api, at=NOW, **values)
        services.cancel_run(Run.objects.get(), at=NOW, reason="Done by phone.")
        assert not services.fire_trigger(api, at=NOW + DAY, **values).run_ids
        assert services.fire_trigger(api, at=NOW, **values | {"occasion": "c"}).run_ids

    def test_refuses_what_is_off_or_finds_its_own_occasions(
        self, acting: Cast, renewal: PlaybookVersion
    ) -> None:
        off = trigger(renewal, "manual", is_active=False)
        with pytest.raises(TriggerOff):
            services.fire_trigger(off, by=None, at=NOW)
        manual = trigger(renewal, "manual")
        with pytest.raises(NotOnCall):
            services.fire_trigger(manual, by=None, at=NOW, occasion="x")


class TestDryRun:
    def test_tells_what_firing_does_and_does_nothing(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        dated = trigger(renewal, "before_renewal", days=30, is_active=False)
        due = factories.account(renewal_date=NOW.date() + 30 * DAY)
        busy = factories.account(renewal_date=NOW.date() + 29 * DAY)
        services.start_run(playbook=renewal.playbook, account=busy, by=acting.csm, at=NOW)
        factories.account()
        found = services.dry_run(dated, now=NOW)
        assert found.accounts == [due.pk]
        assert [(each.account_id, each.reason) for each in found.held_back] == [
            (busy.pk, "under_way")
        ]
        assert (found.watched, found.without_occasion, found.tasks) == (3, 1, 1)
        assert Run.objects.count() == 1

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("before_renewal", {"days": 30}),
            ("stage_entered", {"stage": "value"}),
            ("silent", {}),
            ("manual", {}),
        ],
    )
    def test_asks_no_more_for_more_accounts(
        self,
        acting: Cast,
        france: Market,
        renewal: PlaybookVersion,
        kind: str,
        values: dict[str, Any],
    ) -> None:
        asked = trigger(renewal, kind, **values)
        factories.cadence(every=1, unit="weeks")
        date = NOW.date() + 30 * DAY
        factories.account(renewal_date=date)
        now = AccountChange.objects.latest("at").at if kind == "stage_entered" else NOW

        def queries() -> int:
            services.plan_market(market=france, now=NOW)
            with CaptureQueriesContext(connection) as captured:
                assert services.dry_run(asked, now=now).accounts
            return len(captured)

        services.dry_run(asked, now=now)
        first = queries()
        for _number in range(5):
            factories.account(renewal_date=date)
        assert queries() == first


class TestSaving:
    @pytest.mark.parametrize(
        ("kind", "values", "field"),
        [
            ("before_renewal", {}, "days"),
            ("silent", {"days": 3}, "days"),
            ("manual", {"percent": 200}, "percent"),
            ("stage_entered", {}, "stage"),
        ],
    )
    def test_refuses_what_does_not_go_together(
        self, renewal: PlaybookVersion, kind: str, values: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            trigger(renewal, kind, **values)
        assert set(refused.value.errors) == {field}


class TestSeveral:
    def test_run_beside_each_other_from_a_day_of_their_own(
        self, acting: Cast, france: Market, renewal: PlaybookVersion
    ) -> None:
        playbook = renewal.playbook
        playbook.allows_several = True
        playbooks.save_playbook(playbook)
        account = Account.objects.filter(pk=factories.account().pk)
        values: dict[str, Any] = {"playbook": playbook, "accounts": account, "by": None}
        assert services.start_runs(**values, at=NOW).run_ids
        again = services.start_runs(**values, at=NOW)
        assert [each.reason for each in again.refused] == ["under_way"]
        assert services.start_runs(**values, at=NOW + DAY).run_ids
        assert Run.objects.count() == 2
        playbook.allows_several = False
        playbooks.save_playbook(playbook)
        assert not services.start_runs(**values, at=NOW + 2 * DAY).run_ids


@pytest.mark.django_db(transaction=True)
class TestDaily:
    def test_planning_is_followed_by_triggers(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            version = factories.published(factories.step("call"), by=cast.leader)
            trigger(version, "before_renewal", days=30)
            factories.account(renewal_date=NOW.date() + 30 * DAY)
            RegionPlanning.objects.update(next_at=NOW)
        (lease,) = services.lease_due_regions(seconds=60, most=10)
        regions.plan_leased_region(lease, now=NOW, seconds=60)
        with cast.acting():
            assert Run.objects.count() == 1
            planning = RegionPlanning.objects.get()
            assert (planning.failure, planning.finished_at) == ("", NOW)
            assert planning.region == market.region
