"""What planning makes of changes."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts import services as accounts_services
from accounts.models import Account
from engagement import services
from engagement.models import Enrolment, Task
from playbooks import services as playbooks_services
from playbooks.models import Cadence
from regions import services as regions_services
from regions.models import Closure, Market, QuietPeriod
from talent import services as talent_services
from talent.models import Leave
from tests import factories
from tests.conftest import Cast, day
from toolkit.effects import EffectKind, preview

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def weekly(acting: Cast, **values: Any) -> Account:
    """Make an account with a fixed weekly cadence on Tuesdays and its planned check-ins."""
    factories.cadence(every=1, unit="weeks", weekdays=[2])
    return factories.account(**values)


def open_days() -> list[dt.date]:
    return list(Task.objects.to_do().order_by("due_date").values_list("due_date", flat=True))


class TestANewAccount:
    def test_is_planned_at_once(self, acting: Cast) -> None:
        weekly(acting)
        assert open_days() == [day("2026-11-24"), day("2026-12-01"), day("2026-12-08")]

    def test_owes_nothing_for_the_past(self, acting: Cast) -> None:
        weekly(acting, start_date=day("2020-01-01"))
        assert not Task.objects.filter(due_date__lt=NOW.date()).exists()

    def test_without_a_cadence_is_not_planned(self, acting: Cast) -> None:
        weekly(acting, tier="tier_3")
        assert open_days() == []


class TestAnArchivedOrChurnedAccount:
    def test_is_planned_no_more(self, acting: Cast) -> None:
        account = weekly(acting)
        accounts_services.archive_account(account, at=NOW)
        services.plan_market(market=account.market, now=NOW + dt.timedelta(days=7))
        assert open_days() == []
        assert not Enrolment.objects.get().is_active

    def test_is_planned_again_when_it_comes_back(self, acting: Cast) -> None:
        account = weekly(acting)
        account.stage = "churned"
        accounts_services.save_account(account)
        assert open_days() == []
        account.stage = "value"
        accounts_services.save_account(account)
        assert len(open_days()) == 3


class TestAChangedCadence:
    def test_previews_exactly_what_it_does(self, acting: Cast) -> None:
        weekly(acting)
        cadence = Cadence.objects.get()
        cadence.weekdays = [4]
        seen = preview(lambda: playbooks_services.save_cadence(cadence))
        assert [(effect.before, effect.after) for effect in seen] == [
            (day("2026-11-24"), day("2026-11-26")),
            (day("2026-12-01"), day("2026-12-03")),
            (day("2026-12-08"), None),
        ]
        assert open_days()[0] == day("2026-11-24")
        cadence.refresh_from_db()
        cadence.weekdays = [4]
        playbooks_services.save_cadence(cadence)
        assert open_days() == [day("2026-11-26"), day("2026-12-03")]

    def test_for_a_market_beats_region_and_global(self, acting: Cast) -> None:
        account = weekly(acting)
        factories.cadence(
            every=1, unit="weeks", weekdays=[3], region=account.market.region, reason="Region"
        )
        assert {each.isoweekday() for each in open_days()} == {3}
        narrow = factories.cadence(
            every=1, unit="weeks", weekdays=[5], market=account.market, reason="Market"
        )
        assert {each.isoweekday() for each in open_days()} == {5}
        playbooks_services.archive_cadence(narrow, at=NOW)
        assert {each.isoweekday() for each in open_days()} == {3}

    def test_that_grows_slower_keeps_nothing_twice(self, acting: Cast) -> None:
        weekly(acting)
        cadence = Cadence.objects.get()
        cadence.every = 2
        playbooks_services.save_cadence(cadence)
        days = open_days()
        assert len(days) == len(set(days))
        assert all((b - a).days == 14 for a, b in zip(days, days[1:], strict=False))


class TestWhatSomebodyTouched:
    def test_stays_and_is_flagged(self, acting: Cast) -> None:
        account = weekly(acting)
        task = Task.objects.to_do().earliest("due_date")
        services.snooze_task(
            task=task, by=acting.csm, at=NOW, until=day("2026-11-27"), reason="They asked"
        )
        closed = Closure(market=account.market, name="Off", start="2026-11-24", end="2026-12-01")
        seen = preview(lambda: regions_services.save_part(closed))
        assert EffectKind.KEPT in {effect.kind for effect in seen}
        regions_services.save_part(
            Closure(
                market=Market.objects.get(pk=account.market_id),
                name="Off",
                start="2026-11-24",
                end="2026-12-01",
            )
        )
        task.refresh_from_db()
        assert task.is_flagged
        assert task.due_date == day("2026-11-27")


class TestAQuietPeriod:
    def test_skips_contact_when_it_says_so(self, acting: Cast) -> None:
        account = weekly(acting)
        regions_services.save_part(
            QuietPeriod(
                market=account.market,
                name="Stocktaking",
                start="2026-11-30",
                end="2026-12-04",
                policy="skip",
            )
        )
        assert open_days() == [day("2026-11-24"), day("2026-12-08")]
        assert Task.objects.get(status="skipped").nominal_date == day("2026-12-01")


class TestAWorkingAgreement:
    def test_beats_the_cadence(self, acting: Cast) -> None:
        account = weekly(acting)
        factories.agreement(account=account, every=1, unit="weeks", weekdays=[4])
        assert {each.isoweekday() for each in open_days()} == {4}

    def test_sets_the_hour_at_which_work_is_due(self, acting: Cast) -> None:
        account = weekly(acting)
        factories.agreement(account=account, hours_from=8 * 60, hours_to=11 * 60)
        first = Task.objects.to_do().earliest("due_date")
        assert first.due_at == dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


class TestAMove:
    def test_to_another_market_plans_on_its_calendar(self, acting: Cast) -> None:
        account = weekly(acting)
        saudi = factories.market("SA")
        account.market = saudi
        accounts_services.save_account(account)
        assert Enrolment.objects.get().market_id == saudi.pk
        first = Task.objects.to_do().earliest("due_date")
        assert first.due_at.astimezone(dt.UTC).hour == 14  # 17:00 in Riyadh

    def test_of_a_market_to_preparing_stops_planning(self, acting: Cast) -> None:
        account = weekly(acting)
        market = account.market
        market.status = "preparing"
        regions_services.save_market(market)
        assert open_days() == []


class TestSharedDays:
    def test_a_csm_in_dubai_and_an_account_in_riyadh_meet_monday_to_thursday(
        self, acting: Cast
    ) -> None:
        riyadh, dubai = factories.market("SA"), factories.market("AE")
        factories.home_market(acting.csm, dubai)
        factories.cadence(every=1, unit="weeks", weekdays=[7])  # Sundays
        factories.account(market=riyadh, owner=acting.csm)
        assert {each.isoweekday() for each in open_days()} <= {1, 2, 3, 4}
        task = Task.objects.to_do().earliest("due_date")
        assert task.moves is not None
        assert task.moves[-1]["reason"] == "owner_away"

    def test_leave_moves_contact_and_its_end_brings_it_back(self, acting: Cast) -> None:
        france = factories.market("FR")
        factories.home_market(acting.csm, france)
        weekly(acting, market=france, owner=acting.csm)
        leave = talent_services.save_leave(
            Leave(membership=acting.csm, start=day("2026-12-01"), end=day("2026-12-01"))
        )
        assert open_days()[1] == day("2026-12-02")
        talent_services.remove_leave(leave)
        assert open_days()[1] == day("2026-12-01")

    def test_a_long_leave_needs_a_stand_in(self, acting: Cast) -> None:
        france = factories.market("FR")
        factories.home_market(acting.csm, france)
        weekly(acting, market=france, owner=acting.csm)
        talent_services.save_leave(
            Leave(membership=acting.csm, start=day("2026-11-20"), end=day("2026-12-15"))
        )
        assert all(Task.objects.to_do().values_list("needs_stand_in", flat=True))
        assert open_days()[1] == day("2026-12-01")
