"""Nothing is planned before an organization starts, and what it foresees is what then comes."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts import services as accounts_services
from accounts.choices import Stage, Tier
from accounts.models import Account
from accounts.segments import Segments
from engagement import services
from engagement.fortnight import Fortnight, read_fortnight
from engagement.models import Enrolment, MarketPass, RegionPlanning, Task
from engagement.services.regions import LeaseLost
from playbooks.models import Cadence
from playbooks.services import adopt_starting_cadences, save_cadence
from regions import services as regions_services
from regions.choices import MarketStatus
from regions.models import Market
from talent.models import FULL_DAY_MINUTES
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast
from toolkit.effects import EffectKind
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db

# A Monday; Thursday is Ascension Day in France.
NOW = "2026-05-11T08:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def prepared(code: str) -> Market:
    """Adopt a market that is not open yet."""
    return regions_services.adopt_market(code=code, status=MarketStatus.PREPARING)


def weekly(**values: object) -> Cadence:
    """Make a cadence of every Thursday."""
    return factories.cadence(**{"every": 1, "unit": "weeks", "weekdays": [4]} | values)


@pytest.fixture
def france(acting: Cast) -> Market:
    """A market in preparation, with two accounts and a cadence of every Thursday."""
    market = prepared("FR")
    for number in range(2):
        factories.account(
            name=f"Account {number}",
            market=market,
            owner=acting.csm,
            start_date=dt.date(2026, 5, 1),
        )
    weekly()
    return market


def work_through() -> None:
    """Do what the worker does at its next tick."""
    for lease in services.lease_due_regions(seconds=60, most=10):
        services.plan_leased_region(lease, now=timezone.now(), seconds=60)


def due_dates() -> list[str]:
    """Return the days on which something is due."""
    return [str(day) for day in Task.objects.to_do().values_list("due_date", flat=True)]


class TestBeforeTheStart:
    def test_no_change_plans_anything(self, france: Market, acting: Cast) -> None:
        account = Account.objects.first()
        assert account is not None
        account.tier = Tier.TIER_2
        accounts_services.save_account(account)
        factories.agreement(account=account, every=2, unit="weeks")
        adopt_starting_cadences()
        factories.home_market(acting.csm, france)
        regions_services.save_market(france)
        RegionPlanning.objects.update(next_at=timezone.now() - dt.timedelta(days=1))
        work_through()

        assert not Task.objects.exists()
        assert not Enrolment.objects.exists()
        assert not MarketPass.objects.exists()

    def test_what_is_foreseen_leaves_nothing(self, france: Market) -> None:
        audited = AuditEntry.objects.count()
        services.foresee_start(markets=[france], now=timezone.now())

        assert not Task.objects.exists()
        assert not MarketPass.objects.exists()
        assert AuditEntry.objects.count() == audited
        assert Market.objects.get().status == MarketStatus.PREPARING


class TestStart:
    def test_leaves_the_planning_to_the_worker_who_finds_it_due(self, france: Market) -> None:
        regions_services.open_markets([france])
        assert not Task.objects.exists()
        work_through()
        assert Counter(due_dates()) == {"2026-05-15": 1, "2026-05-18": 1, "2026-05-21": 2}

    def test_comes_as_it_was_foreseen(self, france: Market) -> None:
        foreseen = services.foresee_start(markets=[france], now=timezone.now())
        regions_services.open_markets([france])
        work_through()
        come = read_fortnight(now=timezone.now())
        wanted = {"2026-05-15": 1, "2026-05-18": 1, "2026-05-21": 2}
        assert by_day(foreseen) == by_day(come) == wanted

    def test_takes_the_region_from_a_worker_who_did_not_see_the_market(
        self, france: Market
    ) -> None:
        regions_services.open_markets([france])
        (lease,) = services.lease_due_regions(seconds=60, most=10)
        germany = regions_services.adopt_market(
            code="DE", region=france.region, status=MarketStatus.PREPARING
        )
        factories.account(market=germany)
        regions_services.open_markets([germany])
        with pytest.raises(LeaseLost):
            services.plan_leased_region(lease, now=timezone.now(), seconds=60)
        work_through()
        assert set(MarketPass.objects.values_list("market__code", flat=True)) == {"FR", "DE"}

    def test_is_refused_when_somebody_changed_a_market_meanwhile(self, france: Market) -> None:
        mine = Market.objects.get()
        regions_services.save_market(france)
        with pytest.raises(StaleVersion):
            regions_services.open_markets([mine])

    def test_twice_opens_once(self, france: Market) -> None:
        assert regions_services.open_markets([france]) == [france]
        assert regions_services.open_markets(Market.objects.all()) == []

    def test_of_a_market_that_rested_lets_its_rhythm_go_on(self, france: Market) -> None:
        regions_services.open_markets([france])
        work_through()
        market = Market.objects.get()
        market.status = MarketStatus.PREPARING
        regions_services.save_market(market)
        assert due_dates() == []
        regions_services.open_markets([market])
        assert Counter(due_dates()) == {"2026-05-15": 1, "2026-05-18": 1, "2026-05-21": 2}


def by_day(fortnight: Fortnight) -> dict[str, int]:
    """Return how many check-ins fall on which day, over all markets."""
    return {
        str(day.date): day.check_ins
        for load in fortnight.markets
        for day in load.days
        if day.check_ins
    }


class TestFortnight:
    def test_tells_by_person_and_market_with_the_reason_of_a_move(
        self, france: Market, acting: Cast
    ) -> None:
        factories.account(market=france, owner=None, start_date=dt.date(2026, 5, 1))
        foreseen = services.foresee_start(markets=[france], now=timezone.now())

        assert [(load.subject, load.check_ins) for load in foreseen.people] == [
            (None, 2),
            (acting.csm, 4),
        ]
        assert [(load.subject, load.check_ins) for load in foreseen.markets] == [(france, 6)]
        # What Ascension Day brought to the Friday is spread over the days after it.
        assert sum(moved.check_ins for moved in foreseen.moved) == 3
        assert {moved.moves[0]["reason"] for moved in foreseen.moved} == {"holiday"}
        assert (str(foreseen.days[0]), str(foreseen.days[-1])) == ("2026-05-11", "2026-05-25")

    def test_shows_the_day_that_is_too_full(self, france: Market, acting: Cast) -> None:
        cadence = Cadence.objects.get()
        cadence.duration_minutes = FULL_DAY_MINUTES // 2
        save_cadence(cadence)
        assert services.foresee_start(markets=[france], now=timezone.now()).overloaded == []
        factories.account(market=france, owner=acting.csm, start_date=dt.date(2026, 5, 1))
        foreseen = services.foresee_start(markets=[france], now=timezone.now())
        assert [(load.subject, str(day.date)) for load, day in foreseen.overloaded] == [
            (acting.csm, "2026-05-21"),
        ]

    def test_without_markets_is_empty(self, acting: Cast) -> None:
        assert read_fortnight(now=timezone.now()).check_ins == 0

    def test_tells_nothing_of_another_organization(self, france: Market, outsiders: Cast) -> None:
        regions_services.open_markets([france])
        work_through()
        with outsiders.acting():
            factories.market("FR")
            assert read_fortnight(now=timezone.now()).check_ins == 0


class TestOneCadenceForOneMarket:
    def test_shows_before_the_start_what_it_would_move(self, france: Market) -> None:
        def talk_on_fridays() -> None:
            weekly(market=france, weekdays=[5], reason="They keep Thursdays free.")

        effects = services.preview_once_open(talk_on_fridays, markets=[france], now=timezone.now())

        assert Counter(effect.kind for effect in effects) == {EffectKind.MOVED: 3}
        # On Fridays nothing is brought together by Ascension Day, so nothing is spread.
        assert {(str(each.before), str(each.after)) for each in effects} == {
            ("2026-05-18", "2026-05-15"),
            ("2026-05-21", "2026-05-22"),
        }
        assert Cadence.objects.count() == 1
        assert not Task.objects.exists()


class TestStartingCadences:
    def test_there_is_one_for_each_tier_and_stage(self, acting: Cast) -> None:
        adopt_starting_cadences()
        cells = set(Cadence.objects.values_list("tier", "stage"))
        stages = set(Stage) - {Stage.CHURNED}
        assert cells == {(tier, stage) for tier in Tier for stage in stages}
        assert Cadence.objects.get(tier="tier_1", stage="onboarding").weekdays == [2]

    def test_what_an_organization_has_stays(self, acting: Cast) -> None:
        own = factories.cadence(title="Our own")
        assert len(adopt_starting_cadences()) == 11
        assert adopt_starting_cadences() == []
        assert Cadence.objects.get(tier=own.tier, stage=own.stage).title == "Our own"

    def test_an_archived_one_or_one_of_a_market_is_not_in_the_way(self, acting: Cast) -> None:
        gone = factories.cadence()
        factories.cadence(market=factories.market("FR"), reason="Visits")
        Cadence.objects.filter(pk=gone.pk).update(archived_at=timezone.now())
        assert len(adopt_starting_cadences()) == 12


def accounts_worth(*arrs: int | None, **values: object) -> None:
    """Make an account for each ARR, all in tier 3."""
    for arr in arrs:
        factories.account(**{"tier": "tier_3", "arr": arr, "market": prepared_once("FR")} | values)


def prepared_once(code: str) -> Market:
    """Return the market in preparation."""
    return Market.objects.filter(code=code).first() or prepared(code)


def held() -> dict[str, list[int]]:
    """Return how many accounts each tier has, by currency."""
    segments = Segments()
    return {currency: list(segments.counts(currency)) for currency in segments.revenues}


class TestTiers:
    def test_the_first_tenth_and_the_next_fifth_are_proposed(self, acting: Cast) -> None:
        accounts_worth(*range(1, 21))
        assert Segments().proposed_floors() == {"USD": (Decimal(19), Decimal(15))}
        accounts_services.set_tiers(Segments().proposed_floors())
        assert held() == {"USD": [2, 4, 14]}
        assert Segments().floors_in_force() == Segments().proposed_floors()

    def test_a_single_account_is_in_tier_1(self, acting: Cast) -> None:
        accounts_worth(5)
        accounts_services.set_tiers(Segments().proposed_floors())
        assert held() == {"USD": [1, 0, 0]}

    def test_each_currency_has_floors_of_its_own(self, acting: Cast) -> None:
        accounts_worth(*range(1, 11))
        accounts_worth(*range(1000, 11_000, 1000), currency="JPY")
        assert Segments().proposed_floors() == {
            "JPY": (Decimal(10_000), Decimal(8000)),
            "USD": (Decimal(10), Decimal(8)),
        }
        assert accounts_services.set_tiers({"JPY": Segments().proposed_floors()["JPY"]}) == 3
        assert held() == {"JPY": [1, 2, 7], "USD": [0, 0, 10]}

    def test_an_account_without_revenue_and_one_that_left_stay(self, acting: Cast) -> None:
        accounts_worth(None, tier="tier_1")
        accounts_worth(5, tier="tier_1", stage="churned")
        accounts_worth(10)
        accounts_services.set_tiers({"USD": (Decimal(100), Decimal(50))})
        assert sorted(Account.objects.values_list("tier", flat=True)) == [
            "tier_1",
            "tier_1",
            "tier_3",
        ]

    def test_says_what_share_of_the_revenue_a_tier_brings(self, acting: Cast) -> None:
        accounts_worth(50, 30, 10, 10)
        found = Segments().proposal("USD", (Decimal(50), Decimal(30)))
        assert (found.counts, found.shares) == ((1, 1, 2), (50, 30, 20))

    def test_only_what_changes_gets_a_new_version(self, acting: Cast) -> None:
        accounts_worth(10, 20)
        accounts_services.set_tiers({"USD": (Decimal(20), Decimal(15))})
        assert list(Account.objects.order_by("arr").values_list("version", flat=True)) == [1, 2]

    def test_planning_follows(self, france: Market) -> None:
        regions_services.open_markets([france])
        work_through()
        Account.objects.update(arr=10)
        accounts_services.set_tiers({"USD": (Decimal(100), Decimal(50))})
        assert due_dates() == []

    @pytest.mark.parametrize(("first", "second"), [(10, 20), (10, -1)])
    def test_floors_in_the_wrong_order_are_refused(
        self, acting: Cast, first: int, second: int
    ) -> None:
        with pytest.raises(InvalidInput):
            accounts_services.set_tiers({"USD": (Decimal(first), Decimal(second))})
