"""Writes: through services, checked whole, and never over somebody else's change."""

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Contact
from cs_platform.api import router
from governance.models import Philosophy
from regions.models import Region
from tenants.models import AuditEntry
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, signed_in


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


class TestAWrite:
    def test_creates_a_row_and_returns_it(self, cast: Cast, leader: APIClient) -> None:
        answer = leader.post("/api/v1/regions/", {"code": "emea", "name": "EMEA"})
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        created = answer.json()
        assert leader.get(f"/api/v1/regions/{created['id']}/").json() == created

    def test_is_in_the_audit_trail_with_member_and_door(
        self, cast: Cast, leader: APIClient
    ) -> None:
        created = leader.post("/api/v1/regions/", {"code": "emea", "name": "EMEA"}).json()
        with cast.acting():
            entry = AuditEntry.objects.get(row_id=created["id"])
        assert (entry.actor_id, entry.door) == (cast.leader.pk, "api")

    def test_goes_through_the_service(self, cast: Cast, leader: APIClient) -> None:
        """A contact that becomes the first to turn to takes the place over."""
        with cast.acting():
            first = factories.contact(is_primary=True)
        body = {"account": str(first.account_id), "name": "Noor", "is_primary": True}
        assert leader.post("/api/v1/contacts/", body).status_code == 201
        with cast.acting():
            assert not Contact.objects.get(pk=first.pk).is_primary

    def test_names_the_field_that_a_rule_is_about(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            factories.region(code="emea")
        answer = leader.post("/api/v1/regions/", {"code": "emea", "name": "Again"})
        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {"path": "code", "detail": "There is a region with this code.", "code": "invalid"}
        ]

    def test_names_every_field_that_is_wrong(self, leader: APIClient) -> None:
        answer = leader.post("/api/v1/markets/", {"code": "x", "country": "ZZ", "languages": "fr"})
        paths = {error["path"] for error in answer.json()["errors"]}
        assert {"code", "country", "languages", "region", "time_zone"} <= paths

    @pytest.mark.parametrize("field", ["id", "version", "organization", "nmae"])
    def test_refuses_fields_that_are_not_to_be_set(self, leader: APIClient, field: str) -> None:
        body = {"code": "emea", "name": "EMEA", field: "1"}
        answer = leader.post("/api/v1/regions/", body)
        assert answer.status_code == 400
        assert [error["path"] for error in answer.json()["errors"]] == [field]

    def test_keeps_a_part_in_its_market(self, cast: Cast, leader: APIClient) -> None:
        with cast.acting():
            contact, other = factories.contact(), factories.account()
        answer = leader.patch(f"/api/v1/contacts/{contact.pk}/", {"account": str(other.pk)})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "account"

    def test_that_is_refused_leaves_nothing_behind(self, cast: Cast) -> None:
        """The market's region is made on the way, before the right to it can be judged."""
        answer = signed_in(cast.manager).post("/api/v1/markets/adopt/", {"code": "JP"})
        assert answer.status_code == 403
        with cast.acting():
            assert not Region.objects.exists()

    def test_with_a_read_only_key_is_refused(self, cast: Cast) -> None:
        key = signed_in(cast.admin).post("/api/v1/api-keys/", {"name": "BI", "scope": "read"})
        reader = APIClient(headers={"Authorization": f"Bearer {key.json()['key']}"})
        assert reader.get("/api/v1/regions/").status_code == 200
        answer = reader.post("/api/v1/regions/", {"code": "emea", "name": "EMEA"})
        assert answer.status_code == 403


class TestTheVersion:
    @pytest.fixture
    def account(self, cast: Cast) -> Account:
        with cast.acting():
            return factories.account(name="Before")

    def test_is_the_etag(self, account: Account, leader: APIClient) -> None:
        answer = leader.get(f"/api/v1/accounts/{account.pk}/")
        assert answer.headers["ETag"] == '"1"'
        assert answer.json()["version"] == 1

    @pytest.mark.parametrize("method", ["patch", "put", "post"])
    def test_protects_from_writing_over_a_change(
        self, account: Account, leader: APIClient, method: str
    ) -> None:
        address = f"/api/v1/accounts/{account.pk}/"
        match = {"If-Match": '"1"'}
        changed = leader.patch(address, {"name": "First"}, headers=match)
        assert changed.headers["ETag"] == '"2"'
        target = address + "archive/" if method == "post" else address
        stale = getattr(leader, method)(target, {"name": "Second"}, headers=match)
        assert stale.status_code == 412
        assert stale.json()["code"] == "stale_edit"
        assert stale.json()["changed_by"] == "CS leader of Alder"
        assert "CS leader of Alder" in stale.json()["detail"]
        assert dt.datetime.fromisoformat(stale.json()["changed_at"]).tzinfo is not None
        assert leader.get(address).json()["name"] == "First"

    @pytest.mark.parametrize("method", ["patch", "put", "delete"])
    def test_has_to_be_named(self, cast: Cast, leader: APIClient, method: str) -> None:
        with cast.acting():
            contact = factories.contact()
        careless = APIClient()
        careless.cookies = leader.cookies
        answer = getattr(careless, method)(f"/api/v1/contacts/{contact.pk}/")
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
        with cast.acting():
            assert Contact.objects.get(pk=contact.pk).version == 1

    def test_is_asked_for_after_the_right_to_write(self, cast: Cast, account: Account) -> None:
        careless = APIClient()
        careless.cookies = signed_in(cast.analyst).cookies
        assert careless.patch(f"/api/v1/accounts/{account.pk}/", {}).status_code == 403

    @pytest.mark.parametrize(
        ("tags", "status"),
        [
            ("*", 200),
            ('"1"', 200),
            ('"7", "1"', 200),
            ('"7",W/"2" , "1"', 200),
            ('W/"1"', 412),
            ('"7"', 412),
            ('""', 412),
            ('"01"', 412),
            ("1", 400),
            ('"1" "7"', 400),
            ('"1', 400),
            ('*, "1"', 400),
            ("", 400),
        ],
    )
    def test_is_compared_strongly(
        self, account: Account, leader: APIClient, tags: str, status: int
    ) -> None:
        address = f"/api/v1/accounts/{account.pk}/"
        answer = leader.patch(address, {"city": "Lyon"}, headers={"If-Match": tags})
        assert answer.status_code == status

    def test_of_every_row_that_can_be_written_is_shown(self, cast: Cast, leader: APIClient) -> None:
        """So that nobody has to write over a change unseen; some rows never change."""
        views: dict[str, Any] = {prefix: view for prefix, view, _name in router.registry}
        for prefix, view in views.items():
            model = getattr(getattr(view, "queryset", None), "model", None)
            if getattr(view, "write_right", None) and model not in (None, Philosophy):
                row = make_row(model, cast)
                answer = signed_in(cast.admin).get(f"/api/v1/{prefix}/{row.pk}/")
                assert answer.headers["ETag"] == f'"{answer.json()["version"]}"', prefix

    def test_of_what_a_write_changes_on_the_way_grows_too(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            first = factories.contact(is_primary=True)
            agreement = factories.agreement(account=first.account, agreed_with=first)
        body = {"account": str(first.account_id), "name": "Noor", "is_primary": True}
        assert leader.post("/api/v1/contacts/", body).status_code == 201
        address = f"/api/v1/contacts/{first.pk}/"
        stale = leader.patch(address, {"role": "CFO"}, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        assert leader.delete(address, headers={"If-Match": '"2"'}).status_code == 204
        agreed = leader.get(f"/api/v1/working-agreements/{agreement.pk}/").json()
        assert (agreed["agreed_with"], agreed["version"]) == (None, 2)


class TestRemoving:
    def test_a_region_that_holds_markets_is_refused_with_the_reason(
        self, cast: Cast, leader: APIClient
    ) -> None:
        with cast.acting():
            region = factories.market("FR").region
        answer = leader.delete(f"/api/v1/regions/{region.pk}/")
        assert answer.status_code == 409
        assert answer.json()["code"] == "RegionInUse"

    def test_a_row_that_others_need_is_refused(self, cast: Cast, leader: APIClient) -> None:
        """An enrolment holds on to its cadence, and with it to the cadence's region."""
        with cast.acting():
            account = factories.account()
            factories.cadence(region=account.market.region, reason="Habits.")
            home = account.market.region
            account.market.region = factories.region()
            account.market.save()
        answer = leader.delete(f"/api/v1/regions/{home.pk}/")
        assert answer.status_code == 409
        assert answer.json()["code"] == "in_use"

    @pytest.mark.parametrize("prefix", ["accounts", "markets", "members", "tasks"])
    def test_is_not_offered_where_history_stays(self, leader: APIClient, prefix: str) -> None:
        paths = leader.get("/api/schema/", headers={"Accept": "application/json"}).json()["paths"]
        assert "delete" not in paths[f"/api/v1/{prefix}/{{id}}/"]
