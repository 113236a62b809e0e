"""Who may write where: admins and leaders everywhere, the others where they work."""

import pytest

from regions import services
from regions.models import Assignment, Market
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, signed_in


@pytest.fixture
def france(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("FR", in_region=factories.region(code="emea", name="EMEA"))


@pytest.fixture
def japan(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("JP", in_region=factories.region(code="apac", name="APAC"))


def assign(cast: Cast, member: Membership, place: Market, *, whole_region: bool = False) -> None:
    with cast.acting():
        where = {"region": place.region} if whole_region else {"market": place}
        services.save_assignment(Assignment(membership=member, **where))


def rename(member: Membership, market: Market) -> int:
    status: int = (
        signed_in(member).patch(f"/api/v1/markets/{market.pk}/", {"name": "New"}).status_code
    )
    return status


class TestARegionalManager:
    def test_writes_nowhere_without_an_assignment(self, cast: Cast, france: Market) -> None:
        assert rename(cast.manager, france) == 403

    @pytest.mark.parametrize("whole_region", [True, False])
    def test_writes_where_she_works(
        self, cast: Cast, france: Market, japan: Market, whole_region: bool
    ) -> None:
        assign(cast, cast.manager, france, whole_region=whole_region)
        assert rename(cast.manager, france) == 200
        assert rename(cast.manager, japan) == 403

    def test_reads_everywhere(self, cast: Cast, japan: Market) -> None:
        client = signed_in(cast.manager)
        assert client.get(f"/api/v1/markets/{japan.pk}/").status_code == 200

    def test_cannot_move_a_market_out_of_her_reach_or_into_it(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.manager, france, whole_region=True)
        client = signed_in(cast.manager)
        out = client.patch(f"/api/v1/markets/{france.pk}/", {"region": str(japan.region_id)})
        into = client.patch(f"/api/v1/markets/{japan.pk}/", {"region": str(france.region_id)})
        assert (out.status_code, into.status_code) == (403, 403)

    def test_adds_parts_of_her_markets_only(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.manager, france)
        client = signed_in(cast.manager)
        for market, status in ((france, 201), (japan, 403)):
            body = {"market": str(market.pk), "date": "2026-05-02", "name": "Inventory"}
            assert client.post("/api/v1/extra-working-days/", body).status_code == status

    def test_adds_markets_to_her_region_only(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.manager, france, whole_region=True)
        client = signed_in(cast.manager)
        for code, place, status in (("DE", france, 201), ("PH", japan, 403)):
            body = {"code": code, "region": str(place.region_id)}
            assert client.post("/api/v1/markets/adopt/", body).status_code == status

    def test_cannot_assign_herself_elsewhere(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.manager, france)
        client = signed_in(cast.manager)
        for place in ({"market": str(japan.pk)}, {"region": str(france.region_id)}):
            body = {"membership": str(cast.manager.pk)} | place
            assert client.post("/api/v1/assignments/", body).status_code == 403
        body = {"membership": str(cast.csm.pk), "market": str(france.pk)}
        assert client.post("/api/v1/assignments/", body).status_code == 201

    def test_makes_cadences_where_she_works_and_no_global_ones(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.manager, france)
        client = signed_in(cast.manager)
        cadence = {
            "tier": "tier_1",
            "stage": "value",
            "title": "Visit",
            "every": 3,
            "unit": "months",
            "reason": "A visit comes before a call.",
        }
        places: tuple[tuple[dict[str, str], int], ...] = (
            ({"market": str(france.pk)}, 201),
            ({"market": str(japan.pk)}, 403),
            ({}, 403),
        )
        for place, status in places:
            assert client.post("/api/v1/cadences/", cadence | place).status_code == status

    def test_makes_no_regions(self, cast: Cast, france: Market) -> None:
        assign(cast, cast.manager, france, whole_region=True)
        body = {"code": "latam", "name": "LATAM"}
        assert signed_in(cast.manager).post("/api/v1/regions/", body).status_code == 403


class TestACSM:
    def test_edits_accounts_where_she_works(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.csm, france)
        with cast.acting():
            here, there = factories.account(market=france), factories.account(market=japan)
        client = signed_in(cast.csm)
        for account, status in ((here, 200), (there, 403)):
            address = f"/api/v1/accounts/{account.pk}/"
            assert client.patch(address, {"city": "X"}).status_code == status
            assert client.post(f"{address}archive/").status_code == status
            body = {"account": str(account.pk), "name": "Noor"}
            added = client.post("/api/v1/contacts/", body).status_code
            assert added == (201 if status == 200 else 403)

    def test_cannot_take_an_account_elsewhere(
        self, cast: Cast, france: Market, japan: Market
    ) -> None:
        assign(cast, cast.csm, france)
        with cast.acting():
            account = factories.account(market=france)
        answer = signed_in(cast.csm).patch(
            f"/api/v1/accounts/{account.pk}/", {"market": str(japan.pk)}
        )
        assert answer.status_code == 403

    def test_edits_no_structure_where_she_works(self, cast: Cast, france: Market) -> None:
        assign(cast, cast.csm, france, whole_region=True)
        assert rename(cast.csm, france) == 403

    def test_writes_her_own_leave_only(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        for member, status in ((cast.csm, 201), (cast.leader, 403)):
            body = {"membership": str(member.pk), "start": "2026-08-03", "end": "2026-08-14"}
            assert client.post("/api/v1/leaves/", body).status_code == status


class TestOthers:
    def test_leaders_and_admins_write_everywhere(self, cast: Cast, japan: Market) -> None:
        assert rename(cast.leader, japan) == 200
        assert rename(cast.admin, japan) == 200

    def test_analysts_only_read(self, cast: Cast, japan: Market) -> None:
        assign(cast, cast.analyst, japan)
        assert rename(cast.analyst, japan) == 403
