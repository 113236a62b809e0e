"""What the admin shows of a change before it is saved."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from engagement.models import Task
from engagement.services import plan_region_now
from playbooks.models import Cadence
from regions.models import Closure, Market
from tests import factories
from tests.admin_pages import add_line, address, browser, shown_form, typed
from tests.conftest import Cast
from toolkit.uuid7 import uuid7

NOW = dt.datetime(2026, 4, 6, 6, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _easter_monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cadence(cast: Cast) -> Cadence:
    """Return a weekly call on Tuesdays that two French accounts are planned by."""
    with cast.acting():
        cadence = factories.cadence(every=1, unit="weeks", weekdays=[2], title="Weekly call")
        for name in ("Acme", "Bolt"):
            account = factories.account(name=name)
        plan_region_now(region=account.market.region, now=NOW)
        assert Task.objects.count() == 4
    return cadence


def due_dates(cast: Cast) -> list[tuple[Any, ...]]:
    with cast.acting():
        return list(Task.objects.order_by("pk").values_list("pk", "due_date", "status"))


class TestThePreview:
    def test_of_a_cadence_shows_what_moves_and_saves_nothing(
        self, cast: Cast, cadence: Cadence
    ) -> None:
        before = due_dates(cast)
        client = browser(cast.leader)
        url = address(Cadence, "change", cadence.pk)
        form = typed(shown_form(client.get(url)), weekdays=[4])
        preview = client.post(f"{url}?_preview=1", form)
        market = preview.context["preview"].markets[0]
        assert (market.group, market.moved, market.added, market.removed) == ("France", 4, 0, 0)
        page = preview.content.decode()
        assert "Acme" in page
        assert "from April 7, 2026 to April 9, 2026" in page
        assert "<form" not in page
        assert due_dates(cast) == before
        with cast.acting():
            assert Cadence.objects.get(pk=cadence.pk).version == cadence.version

    def test_leaves_no_message_behind(self, cast: Cast, cadence: Cadence) -> None:
        client = browser(cast.leader)
        url = address(Cadence, "change", cadence.pk)
        client.post(f"{url}?_preview=1", shown_form(client.get(url)))
        assert not list(client.get(url).context["messages"])

    def test_is_what_saving_then_does(self, cast: Cast, cadence: Cadence) -> None:
        client = browser(cast.leader)
        url = address(Cadence, "change", cadence.pk)
        form = typed(shown_form(client.get(url)), weekdays=[3, 5])
        market = client.post(f"{url}?_preview=1", form).context["preview"].markets[0]
        assert client.post(url, form).status_code == 302
        with cast.acting():
            assert Task.objects.count() == 4 + market.added - market.removed
            assert {task.due_date.isoweekday() for task in Task.objects.all()} == {3, 5}

    def test_names_what_would_be_refused(self, cast: Cast, cadence: Cadence) -> None:
        client = browser(cast.leader)
        url = address(Cadence, "change", cadence.pk)
        form = shown_form(client.get(url))
        preview = client.post(f"{url}?_preview=1", typed(form, title=""))
        assert "This field is required." in preview.content.decode()
        with cast.acting():
            market = Market.objects.get()
        preview = client.post(f"{url}?_preview=1", typed(form, market=market.pk))
        assert "Say why it differs" in preview.content.decode()

    def test_of_a_closure_moves_the_check_ins_of_its_day(
        self, cast: Cast, cadence: Cadence
    ) -> None:
        with cast.acting():
            market = Market.objects.get()
        client = browser(cast.leader)
        url = address(Market, "change", market.pk)
        form = add_line(
            shown_form(client.get(url)),
            "closure_set",
            name="Stocktaking",
            start="2026-04-14",
            end="2026-04-14",
        )
        preview = client.post(f"{url}?_preview=1", form)
        assert preview.context["preview"].markets[0].moved == 2
        assert "from April 14, 2026 to April 15, 2026" in preview.content.decode()
        with cast.acting():
            assert not Closure.objects.exists()

    def test_of_an_account_without_consequences_says_so(self, cast: Cast, cadence: Cadence) -> None:
        with cast.acting():
            account = Account.objects.get(name="Acme")
        client = browser(cast.leader)
        url = address(Account, "change", account.pk)
        preview = client.post(f"{url}?_preview=1", typed(shown_form(client.get(url)), city="Lyon"))
        assert "No check-in is added, moved or removed." in preview.content.decode()

    def test_of_a_new_cadence_works_before_it_is_saved(self, cast: Cast) -> None:
        client = browser(cast.leader)
        url = address(Cadence, "add")
        form = typed(shown_form(client.get(url)), tier="tier_3", stage="value", every=2)
        form = typed(form, unit="weeks", title="Look in", benefit="Less waiting")
        preview = client.post(f"{url}?_preview=1", form)
        assert "No check-in is added" in preview.content.decode()
        with cast.acting():
            assert not Cadence.objects.exists()


class TestTheNextDates:
    URL = "/admin/engagement/regionplanning/next-dates/"

    def ask(self, cast: Cast, **values: Any) -> Any:
        form = {"every": 1, "unit": "weeks", "weekdays": [5], "tolerance_days": 3} | values
        return browser(cast.leader).post(self.URL, form)

    def test_are_ten_in_each_open_market(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
            factories.market("SA")
        found = self.ask(cast).context["markets"]
        assert [(each.market.code, len(each.dates)) for each in found] == [("FR", 10), ("SA", 10)]

    def test_say_why_a_date_moves(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        found = self.ask(cast, benefit="A promise kept").context["markets"]
        may = {date.nominal: date for date in found[0].dates}[dt.date(2026, 5, 1)]
        assert may.due == dt.date(2026, 5, 4)
        assert "public holiday (Labor Day)" in may.reasons[0]

    def test_follow_the_place_of_the_cadence(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
            japan = factories.market("JP")
        for place in ({"market": japan.pk}, {"region": japan.region_id}):
            found = self.ask(cast, **place).context["markets"]
            assert [each.market.code for each in found] == ["JP"]

    def test_know_no_market_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            foreign = factories.market("JP")
        answers = [self.ask(cast, market=pk).content for pk in (foreign.pk, uuid7())]
        assert answers[0] == answers[1]
        assert b"Japan" not in answers[0]

    @pytest.mark.parametrize("values", [{"every": ""}, {"every": 0}, {"unit": "years"}])
    def test_wait_for_a_complete_rhythm(self, cast: Cast, values: dict[str, Any]) -> None:
        assert "The next dates follow once" in self.ask(cast, **values).content.decode()

    def test_end_where_the_holiday_data_end(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        found = self.ask(cast, every=10, unit="months", weekdays=[]).context["markets"]
        assert 0 < len(found[0].dates) <= 10
        found = self.ask(cast, every=52 * 5, unit="weeks").context["markets"]
        assert len(found[0].dates) < 10
