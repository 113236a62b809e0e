"""Who may enter the admin, and what each role may do there."""

import re

import pytest
from django.test import Client

from accounts.models import Account
from playbooks.models import Cadence
from regions import services as regions_services
from regions.models import Assignment, CulturalStatement, Market, Region
from tenants import services as tenants_services
from tenants.choices import Scope
from tenants.models import ApiKey, AuditEntry, Membership
from tests import factories
from tests.admin_pages import address, browser, shown_form, typed
from tests.conftest import Cast


class TestTheDoor:
    def test_sends_a_stranger_to_the_sign_in_page(self, db: None) -> None:
        response = Client().get("/admin/", follow=True)
        assert response.redirect_chain[-1][0] == "/login/?next=/admin/"

    def test_refuses_a_csm_without_a_loop(self, cast: Cast) -> None:
        response = browser(cast.csm).get("/admin/", follow=True)
        assert response.status_code == 403
        assert len(response.redirect_chain) == 1

    @pytest.mark.parametrize("role", ["admin", "leader", "manager", "analyst"])
    def test_lets_in_who_leads_or_looks(self, cast: Cast, role: str) -> None:
        assert browser(getattr(cast, role)).get("/admin/").status_code == 200

    def test_wears_the_icon_of_the_pages(self, cast: Cast) -> None:
        client = browser(cast.admin)
        icon = re.compile(r'rel="icon"\s+href="([^"]+)"')
        seen = [icon.findall(client.get(path).content.decode()) for path in ("/me/", "/admin/")]
        assert seen == [["/static/workspace/icon.svg"]] * 2

    def test_is_closed_to_programs(self, cast: Cast) -> None:
        with cast.acting():
            _key, text = tenants_services.create_api_key(
                membership=cast.admin, name="sync", scope=Scope.WRITE
            )
        response = Client(headers={"Authorization": f"Bearer {text}"}).get("/admin/")
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")

    def test_says_which_organization_is_in_force(self, cast: Cast) -> None:
        assert "Alder" in browser(cast.leader).get("/admin/").content.decode()

    def test_has_no_view_that_would_not_ask_for_the_organization(self, cast: Cast) -> None:
        client = browser(cast.admin)
        for unused in ("/admin/search/?s=m&page=x", f"/admin/r/1/{cast.admin.pk}/"):
            assert client.get(unused).status_code == 404


class TestRoles:
    def test_keys_are_for_admins(self, cast: Cast) -> None:
        url = address(ApiKey, "changelist")
        found = [browser(member).get(url).status_code for member in (cast.admin, cast.leader)]
        assert found == [200, 403]

    def test_the_audit_trail_is_for_admins_and_leaders(self, cast: Cast) -> None:
        url = address(AuditEntry, "changelist")
        members = (cast.admin, cast.leader, cast.manager)
        assert [browser(member).get(url).status_code for member in members] == [200, 200, 403]

    def test_nobody_changes_the_audit_trail(self, cast: Cast) -> None:
        client = browser(cast.admin)
        with cast.acting():
            entry = AuditEntry.objects.first()
            assert entry
        assert client.post(address(AuditEntry, "change", entry.pk), {}).status_code == 403
        assert client.post(address(AuditEntry, "delete", entry.pk), {}).status_code == 403
        assert client.get(address(AuditEntry, "add")).status_code == 403

    def test_a_leader_sees_roles_and_leaves_them(self, cast: Cast) -> None:
        client = browser(cast.leader)
        url = address(Membership, "change", cast.csm.pk)
        form = typed(shown_form(client.get(url)), role="admin")
        client.post(url, form)
        with cast.acting():
            assert Membership.objects.get(pk=cast.csm.pk).role == "csm"

    def test_an_analyst_reads_and_changes_nothing(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
        client, url = browser(cast.analyst), address(Market, "change", market.pk)
        assert 'name="_save"' not in client.get(url).content.decode()
        assert client.post(url, {"name": "X"}).status_code == 403
        assert client.get(address(Market, "add")).status_code == 403
        assert client.get("/admin/regions/market/adopt-from-library/").status_code == 403


class TestARegionalManager:
    def test_changes_the_market_where_she_works(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            regions_services.save_assignment(
                Assignment(membership=cast.manager, region=market.region)
            )
        url = address(Market, "change", market.pk)
        client = browser(cast.manager)
        assert (
            client.post(url, typed(shown_form(client.get(url)), name="La France")).status_code
            == 302
        )
        with cast.acting():
            assert Market.objects.get(pk=market.pk).name == "La France"

    def test_only_looks_at_a_market_where_she_does_not_work(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            statement = CulturalStatement.objects.filter(market=market).first()
            assert statement
        client = browser(cast.manager)
        page = client.get(address(Market, "change", market.pk))
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert client.post(address(Market, "change", market.pk), {}).status_code == 403
        confirm = address(CulturalStatement, "confirm", statement.pk)
        assert client.post(confirm, {"_form_submitted": "True"}).status_code == 403

    def test_cannot_move_an_account_out_of_her_reach(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            account = factories.account(market=france)
            regions_services.save_assignment(Assignment(membership=cast.manager, market=france))
        url = address(Account, "change", account.pk)
        client = browser(cast.manager)
        response = client.post(
            url, typed(shown_form(client.get(url)), market=japan.pk, city="Lyon")
        )
        assert "You do not work there" in response.content.decode()
        assert "Lyon" in response.content.decode()
        with cast.acting():
            assert Account.objects.get(pk=account.pk).market_id == france.pk

    def test_cannot_change_a_cadence_for_everybody(self, cast: Cast) -> None:
        with cast.acting():
            cadence = factories.cadence()
        client = browser(cast.manager)
        assert client.post(address(Cadence, "change", cadence.pk), {}).status_code == 403

    def test_cannot_adopt_a_market_into_a_region_that_is_not_hers(self, cast: Cast) -> None:
        client = browser(cast.manager)
        client.post("/admin/regions/market/adopt-from-library/", {"code": "FR"})
        with cast.acting():
            assert not Market.objects.exists()
            assert not Region.objects.exists()
