"""A market's year in the admin: looked at, and edited day by day."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from engagement.choices import PassTrigger
from engagement.models import MarketPass, Task
from engagement.services import plan_region_now
from regions import services as regions_services
from regions.admin.entries import MOST_EXTRA_DAYS
from regions.admin.year import first_weekday
from regions.models import Assignment, Closure, ExtraWorkingDay, Market, QuietPeriod
from tests import factories
from tests.admin_pages import address, browser, shown_form, typed
from tests.conftest import Cast
from toolkit.uuid7 import uuid7

NOW = dt.datetime(2026, 4, 6, 6, tzinfo=dt.UTC)
FIRST, LAST = "2026-05-04", "2026-05-06"


@pytest.fixture(autouse=True)
def _easter_monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def market(cast: Cast) -> Market:
    """Return France, with two accounts that are called every Tuesday."""
    with cast.acting():
        market = factories.market("FR")
        factories.cadence(every=1, unit="weeks", weekdays=[2], title="Weekly call")
        for name in ("Acme", "Bolt"):
            factories.account(name=name, market=market)
        plan_region_now(region=market.region, now=NOW)
    return market


def year_url(market: Market, **query: object) -> str:
    url = reverse("admin:regions_market_calendar", args=[market.pk])
    return url + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def add_url(market: Market, kind: str = "closure") -> str:
    return reverse(f"admin:regions_market_{kind}_add", args=[market.pk])


def entry_url(entry: Any, kind: str = "closure") -> str:
    return reverse(f"admin:regions_market_{kind}_change", args=[entry.market_id, entry.pk])


def a_closure(cast: Cast, market: Market, **values: Any) -> Closure:
    with cast.acting():
        given = {"name": "Stocktaking", "start": FIRST, "end": LAST} | values
        return regions_services.save_part(Closure(market=market, **given))


def opened(client: Client, url: str) -> dict[str, list[str]]:
    """Return the form of an entry's page, as it is shown."""
    form = shown_form(client.get(url))
    assert "name" in form
    return form


class TestTheYear:
    @pytest.mark.parametrize(
        ("country", "weekday"), [("FR", 0), ("SA", 6), ("US", 6), ("EG", 5), ("XX", 0), ("", 0)]
    )
    def test_begins_its_weeks_as_the_country_does(self, country: str, weekday: int) -> None:
        assert first_weekday(country) == weekday

    def test_lists_what_was_added_to_it_alone(self, cast: Cast, market: Market) -> None:
        a_closure(cast, market)
        a_closure(cast, market, name="Next year", start="2027-01-04", end="2027-01-04")
        entries = browser(cast.leader).get(year_url(market, year=2026)).context["entries"]
        assert [entry.name for entry in entries if entry.name != "Late year"][0] == "Stocktaking"
        assert "Next year" not in [entry.name for entry in entries]

    def test_takes_a_day_without_any_script(self, cast: Cast, market: Market) -> None:
        page = browser(cast.leader).get(year_url(market, year=2026, day="2026-05-15"))
        assert 'name="start" value="2026-05-15"' in page.content.decode()

    @pytest.mark.parametrize("year", ["", "x", "0", "99999", "٢٠٢٦", "-1", "9" * 30])
    def test_falls_back_on_this_one(self, cast: Cast, market: Market, year: str) -> None:
        page = browser(cast.leader).get(year_url(market, year=year, day=year))
        assert page.context["year"].number == 2026

    def test_runs_a_fixed_number_of_queries(
        self, cast: Cast, market: Market, django_assert_max_num_queries: Any
    ) -> None:
        client = browser(cast.leader)
        for number in range(1, 29):
            day = f"2026-09-{number:02}"
            a_closure(cast, market, name=day, start=day, end=day)
        with django_assert_max_num_queries(25):
            client.get(year_url(market, year=2026))

    def test_is_only_looked_at_by_who_does_not_work_there(self, cast: Cast, market: Market) -> None:
        closure = a_closure(cast, market)
        for member in (cast.manager, cast.analyst):
            client = browser(member)
            page = client.get(year_url(market, year=2026)).content.decode()
            assert "Stocktaking" in page
            assert "<button form=" not in page
            assert entry_url(closure) not in page
            for url in (add_url(market), entry_url(closure)):
                assert client.get(url).status_code == 403
                assert client.post(url, {"name": "X", "_remove": "1"}).status_code == 403
        with cast.acting():
            assert Closure.objects.filter(name="Stocktaking").exists()

    def test_is_edited_by_a_manager_who_works_there(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            regions_services.save_assignment(Assignment(membership=cast.manager, market=market))
        form = {"name": "Bridge day", "start": FIRST, "end": FIRST}
        assert browser(cast.manager).post(add_url(market), form).status_code == 302


class TestAnEntry:
    def test_begins_with_the_days_chosen(self, cast: Cast, market: Market) -> None:
        client = browser(cast.leader)
        for first, last in ((FIRST, LAST), (LAST, FIRST)):
            for kind, names in (("closure", ("start", "end")), ("extra_day", ("date", "until"))):
                url = f"{add_url(market, kind)}?start={first}&end={last}"
                form = opened(client, url)
                assert [form[name] for name in names] == [[FIRST], [LAST]]

    @pytest.mark.parametrize(
        ("kind", "model", "form"),
        [
            ("closure", Closure, {"start": FIRST, "end": LAST}),
            ("quiet", QuietPeriod, {"start": FIRST, "end": LAST, "policy": "skip"}),
            ("extra_day", ExtraWorkingDay, {"date": FIRST}),
        ],
    )
    def test_is_added(
        self, cast: Cast, market: Market, kind: str, model: Any, form: dict[str, str]
    ) -> None:
        response = browser(cast.leader).post(add_url(market, kind), {"name": "Ours"} | form)
        assert response.headers["Location"] == year_url(market, year=2026)
        with cast.acting():
            assert model.objects.get(name="Ours").market_id == market.pk

    def test_of_extra_days_makes_one_for_each_and_replans_once(
        self, cast: Cast, market: Market
    ) -> None:
        form = {"name": "Fair", "date": FIRST, "until": LAST}
        with cast.acting():
            before = MarketPass.objects.filter(trigger=PassTrigger.CHANGE).count()
        assert browser(cast.leader).post(add_url(market, "extra_day"), form).status_code == 302
        with cast.acting():
            assert ExtraWorkingDay.objects.filter(name="Fair").count() == 3
            after = MarketPass.objects.filter(trigger=PassTrigger.CHANGE).count()
        assert after == before + 1

    @pytest.mark.parametrize(
        "form",
        [
            {"date": LAST, "until": FIRST},
            {"date": FIRST, "until": "9999-12-31"},
            {"date": "0000-00-00"},
            {"date": FIRST, "name": "\x00"},
            {},
        ],
    )
    def test_refuses_days_that_cannot_be(
        self, cast: Cast, market: Market, form: dict[str, str]
    ) -> None:
        response = browser(cast.leader).post(add_url(market, "extra_day"), {"name": "X"} | form)
        assert response.status_code == 200
        assert response.context["form"].errors
        with cast.acting():
            assert not ExtraWorkingDay.objects.exists()
        assert MOST_EXTRA_DAYS < 32

    def test_names_what_the_database_would_refuse(self, cast: Cast, market: Market) -> None:
        form = {"name": "X", "start": LAST, "end": FIRST}
        page = browser(cast.leader).post(add_url(market), form).content.decode()
        assert "The last day is before the first." in page

    def test_says_that_planning_would_find_no_day(self, cast: Cast, market: Market) -> None:
        form = {"name": "For ever", "start": "0001-01-01", "end": "9999-12-31"}
        client = browser(cast.leader)
        for url in (add_url(market), f"{add_url(market)}?_preview=1"):
            assert "would find no working day" in client.post(url, form).content.decode()
        with cast.acting():
            assert not Closure.objects.exists()

    def test_shows_what_it_moves_and_moves_nothing(self, cast: Cast, market: Market) -> None:
        form = {"name": "Stocktaking", "start": "2026-04-14", "end": "2026-04-14"}
        preview = browser(cast.leader).post(f"{add_url(market)}?_preview=1", form)
        assert preview.context["preview"].markets[0].moved == 2
        with cast.acting():
            assert not Closure.objects.exists()
            assert not Task.objects.filter(due_date="2026-04-15").exists()

    def test_is_changed(self, cast: Cast, market: Market) -> None:
        closure = a_closure(cast, market)
        client = browser(cast.leader)
        form = typed(opened(client, entry_url(closure)), end="2026-05-08")
        assert client.post(entry_url(closure), form).status_code == 302
        with cast.acting():
            assert Closure.objects.get(pk=closure.pk).end == dt.date(2026, 5, 8)

    def test_keeps_what_its_form_does_not_show(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            quiet = regions_services.save_part(
                QuietPeriod(market=market, name="August", start=FIRST, end=LAST, source="Team")
            )
        client = browser(cast.leader)
        url = entry_url(quiet, "quiet")
        client.post(url, typed(opened(client, url), name="Holidays"))
        with cast.acting():
            stored = QuietPeriod.objects.get(pk=quiet.pk)
            assert (stored.name, stored.source, stored.policy) == ("Holidays", "Team", "after")

    def test_goes_when_it_is_removed(self, cast: Cast, market: Market) -> None:
        closure = a_closure(cast, market)
        client = browser(cast.leader)
        form = typed(opened(client, entry_url(closure)), _remove="1")
        preview = client.post(f"{entry_url(closure)}?_preview=1", form)
        assert preview.context["preview"].errors == []
        with cast.acting():
            assert Closure.objects.filter(pk=closure.pk).exists()
        assert client.post(entry_url(closure), form).status_code == 302
        with cast.acting():
            assert not Closure.objects.filter(pk=closure.pk).exists()

    @pytest.mark.parametrize("change", [{"name": "Mine"}, {"_remove": "1"}])
    def test_tells_who_changed_it_meanwhile_and_what(
        self, cast: Cast, market: Market, change: dict[str, str]
    ) -> None:
        closure = a_closure(cast, market)
        client = browser(cast.leader)
        form = typed(opened(client, entry_url(closure)), **change)
        with cast.acting(cast.admin):
            theirs = Closure.objects.get(pk=closure.pk)
            theirs.name = "Theirs"
            regions_services.save_part(theirs)
        told = client.post(entry_url(closure), form)
        page = told.content.decode()
        assert "Admin of Alder changed this on" in page
        assert "<del>Stocktaking</del>" in page
        assert "<ins>Theirs</ins>" in page
        with cast.acting():
            assert Closure.objects.get(pk=closure.pk).name == "Theirs"
        again = typed(shown_form(told), **change)
        assert client.post(entry_url(closure), again).status_code == 302
        with cast.acting():
            found = [row.name for row in Closure.objects.filter(pk=closure.pk)]
        assert found == (["Mine"] if "name" in change else [])

    def test_of_another_market_is_not_found(self, cast: Cast, market: Market) -> None:
        closure = a_closure(cast, market)
        with cast.acting():
            japan = factories.market("JP")
        client = browser(cast.leader)
        for entry_id in (closure.pk, uuid7()):
            name = "admin:regions_market_closure_change"
            url = reverse(name, args=[japan.pk, entry_id])
            assert client.get(url).status_code == 404
            assert client.post(url, {"_remove": "1"}).status_code == 404


class TestSavingAMarket:
    def test_with_several_lines_changed_replans_once(self, cast: Cast, market: Market) -> None:
        for day in ("2026-05-04", "2026-05-05", "2026-05-06"):
            a_closure(cast, market, name=day, start=day, end=day)
        with cast.acting():
            before = MarketPass.objects.filter(trigger=PassTrigger.CHANGE).count()
        client = browser(cast.leader)
        url = address(Market, "change", market.pk)
        form = shown_form(client.get(url))
        lines = {f"closure_set-{line}-name": f"Line {line}" for line in range(3)}
        assert client.post(url, typed(form, subdivision="57", **lines)).status_code == 302
        with cast.acting():
            assert Closure.objects.filter(name__startswith="Line").count() == 3
            after = MarketPass.objects.filter(trigger=PassTrigger.CHANGE).count()
        assert after == before + 1
