"""Actions of the admin: adopting, confirming, archiving, planning now, revoking; and history."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts_services
from accounts.models import Account
from engagement.models import MarketPass, RegionPlanning
from engagement.services import plan_region_now
from playbooks.models import Cadence
from regions.models import CulturalStatement, Market
from tenants import services as tenants_services
from tenants.authentication import hash_key
from tenants.choices import Scope
from tenants.models import ApiKey
from tests import factories
from tests.admin_pages import address, browser, shown_form, typed
from tests.conftest import Cast, count_queries

LIBRARY = "/admin/regions/market/adopt-from-library/"


def run(client: Client, row: Any, action: str) -> Any:
    """Answer the question of an action with yes."""
    return client.post(address(row, action, row.pk), {"_form_submitted": "True"}, follow=True)


class TestTheLibrary:
    def test_offers_what_is_not_adopted_yet(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        codes = [market.code for market in browser(cast.leader).get(LIBRARY).context["markets"]]
        assert "JP" in codes
        assert "FR" not in codes

    def test_is_adopted_from_by_post(self, cast: Cast) -> None:
        client = browser(cast.leader)
        response = client.post(LIBRARY, {"code": "JP"}, follow=True)
        assert "Japan is one of your markets now." in response.content.decode()
        with cast.acting():
            assert Market.objects.get().code == "JP"

    @pytest.mark.parametrize("code", ["FR", "XX", "", "\0"])
    def test_says_why_it_cannot(self, cast: Cast, code: str) -> None:
        with cast.acting():
            factories.market("FR")
        response = browser(cast.leader).post(LIBRARY, {"code": code}, follow=True)
        assert response.status_code == 200
        assert [message.level_tag for message in response.context["messages"]] == ["error"]


class TestAnAction:
    def test_asks_before_it_does(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account()
        page = browser(cast.leader).get(address(account, "archive", account.pk))
        assert "Its history stays." in page.content.decode()
        with cast.acting():
            assert Account.objects.get().archived_at is None

    def test_archives_and_restores_an_account(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account(name="Acme")
        client = browser(cast.leader)
        run(client, account, "archive")
        assert "Acme" not in client.get(address(Account, "changelist")).content.decode()
        run(client, account, "restore")
        assert "Acme" in client.get(address(Account, "changelist")).content.decode()

    def test_says_what_the_service_says(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account()
        client = browser(cast.leader)
        run(client, account, "archive")
        assert "is archived already" in run(client, account, "archive").content.decode()

    def test_archives_a_cadence(self, cast: Cast) -> None:
        with cast.acting():
            cadence = factories.cadence()
        run(browser(cast.leader), cadence, "archive")
        with cast.acting():
            assert Cadence.objects.get().archived_at is not None

    def test_confirms_a_statement_in_the_name_of_the_member(self, cast: Cast) -> None:
        with cast.acting():
            statement = CulturalStatement.objects.filter(market=factories.market("FR")).first()
        assert statement
        client = browser(cast.leader)
        assert (
            "Confirmed by CS leader of Alder" in run(client, statement, "confirm").content.decode()
        )
        assert "Withdrawn on" in run(client, statement, "withdraw").content.decode()

    def test_makes_another_market_the_home(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
        client = browser(cast.leader)
        run(client, france, "make_home")
        run(client, japan, "make_home")
        with cast.acting():
            assert [market.code for market in Market.objects.filter(is_home=True)] == ["JP"]

    def test_sends_a_dialog_on_by_header(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account()
        response = browser(cast.leader).post(
            address(account, "archive", account.pk),
            {"_form_submitted": "True"},
            headers={"HX-Request": "true"},
        )
        assert response.headers["HX-Redirect"] == address(account, "change", account.pk)


class TestPlanning:
    def test_can_be_done_now(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            factories.cadence(every=1, unit="weeks")
            factories.account(market=market)
            planning = RegionPlanning.objects.get(region=market.region)
        page = run(browser(cast.leader), planning, "plan_now")
        assert "The latest planning of each market" in page.content.decode()
        with cast.acting():
            assert MarketPass.objects.filter(trigger="admin", considered=1).exists()

    def test_moves_when_the_daily_time_does(self, cast: Cast) -> None:
        with cast.acting():
            planning = RegionPlanning.objects.get(region=factories.market("FR").region)
        client = browser(cast.leader)
        url = address(planning, "change", planning.pk)
        form = typed(shown_form(client.get(url)), local_time="06:30", time_zone="Asia/Tokyo")
        assert client.post(url, form).status_code == 302
        with cast.acting():
            moved = RegionPlanning.objects.get()
            assert (moved.next_at.hour, moved.next_at.minute) == (21, 30)

    def test_refuses_a_zone_that_is_none(self, cast: Cast) -> None:
        with cast.acting():
            planning = RegionPlanning.objects.get(region=factories.market("FR").region)
        client = browser(cast.leader)
        url = address(planning, "change", planning.pk)
        response = client.post(url, typed(shown_form(client.get(url)), time_zone="Mars/Base"))
        assert "is not a time zone" in response.content.decode()

    def test_is_what_the_start_page_shows(self, cast: Cast) -> None:
        client = browser(cast.leader)
        assert "No region is planned yet" in client.get("/admin/").content.decode()
        with cast.acting():
            market = factories.market("FR")
            plan_region_now(region=market.region, now=timezone.now())
            RegionPlanning.objects.update(failure="France: no holiday data")
        page = client.get("/admin/").content.decode()
        assert "France: no holiday data" in page
        assert "Europe/Paris" in page


class TestAKey:
    def test_is_shown_once_and_kept_nowhere(self, cast: Cast) -> None:
        client = browser(cast.admin)
        form = {"name": "CRM", "membership": cast.csm.pk, "scope": "read"}
        page = client.post(address(ApiKey, "add"), form)
        text = page.context["text"]
        assert text in page.content.decode()
        assert text not in str(page.cookies)
        assert text not in str(dict(client.session))
        with cast.acting():
            key = ApiKey.objects.get()
            assert (key.hash, key.membership_id) == (hash_key(text), cast.csm.pk)
        later = client.get(address(ApiKey, "change", key.pk)).content.decode()
        assert text not in later
        assert key.hash not in later

    def test_is_revoked(self, cast: Cast) -> None:
        with cast.acting():
            key, text = tenants_services.create_api_key(
                membership=cast.admin, name="CRM", scope=Scope.READ
            )
        run(browser(cast.admin), key, "revoke")
        program = Client(headers={"Authorization": f"Bearer {text}"})
        assert program.get("/api/v1/markets/").status_code == 401


class TestHistory:
    def test_tells_who_changed_what(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account(city="Paris")
            contact = factories.contact(account=account, name="Camille Roy")
        client = browser(cast.leader)
        url = address(account, "change", account.pk)
        client.post(url, typed(shown_form(client.get(url)), city="Lyon", owner=cast.csm.pk))
        with cast.acting():
            accounts_services.remove_contact(contact)
        lines = client.get(address(account, "history", account.pk)).context["lines"]
        told = [
            (line.who, line.thing, change.field, change.before, change.after)
            for line in lines
            for change in line.changes
        ]
        assert ("CS leader of Alder", "account", "City", "Paris", "Lyon") in told
        assert ("CS leader of Alder", "account", "Owner", None, "CSM of Alder") in told
        assert ("Admin of Alder", "contact", "Name", "Camille Roy", None) in told

    def test_takes_no_more_queries_when_it_is_longer(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account(owner=cast.csm)
            factories.contact(account=account)
        client = browser(cast.admin)
        url = address(account, "history", account.pk)
        client.get(url)
        with count_queries() as few:
            client.get(url)
        with cast.acting():
            for number in range(12):
                factories.contact(account=account, name=f"Contact {number}")
        with count_queries() as many:
            client.get(url)
        assert len(many) == len(few)
