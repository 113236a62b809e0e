"""Lists of the admin, taken along as files."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from engagement.models import Run, Task
from engagement.services import plan_region_now, start_run
from playbooks.models import Cadence
from regions import services as regions_services
from regions.models import Closure, Market
from tenants.admin import exports
from tenants.models import AuditEntry, Membership
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast, count_queries
from toolkit.tables import Table, read_table

NOW = dt.datetime(2026, 4, 6, 6, tzinfo=dt.UTC)

EXPORTED = [Membership, Market, Cadence, Run, Task, AuditEntry]


@pytest.fixture(autouse=True)
def _easter_monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def market(cast: Cast) -> Market:
    """Return France, where check-ins are planned."""
    with cast.acting():
        market = factories.market("FR")
        factories.cadence(every=1, unit="weeks", title="=Weekly call")
        account = factories.account(name="Acme", market=market)
        version = factories.published(by=cast.leader)
        start_run(playbook=version.playbook, account=account, by=cast.leader, at=NOW)
        plan_region_now(region=market.region, now=NOW)
    return market


def table(cast: Cast, model: Any, **query: Any) -> Table:
    """Return the file that a list of the leader's gives."""
    response = browser(cast.leader).get(address(model, "export"), query)
    assert response.status_code == 200, response.headers
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "no-store" in response.headers["Cache-Control"]
    return read_table(response.content)


def rows(found: Table) -> list[dict[str, Any]]:
    """Return the rows of a table by the names of its columns."""
    return [dict(zip(found.header, row.cells, strict=True)) for row in found.rows()]


class TestAnExport:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    @pytest.mark.parametrize("model", EXPORTED)
    def test_holds_the_organizations_own(
        self, cast: Cast, outsiders: Cast, market: Market, model: Any, kind: str
    ) -> None:
        with outsiders.acting():
            factories.market("JP")
            factories.cadence(title="Another's")
        found = table(cast, model, _as=kind)
        with cast.acting():
            own = model.objects.count()
        assert len(rows(found)) == own > 0
        assert "Another's" not in str(rows(found))
        assert "Japan" not in str(rows(found))

    def test_is_offered_on_its_list(self, cast: Cast, market: Market) -> None:
        page = browser(cast.leader).get(address(Task, "changelist") + "?status__exact=open")
        text = page.content.decode()
        assert 'action="export/"' in text
        assert '<input type="hidden" name="status__exact" value="open">' in text
        assert "50000 rows at most" in text.replace(",", "")

    def test_is_not_offered_of_accounts_which_have_one_of_their_own(self, cast: Cast) -> None:
        page = browser(cast.leader).get(address(Account, "changelist"))
        assert 'action="export/"' not in page.content.decode()

    def test_honors_search_filter_and_order(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            factories.account(name="Bolt", market=market)
        assert {row["Account"] for row in rows(table(cast, Task, q="Bol"))} == {"Bolt"}
        assert rows(table(cast, Task, status__exact="done")) == []
        days = [row["Due on"] for row in rows(table(cast, Task, o="-0"))]
        assert days == sorted(days, reverse=True)

    def test_runs_no_text_as_a_formula(self, cast: Cast, market: Market) -> None:
        response = browser(cast.leader).get(address(Cadence, "export"))
        assert "'=Weekly call" in response.content.decode()
        assert rows(table(cast, Cadence))[0]["Title"] == "=Weekly call"

    def test_says_choices_as_people_read_them(self, cast: Cast, market: Market) -> None:
        cadence = rows(table(cast, Cadence))[0]
        assert (cadence["Tier"], cadence["Unit"]) == ("Tier 1: high touch", "weeks")
        assert rows(table(cast, Market))[0]["Home market"] == "no"

    def test_runs_a_fixed_number_of_queries(self, cast: Cast, market: Market) -> None:
        client, counts = browser(cast.leader), []
        for name in ("Bolt", "Cobalt"):
            with count_queries() as captured:
                assert client.get(address(Task, "export")).status_code == 200
            counts.append(len(captured))
            with cast.acting():
                factories.account(name=name, market=factories.market("JP"), owner=cast.csm)
        assert counts[0] == counts[1]

    def test_says_when_a_list_is_too_long(
        self, cast: Cast, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "MOST_EXPORTED", 2)
        client = browser(cast.leader)
        response = client.get(address(Membership, "export") + "?role__exact=csm")
        assert response.status_code == 200
        response = client.get(address(Membership, "export"), follow=True)
        said = " ".join(map(str, response.context["messages"]))
        assert "Choose fewer by the filters." in said

    def test_of_the_trail_is_for_who_may_read_it(self, cast: Cast) -> None:
        for member in (cast.manager, cast.analyst):
            assert browser(member).get(address(AuditEntry, "export")).status_code == 403

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("?_what=x", 404),
            ("?nobody=x", 400),
            ("?_as=exe&_year=x&_from=x&_until=9999-12-31", 200),
            ("?status__exact=%00", 302),
        ],
    )
    def test_breaks_on_no_input(self, cast: Cast, market: Market, query: str, status: int) -> None:
        client = browser(cast.leader)
        assert client.get(address(Task, "export") + query).status_code == status


class TestTheTrail:
    def test_goes_from_a_first_to_a_last_day(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            factories.region(name="EMEA")
            # The database has a clock of its own.
            day = AuditEntry.objects.latest("id").at.date()
        found = rows(table(cast, AuditEntry, _from=day.isoformat(), _until=day.isoformat()))
        assert found[0]["Who"] == "CS leader of Alder"
        assert "Name: – → EMEA" in found[0]["Before and after"]
        after = (day + dt.timedelta(1)).isoformat()
        assert rows(table(cast, AuditEntry, _from=after)) == []
        before = (day - dt.timedelta(1)).isoformat()
        assert rows(table(cast, AuditEntry, _until=before)) == []


class TestMarkets:
    def test_bring_what_was_entered_for_their_calendars(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            day = dt.date(2026, 5, 15)
            closure = Closure(market=market, name="Bridge day", start=day, end=day)
            regions_services.save_part(closure)
        found = rows(table(cast, Market, _what="calendar-lines"))
        assert {row["Kind"] for row in found} >= {"Working week", "Business hours", "Closure"}
        hours = next(row for row in found if row["Kind"] == "Business hours")
        assert (hours["Weekdays"], hours["Opens"]) == ("Monday", "09:00")
        assert "Bridge day" in str(found)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_bring_the_days_of_a_year(self, cast: Cast, market: Market, kind: str) -> None:
        found = rows(table(cast, Market, _what="days", _year=2027, _as=kind))
        new_year = found[0]
        assert str(new_year["Day"]) == "2027-01-01"
        assert (new_year["Kind"], new_year["Code"]) == ("Public holiday", "FR")
        assert all(str(row["Day"]).startswith("2027") for row in found)

    @pytest.mark.parametrize("year", ["1", "0", "9999", "99999", "x"])
    def test_know_the_days_that_the_holiday_data_cover(
        self, cast: Cast, market: Market, year: str
    ) -> None:
        found = rows(table(cast, Market, _what="days", _year=year))
        assert {str(row["Day"])[:4] for row in found} <= {"2026"}

    def test_are_those_of_the_filter(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            factories.market("JP")
        assert {row["Code"] for row in rows(table(cast, Market, q="Fra", _what="days"))} == {"FR"}


class TestHistory:
    def test_shows_times_as_people_write_them(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            hours = market.businesshours_set.filter(weekday=1).earliest("opens")
            hours.opens = 8 * 60 + 30
            regions_services.save_part(hours)
        page = browser(cast.leader).get(address(Market, "history", market.pk)).content.decode()
        assert "<ins>08:30</ins>" in page
        assert ">510<" not in page
