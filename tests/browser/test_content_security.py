"""Every kind of page in a real browser, which reports what the content security policy refuses."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Error, Page
from pytest_django.live_server_helper import LiveServer

from regions.models import Market
from tests import factories
from tests.conftest import PASSWORD, Cast, make_cast
from tests.integration.pages import a_task
from workspace.urls import urlpatterns

REFUSED = "Content Security Policy"
ADD_INLINE_SCRIPT = """
() => {
    const script = document.createElement("script");
    script.textContent = "window.reached = true";
    document.body.append(script);
    return window.reached === true;
}
"""


@pytest.fixture
def market(transactional_db: None) -> Market:
    """A market with an account, a contact and a task, in a company of its own."""
    cast: Cast = make_cast("Alder")
    with cast.acting():
        market = factories.market("FR")
        account = factories.account(name="Account", market=market, owner=cast.leader)
        factories.contact(account=account, is_primary=True)
        a_task(account, "2026-03-02")
    return market


@pytest.fixture
def console() -> list[str]:
    """What the browser had to say."""
    return []


@pytest.fixture
def page(chromium: Browser, market: Market, live_server: LiveServer, console: list[str]) -> Page:
    """A browser on the sign-in page."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    # A busy machine takes its time, and that is not what is tested.
    page.set_default_timeout(90_000)
    page.on("console", lambda message: console.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: console.append(f"{page.url}: {error}"))
    page.goto(live_server.url)
    return page


def sign_in(page: Page, live_server: LiveServer) -> None:
    page.get_by_label("E-mail").fill("leader@alder.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")


def visit(page: Page, address: str) -> None:
    """Go to a page; a file that is offered instead is none."""
    try:
        page.goto(address, wait_until="load")
    except Error as error:
        if "Download is starting" not in error.message:
            raise


def pages_of_their_own() -> list[str]:
    """Return the addresses of the workspace's pages that need nothing to be named."""
    return [
        reverse(f"workspace:{each.name}")
        for each in urlpatterns
        if not each.pattern.converters and _is_page(getattr(each.callback, "view_class", None))
    ]


def _is_page(view: Any) -> bool:
    return hasattr(view, "get") and "get" in view.http_method_names


def refused(console: list[str]) -> list[str]:
    return [line for line in console if REFUSED in line]


class TestThePolicy:
    def test_lets_every_page_of_members_work(
        self, page: Page, live_server: LiveServer, console: list[str]
    ) -> None:
        sign_in(page, live_server)
        account = page.locator(".whom a").first.get_attribute("href")
        page.get_by_role("link", name="Not applicable").first.click()
        page.get_by_label("Reason").wait_for()
        for path in (*pages_of_their_own(), account, f"{account}agreement/", "/nowhere/"):
            visit(page, f"{live_server.url}{path}")
        assert refused(console) == []

    def test_lets_the_admin_work(
        self, page: Page, live_server: LiveServer, market: Market, console: list[str]
    ) -> None:
        sign_in(page, live_server)
        change = f"/admin/regions/market/{market.pk}"
        for path in (
            "/admin/",
            "/admin/accounts/account/",
            "/admin/accounts/account/add/",
            f"{change}/change/",
            f"{change}/calendar/",
            f"{change}/delete/",
            "/admin/tenants/membership/",
            "/admin/engagement/regionplanning/",
        ):
            page.goto(f"{live_server.url}{path}", wait_until="networkidle")
            assert page.locator("h1, h2").count(), path
        assert refused(console) == []

    def test_lets_the_documentation_of_the_api_work(
        self, page: Page, live_server: LiveServer, console: list[str]
    ) -> None:
        sign_in(page, live_server)
        page.goto(f"{live_server.url}/api/docs/", wait_until="networkidle")
        page.locator(".opblock").first.click()
        page.locator(".opblock .opblock-body").first.wait_for()
        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".modal-ux").wait_for()
        assert refused(console) == []

    @pytest.mark.parametrize("path", ["/", "/accounts/", "/admin/", "/api/docs/"])
    def test_refuses_a_script_that_somebody_smuggled_in(
        self, page: Page, live_server: LiveServer, console: list[str], path: str
    ) -> None:
        sign_in(page, live_server)
        page.goto(f"{live_server.url}{path}", wait_until="networkidle")
        assert not page.evaluate(ADD_INLINE_SCRIPT)
        assert refused(console)
