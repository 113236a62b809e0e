"""A market's year in a real browser: edited by keys, by touch, and from right to left."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from regions import services as regions_services
from regions.models import Closure, ExtraWorkingDay, Market
from tests import factories
from tests.conftest import PASSWORD, Cast, make_cast, user_of

# A save replans, and a busy machine takes its time.
expect.set_options(timeout=20_000)


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """A company with a market."""
    return make_cast("Alder")


@pytest.fixture
def market(company: Cast) -> Market:
    """Return France."""
    with company.acting():
        return factories.market("FR")


@contextmanager
def year_page(
    chromium: Browser, live_server: LiveServer, market: Market, **device: Any
) -> Iterator[Page]:
    """Open the market's year 2027 as its leader; any trouble of a script or a policy fails."""
    troubles: list[str] = []
    page = chromium.new_page(**device)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.goto(f"{live_server.url}/login/")
    page.locator("[name=username]").fill("leader@alder.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    url = reverse("admin:regions_market_calendar", args=[market.pk])
    page.goto(f"{live_server.url}{url}?year=2027")
    yield page
    page.close()
    assert not troubles


def day(page: Page, iso: str) -> Any:
    """Return the button of a day."""
    return page.locator(f'#year button[value="{iso}"]')


def chosen(page: Page) -> tuple[str, str]:
    """Return the first and the last day chosen."""
    form = page.locator("#year-pick")
    return tuple(form.locator(f"[name={name}]").input_value() for name in ("start", "end"))  # type: ignore[return-value]


def test_by_keys_alone_a_closure_is_added_and_removed(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market
) -> None:
    with year_page(chromium, live_server, market) as page:
        # One stop for the Tab key among 365 days.
        page.get_by_role("button", name="Add a quiet period").focus()
        page.keyboard.press("Tab")
        expect(day(page, "2027-01-01")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".cs-pick-day:focus")).to_have_count(0)
        day(page, "2027-01-01").focus()
        for key in ("PageDown", "PageDown", "ArrowDown", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        assert chosen(page) == ("2027-03-09", "2027-03-09")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowLeft")
        assert chosen(page) == ("2027-03-09", "2027-03-10")
        expect(page.get_by_role("status")).to_have_text("March 9, 2027 to March 10, 2027")
        page.get_by_role("button", name="Add a closure").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Name").fill("Stocktaking")
        page.get_by_role("button", name="Preview").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("No check-in is added, moved or removed.")).to_be_visible()
        page.get_by_label("Name").focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Stocktaking").focus()
        with company.acting():
            closure = Closure.objects.get()
        assert (closure.start, closure.end) == (dt.date(2027, 3, 9), dt.date(2027, 3, 10))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Remove", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("is no longer in the calendar")).to_be_visible()
    with company.acting():
        assert not Closure.objects.exists()


def test_on_a_phone_two_taps_choose_the_days_between(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market
) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with year_page(chromium, live_server, market, **phone) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        day(page, "2027-06-09").tap()
        day(page, "2027-06-08").tap()
        assert chosen(page) == ("2027-06-08", "2027-06-09")
        page.get_by_role("button", name="Add an extra working day").tap()
        page.get_by_label("Name").fill("Fair")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.get_by_role("button", name="Save").tap()
        expect(page.get_by_role("link", name="Fair")).to_have_count(2)
    with company.acting():
        assert ExtraWorkingDay.objects.count() == 2


def test_from_right_to_left_the_arrows_go_where_they_point(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market
) -> None:
    with company.acting():
        user = user_of(company.leader)
        user.language = "ar"
        user.save()
    with year_page(chromium, live_server, market) as page:
        assert page.evaluate("document.documentElement.dir") == "rtl"
        day(page, "2027-06-09").focus()
        page.keyboard.press("ArrowLeft")
        expect(day(page, "2027-06-10")).to_be_focused()
        box = [day(page, f"2027-06-{number}").bounding_box()["x"] for number in ("09", "10")]
        assert box[1] < box[0]


def test_without_its_script_the_days_are_chosen_one_by_one(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market
) -> None:
    with year_page(chromium, live_server, market) as page:
        page.route("**/regions/year*.js", lambda route: route.abort())
        page.reload()
        day(page, "2027-06-09").click()
        page.wait_for_url("**day=2027-06-09**")
        assert chosen(page) == ("2027-06-09", "2027-06-09")
        page.get_by_role("button", name="Add a closure").click()
        page.get_by_label("Name").fill("Stocktaking")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Stocktaking")).to_be_visible()


def test_another_year_comes_without_a_new_page(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market
) -> None:
    with year_page(chromium, live_server, market) as page:
        page.get_by_role("link", name="2028").click()
        expect(day(page, "2028-02-29")).to_be_visible()
        day(page, "2028-02-29").click()
        page.keyboard.press("PageDown")
        expect(day(page, "2028-03-29")).to_be_focused()
        assert chosen(page) == ("2028-02-29", "2028-02-29")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_name_without_a_space_does_not_push_the_year_aside(
    chromium: Browser, live_server: LiveServer, company: Cast, market: Market, width: int
) -> None:
    with company.acting():
        span = {"start": dt.date(2027, 3, 9), "end": dt.date(2027, 3, 10)}
        regions_services.save_part(Closure(market=market, name="W" * 100, **span))
    viewport = {"width": width, "height": 900}
    with year_page(chromium, live_server, market, viewport=viewport) as page:
        expect(page.get_by_role("link", name="W" * 100)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
