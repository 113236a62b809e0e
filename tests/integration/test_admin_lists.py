"""The admin's lists and calendar: found by name, in a fixed number of queries."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from engagement.models import Enrolment, MarketPass, Run, Task
from engagement.services import plan_region_now, start_run
from playbooks.models import Cadence
from regions import services as regions_services
from regions.models import Closure, CulturalStatement, Market, Region
from tenants.models import ApiKey, AuditEntry, Membership
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast, count_queries

NOW = dt.datetime(2026, 4, 6, 6, tzinfo=dt.UTC)
LISTS = (
    Account,
    ApiKey,
    AuditEntry,
    Cadence,
    CulturalStatement,
    Enrolment,
    Market,
    MarketPass,
    Membership,
    Region,
    Run,
    Task,
)


def fill(cast: Cast, codes: tuple[str, ...]) -> None:
    """Make a few rows of everything in each market."""
    with cast.acting():
        for code in codes:
            market = factories.market(code)
            factories.cadence(
                market=market, reason="Closer here.", every=1, unit="weeks", title=f"Call {code}"
            )
            account = factories.account(market=market, owner=cast.csm)
            version = factories.published(by=cast.leader)
            start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)
            factories.account(market=market, owner=cast.leader)
            plan_region_now(region=market.region, now=NOW)


class TestALongerList:
    @pytest.mark.parametrize("model", LISTS)
    def test_takes_no_more_queries(self, cast: Cast, model: Any) -> None:
        client = browser(cast.admin)
        fill(cast, ("FR", "JP"))
        url = address(model, "changelist")
        client.get(url)
        with count_queries() as few:
            client.get(url)
        fill(cast, ("DE", "SA", "GB"))
        with count_queries() as many:
            page = client.get(url)
        assert page.status_code == 200
        assert len(many) == len(few)


class TestSearch:
    def test_finds_accounts_by_the_beginning_of_the_name(self, cast: Cast) -> None:
        with cast.acting():
            for name in ("Électricité Dupont", "Dupont Électricité", "東京電力"):
                factories.account(name=name)
        client = browser(cast.leader)
        for typed, found in (("electr", "Électricité Dupont"), ("東京", "東京電力")):
            page = client.get(address(Account, "changelist"), {"q": typed})
            assert [account.name for account in page.context["cl"].result_list] == [found]

    def test_finds_tasks_by_their_account(self, cast: Cast) -> None:
        fill(cast, ("FR",))
        page = browser(cast.leader).get(address(Task, "changelist"), {"q": "account"})
        assert page.context["cl"].result_list

    def test_says_what_to_do_when_nothing_is_found(self, cast: Cast) -> None:
        page = browser(cast.leader).get(address(Account, "changelist"), {"q": "zzz"})
        assert "looks for the beginning of a name" in page.content.decode()
        assert "Reset search and filters" in page.content.decode()

    def test_says_where_to_begin(self, cast: Cast) -> None:
        page = browser(cast.leader).get(address(Market, "changelist"))
        assert "Adopt one from the library" in page.content.decode()


class TestTheYear:
    def days(self, cast: Cast, market: Market, year: str) -> dict[dt.date, Any]:
        url = address(Market, "calendar", market.pk)
        found = browser(cast.leader).get(url, {"year": year}).context["year"]
        return {
            day.date: day
            for month in found.months
            for week in month.weeks
            for day in week
            if day is not None
        }

    def test_says_of_each_day_what_it_is(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
            regions_services.save_part(
                Closure(
                    market=market,
                    name="Bridge day",
                    start=dt.date(2026, 5, 15),
                    end=dt.date(2026, 5, 15),
                )
            )
        days = self.days(cast, market, "2026")
        assert len(days) == 365
        assert days[dt.date(2026, 5, 1)].label == "Public holiday: Labor Day"
        assert days[dt.date(2026, 5, 2)].kind == "rest_day"
        assert (days[dt.date(2026, 5, 15)].signs, days[dt.date(2026, 5, 15)].label) == (
            "✕",
            "Closure: Bridge day",
        )

    def test_marks_what_is_estimated(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("SA")
        days = self.days(cast, market, "2030")
        assert any("?" in day.signs and "estimated" in day.label for day in days.values())

    @pytest.mark.parametrize("year", ["", "1", "99999", "x", "٢٠٢٦", "-1"])
    def test_is_this_one_unless_another_is_known(self, cast: Cast, year: str) -> None:
        with cast.acting():
            market = factories.market("FR")
        assert timezone.now().year in {day.year for day in self.days(cast, market, year)}

    def test_stands_on_the_page_of_the_market(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
        page = browser(cast.leader).get(address(Market, "change", market.pk), {"year": "2027"})
        assert "Working calendar 2027" in page.content.decode()

    def test_comes_as_a_part_when_a_page_asks_for_it(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("FR")
        part = browser(cast.leader).get(
            address(Market, "calendar", market.pk), headers={"HX-Request": "true"}
        )
        assert part.content.decode().strip().startswith("<section")
