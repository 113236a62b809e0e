"""The pages that lead from an empty organization to its first planned check-ins."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from engagement import services as engagement_services
from engagement.models import MarketPass, Task
from playbooks.models import Cadence
from playbooks.services import adopt_starting_cadences
from regions import services as regions_services
from regions.choices import MarketStatus
from regions.models import Market
from tenants.choices import Role
from tenants.models import Invitation, Membership
from tenants.services import Person, prepare_members
from tests import factories
from tests.conftest import Cast, count_queries, signed_in

pytestmark = pytest.mark.django_db

# A Monday; Thursday is Ascension Day in France.
NOW = "2026-05-11T08:00:00+00:00"

PAGES = (
    "/start/",
    "/start/home/",
    "/start/accounts/",
    "/start/accounts/new/",
    "/start/markets/",
    "/start/markets/new/",
    "/start/markets/new/?country=EG",
    "/start/tiers/",
    "/start/cadences/",
    "/start/preview/",
    "/start/people/",
    "/start/open/",
    "/start/progress/",
)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    """The leader, signed in."""
    return signed_in(cast.leader)


def read(client: APIClient, address: str) -> str:
    """Return a page."""
    response = client.get(address)
    assert response.status_code == 200, address
    return text_of(response)


def text_of(response: Any) -> str:
    """Return what a response says, with its white space made even."""
    return re.sub(r"\s+", " ", response.content.decode())


def send(client: APIClient, address: str, **values: Any) -> Any:
    """Fill in a form."""
    return client.post(address, values, format="multipart")


def states(client: APIClient) -> dict[str, str]:
    """Return where each step stands."""
    checklist = client.get("/start/").context["checklist"]
    return {step.name: step.state.value for step in checklist.steps}


def prepare(cast: Cast, *codes: str, **values: Any) -> list[Market]:
    """Bring an organization to where it could start: a market, an account and a cadence."""
    markets = []
    with cast.acting():
        for code in codes or ("FR",):
            market = regions_services.adopt_market(code=code, status=MarketStatus.PREPARING)
            factories.account(
                **{"market": market, "owner": cast.csm, "name": f"Account of {code}"} | values
            )
            markets.append(market)
        regions_services.set_home_market(markets[0])
        factories.cadence(every=1, unit="weeks", weekdays=[4])
    return markets


class TestWhoMaySetUp:
    @pytest.mark.parametrize("address", PAGES)
    def test_admins_and_leaders_see_every_page_of_an_empty_organization(
        self, cast: Cast, address: str
    ) -> None:
        for member in (cast.admin, cast.leader):
            assert signed_in(member).get(address).status_code == 200

    @pytest.mark.parametrize("address", PAGES)
    def test_nobody_else_does(self, cast: Cast, address: str) -> None:
        for member in (cast.manager, cast.csm, cast.analyst):
            assert signed_in(member).get(address).status_code == 403
            assert send(signed_in(member), address).status_code in (403, 405)

    def test_another_organization_is_not_there(self, cast: Cast, outsiders: Cast) -> None:
        (market,) = prepare(cast)
        with cast.acting():
            cadence = Cadence.objects.get()
        client = signed_in(outsiders.leader)
        for address in (
            f"/start/markets/{market.pk}/",
            f"/start/cadences/{cadence.pk}/",
            f"/start/cadences/{cadence.pk}/market/?market={market.pk}",
        ):
            assert client.get(address).status_code == 404, address
        send(client, "/start/open/", market=f"{market.pk}~{market.version}")
        with cast.acting():
            assert Market.objects.get().status == MarketStatus.PREPARING

    @pytest.mark.parametrize("address", PAGES)
    def test_the_number_of_queries_does_not_grow(self, cast: Cast, address: str) -> None:
        client = signed_in(cast.leader)
        prepare(cast, "FR", "JP")
        client.get(address)
        with count_queries() as few:
            client.get(address)
        with cast.acting():
            for code in ("DE", "GB", "ES"):
                market = regions_services.adopt_market(code=code, status=MarketStatus.PREPARING)
                for _ in range(3):
                    factories.account(market=market, owner=cast.csm)
        client.get(address)
        with count_queries() as many:
            client.get(address)
        # Planning takes a few statements for each market that is planned.
        allowed = 3 * 19 if address == "/start/preview/" else 0
        assert len(many) <= len(few) + allowed


class TestChecklist:
    def test_of_an_empty_organization_begins_with_the_home_market(self, leader: APIClient) -> None:
        assert states(leader) == {
            "home": "next",
            "accounts": "to_do",
            "markets": "to_do",
            "tiers": "to_do",
            "cadences": "to_do",
            "preview": "optional",
            "people": "optional",
            "open": "to_do",
        }

    def test_reads_what_is_done_from_the_rows(self, cast: Cast, leader: APIClient) -> None:
        prepare(cast)
        assert states(leader) == {
            "home": "done",
            "accounts": "done",
            "markets": "done",
            "tiers": "done",
            "cadences": "done",
            "preview": "optional",
            "people": "optional",
            "open": "next",
        }

    def test_a_tier_and_stage_without_cadence_is_missing(
        self, cast: Cast, leader: APIClient
    ) -> None:
        prepare(cast)
        with cast.acting():
            factories.account(market=Market.objects.get(), tier="tier_3")
        assert states(leader)["cadences"] == "next"
        assert "1 tier and stage of your accounts has none yet" in read(leader, "/start/")


class TestHome:
    def test_offers_the_market_of_the_readers_language_first(self, cast: Cast) -> None:
        client = signed_in(cast.leader)
        page = client.get("/start/home/", headers={"Accept-Language": "ja-JP,en;q=0.5"})
        assert '<option value="adopt:JP" selected>' in page.content.decode()

    def test_is_adopted_in_its_region_and_plans_nothing(
        self, cast: Cast, leader: APIClient
    ) -> None:
        page = leader.post("/start/home/", {"market": "adopt:FR"}, format="multipart", follow=True)
        assert "France is your home market, in EMEA." in text_of(page)
        with cast.acting():
            market = Market.objects.get()
            assert (market.is_home, market.status) == (True, MarketStatus.PREPARING)
            assert not MarketPass.objects.exists()

    def test_can_be_chosen_again(self, cast: Cast, leader: APIClient) -> None:
        send(leader, "/start/home/", market="adopt:FR")
        with cast.acting():
            france = Market.objects.get()
        send(leader, "/start/home/", market="adopt:DE", seen_home=france.pk)
        with cast.acting():
            germany = Market.objects.get(is_home=True)
        assert germany.code == "DE"
        send(leader, "/start/home/", market=f"have:{france.pk}", seen_home=germany.pk)
        with cast.acting():
            assert Market.objects.get(is_home=True) == france

    def test_tells_the_second_of_two_leaders(self, cast: Cast, leader: APIClient) -> None:
        send(signed_in(cast.admin), "/start/home/", market="adopt:FR")
        refused = send(leader, "/start/home/", market="adopt:DE")
        assert refused.status_code == 422
        assert "Somebody else changed this" in text_of(refused)
        with cast.acting():
            assert [market.code for market in Market.objects.all()] == ["FR"]

    def test_is_made_by_hand_where_the_library_has_none(
        self, cast: Cast, leader: APIClient
    ) -> None:
        address = "/start/markets/new/?country=EG"
        form = leader.get(address).context["form"]
        assert form["time_zone"].field.choices == [("Africa/Cairo", "Africa/Cairo")]
        assert form.initial["weekdays"] == (1, 2, 3, 4, 7)
        send(
            leader,
            address,
            name="Egypt",
            region_name="EMEA",
            time_zone="Africa/Cairo",
            languages="ar-EG, en-EG",
            currency="EGP",
            weekdays=[1, 2, 3, 4, 7],
            is_home="on",
            version=1,
        )
        with cast.acting():
            market = Market.objects.get()
            assert (market.code, market.status, market.is_home) == ("EG", "preparing", True)
            assert market.languages == ["ar-EG", "en-EG"]
            assert market.workingweek_set.get().weekdays == [1, 2, 3, 4, 7]
        assert "Friday, Saturday" in read(leader, "/start/markets/")


class TestMarkets:
    def test_show_their_days_off_and_holidays(self, cast: Cast, leader: APIClient) -> None:
        prepare(cast, "FR", "SA")
        page = read(leader, "/start/markets/")
        assert "Saturday, Sunday" in page
        assert "Friday, Saturday" in page
        assert 'Thu, May 14: <span dir="auto">Ascension Day' in page

    def test_more_are_prepared_from_the_library(self, cast: Cast, leader: APIClient) -> None:
        send(leader, "/start/markets/", codes=["JP", "AU"])
        with cast.acting():
            assert set(Market.objects.values_list("code", "status")) == {
                ("AU", "preparing"),
                ("JP", "preparing"),
            }

    def test_move_to_another_region_by_its_name(self, cast: Cast, leader: APIClient) -> None:
        (market,) = prepare(cast)
        values = {
            "name": "France",
            "region_name": "Southern Europe",
            "time_zone": "Europe/Paris",
            "languages": "fr-FR",
            "currency": "EUR",
            "version": market.version,
        }
        assert send(leader, f"/start/markets/{market.pk}/", **values).status_code == 302
        with cast.acting():
            assert Market.objects.get().region.name == "Southern Europe"
        again = send(leader, f"/start/markets/{market.pk}/", **values)
        assert again.status_code == 422
        assert "Somebody else changed this" in text_of(again)


class TestAccounts:
    def test_are_entered_by_hand_with_an_owner_who_is_not_there_yet(
        self, cast: Cast, leader: APIClient
    ) -> None:
        send(leader, "/start/home/", market="adopt:FR")
        with cast.acting():
            market = Market.objects.get()
        send(
            leader,
            "/start/accounts/new/",
            name="Lenoir",
            market=market.pk,
            owner_email="New@Alder.example",
            arr="12000",
            currency="EUR",
            renewal_date="2027-01-31",
            tier="tier_2",
            stage="value",
            start_date="2026-01-01",
        )
        with cast.acting():
            account = Account.objects.get()
            assert account.owner is not None
            assert (account.owner.email, account.owner.user) == ("new@alder.example", None)

    def test_a_sample_comes_and_goes_and_comes_again(self, cast: Cast, leader: APIClient) -> None:
        assert send(leader, "/start/accounts/sample/").status_code == 409
        send(leader, "/start/home/", market="adopt:FR")
        for _ in range(2):
            send(leader, "/start/accounts/sample/")
            with cast.acting():
                assert Account.objects.active().count() == 10
            send(leader, "/start/accounts/sample/", away="")
            with cast.acting():
                assert Account.objects.active().count() == 0


class TestTiers:
    @pytest.fixture
    def floors(self, cast: Cast, leader: APIClient) -> dict[str, Any]:
        """Twenty accounts, and the form as it is proposed."""
        (market,) = prepare(cast)
        with cast.acting():
            for arr in range(1, 21):
                factories.account(market=market, arr=arr, tier="tier_3", currency="EUR")
        form = leader.get("/start/tiers/").context["form"]
        return {name: form[name].value() for name in form.fields}

    def test_are_proposed_by_revenue(self, floors: dict[str, Any]) -> None:
        assert (floors["EUR-tier_1"], floors["EUR-tier_2"]) == (19, 15)

    def test_show_what_would_change_and_change_nothing(
        self, cast: Cast, leader: APIClient, floors: dict[str, Any]
    ) -> None:
        page = send(leader, "/start/tiers/", **floors | {"EUR-tier_1": "20", "look": ""})
        assert "6 accounts would change their tier." in text_of(page)
        assert "1 account without ARR keeps its tier." in text_of(page)
        with cast.acting():
            assert not Account.objects.filter(tier="tier_2").exists()

    def test_are_set(self, cast: Cast, leader: APIClient, floors: dict[str, Any]) -> None:
        send(leader, "/start/tiers/", **floors)
        with cast.acting():
            assert Account.objects.filter(tier="tier_2").count() == 4
        form = leader.get("/start/tiers/").context["form"]
        assert form["EUR-tier_1"].value() == 19

    def test_tell_the_second_of_two_leaders_and_then_let_her(
        self, cast: Cast, leader: APIClient, floors: dict[str, Any]
    ) -> None:
        with cast.acting():
            factories.account(market=Market.objects.get(), arr=100, currency="EUR")
        refused = send(leader, "/start/tiers/", **floors)
        assert "Somebody else changed this" in text_of(refused)
        seen = refused.context["form"]["seen"].value()
        assert send(leader, "/start/tiers/", **floors | {"seen": seen}).status_code == 302

    def test_that_overlap_are_refused(self, leader: APIClient, floors: dict[str, Any]) -> None:
        refused = send(leader, "/start/tiers/", **floors | {"EUR-tier_1": "2"})
        assert refused.status_code == 422
        assert "Tier 2 begins below tier 1." in text_of(refused)


def filled(client: APIClient, address: str) -> dict[str, Any]:
    """Return a form as a browser would send it back."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


class TestCadences:
    def test_that_ship_are_taken_over_together(self, cast: Cast, leader: APIClient) -> None:
        assert "12 of these are proposed" in read(leader, "/start/cadences/")
        send(leader, "/start/cadences/")
        page = read(leader, "/start/cadences/")
        assert "Proposed" not in page
        assert "every week, Tuesday" in page

    def test_show_what_a_change_moves_before_the_start(self, cast: Cast, leader: APIClient) -> None:
        prepare(cast)
        with cast.acting():
            cadence = Cadence.objects.get()
        address = f"/start/cadences/{cadence.pk}/"
        values = filled(leader, address) | {"weekdays": [5]}
        page = send(leader, address, **values, look="")
        assert "1 moves" in text_of(page)
        assert "from Thu, May 21 to Fri, May 22" in text_of(page)
        with cast.acting():
            assert Cadence.objects.get().weekdays == [4]
            assert not Task.objects.exists()

    def test_tell_the_second_of_two_leaders(self, cast: Cast, leader: APIClient) -> None:
        prepare(cast)
        with cast.acting():
            cadence = Cadence.objects.get()
        address = f"/start/cadences/{cadence.pk}/"
        values = filled(leader, address)
        send(signed_in(cast.admin), address, **values | {"title": "Hers"})
        refused = send(leader, address, **values | {"title": "Mine"})
        assert "Somebody else changed this" in text_of(refused)
        with cast.acting():
            assert Cadence.objects.get().title == "Hers"

    def test_differ_in_one_market_with_a_reason_and_the_same_benefit(
        self, cast: Cast, leader: APIClient
    ) -> None:
        france, _japan = prepare(cast, "FR", "JP")
        with cast.acting():
            cadence = Cadence.objects.get()
        address = f"/start/cadences/{cadence.pk}/market/?market={france.pk}"
        values = filled(leader, address) | {"weekdays": [5], "channel": "in_person"}
        assert send(leader, address, **values).status_code == 422
        values |= {"reason": "Visits come before calls.", "benefit": "Less"}
        looked = send(leader, address, **values, look="")
        assert "<strong>France</strong>: 1 moves" in text_of(looked)
        with cast.acting():
            assert Cadence.objects.count() == 1
        assert send(leader, address, **values).status_code == 302
        with cast.acting():
            own = Cadence.objects.get(market=france)
            assert (own.benefit, own.channel, own.weekdays) == (cadence.benefit, "in_person", [5])
        assert "Visits come before calls." in read(leader, "/start/cadences/")

        send(leader, address, take_back="")
        with cast.acting():
            assert not Cadence.objects.filter(market=france, archived_at=None).exists()
        assert leader.post(address, {"take_back": ""}, format="multipart").status_code == 404

    @pytest.mark.parametrize("market", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_differ_in_no_market_that_is_not_there(
        self, cast: Cast, leader: APIClient, market: str
    ) -> None:
        prepare(cast)
        with cast.acting():
            cadence = Cadence.objects.get()
        address = f"/start/cadences/{cadence.pk}/market/?market={market}"
        assert leader.get(address).status_code == 404


class TestPreview:
    def test_tells_what_moves_and_leaves_nothing(self, cast: Cast, leader: APIClient) -> None:
        prepare(cast)
        page = read(leader, "/start/preview/")
        assert "Public holiday there on Thu, May 14 (Ascension Day): moved to Fri, May 15." in page
        assert "2 check-ins" in page
        with cast.acting():
            assert not Task.objects.exists()


class TestPeople:
    def prepared(self, cast: Cast, email: str = "noor@alder.example", **values: Any) -> Membership:
        """Make a member who owns an account and has not joined."""
        with cast.acting():
            member = prepare_members([Person(email, **values)])[email]
            factories.account(owner=member, market=prepare_market())
        return member

    def test_shows_who_has_not_joined_with_her_accounts(
        self, cast: Cast, leader: APIClient
    ) -> None:
        self.prepared(cast, name="Noor Haddad")
        page = read(leader, "/start/people/")
        assert "<bdi>Noor Haddad</bdi>" in page
        assert "1 account<" in page
        assert "Not yet" in page
        assert "CSM of Alder" not in page

    def test_writes_to_those_chosen(self, cast: Cast, leader: APIClient) -> None:
        noor = self.prepared(cast)
        self.prepared(cast, "yuki@alder.example")
        page = leader.post(
            "/start/people/",
            {"members": [noor.pk], "language": "fr"},
            format="multipart",
            follow=True,
        )
        assert "1 invitation is on its way." in text_of(page)
        with cast.acting():
            invitation = Invitation.objects.get()
            assert (invitation.membership, invitation.sent_by) == (noor, cast.leader)
            assert invitation.language == "fr"
        assert str(noor.pk) not in page.context["form"].initial["members"]

    def test_lets_a_leader_invite_no_admin(self, cast: Cast, leader: APIClient) -> None:
        boss = self.prepared(cast, role=Role.ADMIN)
        refused = send(leader, "/start/people/", members=[boss.pk], language="en")
        assert refused.status_code == 422
        assert send(signed_in(cast.admin), "/start/people/", members=[boss.pk], language="en")
        with cast.acting():
            assert Invitation.objects.get().sent_by == cast.admin

    def test_invites_somebody_else(self, cast: Cast, leader: APIClient) -> None:
        values = {
            "person": "1",
            "person-email": "new@alder.example",
            "person-name": "New",
            "person-role": "csm",
            "person-language": "en",
        }
        assert send(leader, "/start/people/", **values).status_code == 302
        again = send(leader, "/start/people/", **values)
        assert (again.status_code, "is a member already" in text_of(again)) == (422, True)
        admin = values | {"person-email": "boss@alder.example", "person-role": "admin"}
        assert send(leader, "/start/people/", **admin).status_code == 422


def prepare_market() -> Market:
    """Return the market in preparation, adopted once."""
    found = Market.objects.first()
    return found or regions_services.adopt_market(code="FR", status=MarketStatus.PREPARING)


def work_through() -> None:
    """Do what the worker does at its next tick."""
    for lease in engagement_services.lease_due_regions(seconds=60, most=10):
        engagement_services.plan_leased_region(lease, now=timezone.now(), seconds=60)


def to_open(*markets: Market) -> list[str]:
    """Return the markets as the form names them."""
    return [f"{market.pk}~{market.version}" for market in markets]


class TestStart:
    def test_needs_all_that_planning_needs(self, cast: Cast, leader: APIClient) -> None:
        (market,) = prepare(cast)
        with cast.acting():
            Cadence.objects.all().delete()
        assert "Before you can start" in read(leader, "/start/open/")
        assert send(leader, "/start/open/", market=to_open(market)).status_code == 409
        with cast.acting():
            assert Market.objects.get().status == MarketStatus.PREPARING

    def test_opens_the_markets_chosen_and_tells_how_far_planning_is(
        self, cast: Cast, leader: APIClient
    ) -> None:
        france, japan = prepare(cast, "FR", "JP")
        page = leader.post(
            "/start/open/", {"market": to_open(france)}, format="multipart", follow=True
        )
        assert "0 of 1 market is planned." in text_of(page)
        assert 'hx-trigger="every 2s"' in text_of(page)
        work_through()
        progress = read(leader, "/start/progress/")
        assert "2 check-ins are planned" in progress
        assert "hx-trigger" not in progress
        with cast.acting():
            assert Market.objects.get(pk=japan.pk).status == MarketStatus.PREPARING
        assert states(leader)["open"] == "next"

    def test_is_refused_when_a_market_is_not_as_it_was_seen(
        self, cast: Cast, leader: APIClient
    ) -> None:
        (market,) = prepare(cast)
        with cast.acting():
            regions_services.save_market(Market.objects.get())
        refused = send(leader, "/start/open/", market=to_open(market))
        assert refused.status_code == 409
        assert "Somebody else changed this" in text_of(refused)

    @pytest.mark.parametrize("market", ["", "x", "x~y~z", "~"])
    def test_of_nothing_is_refused(self, cast: Cast, leader: APIClient, market: str) -> None:
        prepare(cast)
        assert send(leader, "/start/open/", market=market).status_code == 422

    def test_of_a_whole_organization_from_nothing(self, cast: Cast, leader: APIClient) -> None:
        send(leader, "/start/home/", market="adopt:FR")
        send(leader, "/start/accounts/sample/")
        send(leader, "/start/cadences/")
        with cast.acting():
            market = Market.objects.get()
        assert send(leader, "/start/open/", market=to_open(market)).status_code == 302
        work_through()
        assert states(leader)["open"] == "done"
        with cast.acting():
            assert Task.objects.to_do().exists()
            assert adopt_starting_cadences() == []
