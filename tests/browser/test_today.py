"""Today in a real browser: keys, focus, and nothing that needs the mouse."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, Promise
from engagement.choices import TaskStatus
from engagement.models import Task
from regions.models import Assignment
from tests import factories
from tests.conftest import PASSWORD, Cast, make_cast
from tests.integration.pages import a_task


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """A company whose CSM has three tasks that are due today or soon."""
    cast = make_cast("Alder")
    with cast.acting():
        france = factories.market("FR")
        today = timezone.now().date()
        for number in range(3):
            account = factories.account(
                name=f"Account {number} with a rather long name of its own",
                market=france,
                owner=cast.csm,
            )
            factories.contact(account=account, is_primary=True, phone="+33 1 23 45 67 89")
            a_task(account, (today + dt.timedelta(days=number)).isoformat())
    return cast


@pytest.fixture
def page(chromium: Browser, company: Cast, live_server: LiveServer) -> Iterator[Page]:
    """A browser with the CSM signed in, which fails on any error of a script."""
    troubles: list[str] = []
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(live_server.url)
    page.get_by_label("E-mail").fill("csm@alder.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    yield page
    page.close()
    assert not troubles


def statuses(company: Cast) -> list[str]:
    """Return how the tasks stand, the one due first coming first."""
    with company.acting():
        return list(Task.objects.order_by("nominal_date").values_list("status", flat=True))


def focused(page: Page) -> Any:
    """Return the id of what has the focus."""
    return page.evaluate("document.activeElement.id")


class TestKeys:
    def test_one_key_is_done_and_another_takes_it_back(self, page: Page, company: Cast) -> None:
        page.keyboard.press("j")
        row = focused(page)
        page.keyboard.press("d")
        expect(page.locator(f"#{row}")).to_contain_text("Undo")
        assert statuses(company)[0] == TaskStatus.DONE
        assert focused(page) == row
        page.keyboard.press("u")
        expect(page.locator(f"#{row}").get_by_role("button", name="Done")).to_be_visible()
        assert statuses(company)[0] == TaskStatus.OPEN
        assert focused(page) == row

    def test_keys_walk_through_the_rows(self, page: Page) -> None:
        rows = page.locator("[data-row]")
        order = [rows.nth(number).get_attribute("id") for number in range(3)]
        seen = []
        for key in ("j", "j", "ArrowDown", "k", "ArrowUp"):
            page.keyboard.press(key)
            seen.append(focused(page))
        assert seen == [order[0], order[1], order[2], order[1], order[0]]

    def test_a_task_is_moved_without_the_mouse(self, page: Page, company: Cast) -> None:
        page.keyboard.press("j")
        page.keyboard.press("m")
        expect(page.get_by_role("radio").first).to_be_focused()
        page.keyboard.press("Space")
        page.get_by_label("Reason").focus()
        page.keyboard.type("They are at a fair")
        page.keyboard.press("Enter")
        expect(page.locator(".row.closed")).to_contain_text("Moved to")
        assert statuses(company)[0] == TaskStatus.SNOOZED

    def test_what_is_missing_is_said_in_the_row(self, page: Page, company: Cast) -> None:
        page.keyboard.press("j")
        page.keyboard.press("n")
        expect(page.get_by_label("Reason")).to_be_focused()
        page.locator(".panel [name=reason]").evaluate("field => field.required = false")
        page.keyboard.press("Enter")
        expect(page.locator(".panel .error")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".panel form")).to_have_count(0)
        assert statuses(company)[0] == TaskStatus.OPEN

    def test_slash_searches_and_the_list_follows(self, page: Page) -> None:
        page.keyboard.press("/")
        page.keyboard.type("account 2")
        expect(page.locator("[data-row]")).to_have_count(1)
        assert "q=account" in page.url
        # Letters typed into a field are text.
        assert page.locator("dialog[open]").count() == 0

    def test_question_mark_shows_the_keys_which_can_be_switched_off(
        self, page: Page, company: Cast
    ) -> None:
        page.keyboard.press("?")
        page.get_by_label("Use single keys").uncheck()
        page.keyboard.press("Escape")
        page.locator("[data-row]").first.focus()
        page.keyboard.press("d")
        page.keyboard.press("ArrowDown")
        assert page.locator(".row.closed").count() == 0
        assert set(statuses(company)) == {TaskStatus.OPEN}


class TestSeveralAtOnce:
    def test_are_chosen_by_key_and_taken_back_together(self, page: Page, company: Cast) -> None:
        bar = page.get_by_role("form", name="With the chosen tasks")
        expect(bar).to_be_hidden()
        for key in "jxjx":
            page.keyboard.press(key)
        expect(bar).to_contain_text("Chosen: 2")
        bar.get_by_role("button", name="Mark as done").click()
        expect(page.get_by_text("2 tasks: nothing has happened yet.")).to_be_visible()
        page.get_by_role("button", name="Mark as done").click()
        expect(page.get_by_role("heading", name="2 tasks changed")).to_be_visible()
        assert sorted(statuses(company)) == ["done", "done", "open"]
        page.get_by_role("button", name="Undo all of it").click()
        expect(page.get_by_role("heading", name="2 tasks are as they were")).to_be_visible()
        assert set(statuses(company)) == {TaskStatus.OPEN}

    def test_are_chosen_up_to_the_last_one_with_shift(self, page: Page) -> None:
        boxes = page.locator("[data-select]")
        boxes.first.click()
        boxes.last.click(modifiers=["Shift"])
        bar = page.get_by_role("form", name="With the chosen tasks")
        expect(bar).to_contain_text("Chosen: 3")
        bar.get_by_role("button", name="None").click()
        expect(bar).to_be_hidden()

    def test_may_be_the_whole_list_which_is_more_than_what_is_counted(self, page: Page) -> None:
        page.keyboard.press("j")
        page.keyboard.press("x")
        whole = page.get_by_label("Choose this whole list")
        bar = page.get_by_role("form", name="With the chosen tasks")
        whole.check()
        expect(bar).to_contain_text("Chosen: this whole list")
        whole.uncheck()
        expect(bar).to_contain_text("Chosen: 1")

    def test_need_no_script(self, page: Page, company: Cast) -> None:
        browser = page.context.browser
        assert browser is not None
        plain = browser.new_context(
            java_script_enabled=False, storage_state=page.context.storage_state()
        ).new_page()
        plain.goto(page.url)
        plain.get_by_label("Choose this whole list").check()
        plain.get_by_role("button", name="Move by working days").click()
        plain.get_by_label("Reason").fill("A fair")
        plain.get_by_role("button", name="Move by working days").click()
        expect(plain.get_by_role("heading", name="3 tasks changed")).to_be_visible()
        assert set(statuses(company)) == {TaskStatus.SNOOZED}


class TestSecondOfTwo:
    def test_sees_in_the_row_who_did_it(self, page: Page, company: Cast) -> None:
        with company.acting():
            Task.objects.update(
                status=TaskStatus.DONE, closed_by=company.leader, closed_at=timezone.now()
            )
        page.keyboard.press("j")
        page.keyboard.press("d")
        expect(page.locator(".row [role=alert]")).to_contain_text("CS leader of Alder")


class TestScreens:
    @pytest.mark.parametrize("width", [1280, 768, 390, 320])
    def test_nothing_scrolls_sideways(
        self, page: Page, live_server: LiveServer, width: int
    ) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        account = page.locator(".whom a").first.get_attribute("href")
        for path in ("/", "/?by=account", "/accounts/", account, f"{account}agreement/"):
            page.goto(f"{live_server.url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path

    def test_without_script_everything_still_works(self, page: Page, company: Cast) -> None:
        browser = page.context.browser
        assert browser is not None
        plain = browser.new_context(
            java_script_enabled=False, storage_state=page.context.storage_state()
        ).new_page()
        plain.goto(page.url)
        plain.get_by_role("button", name="Done").first.click()
        expect(plain.get_by_role("status")).to_contain_text("Done")
        plain.get_by_role("button", name="Undo").click()
        plain.get_by_role("link", name="Not applicable").first.click()
        plain.get_by_label("Reason").fill("They met us yesterday")
        plain.get_by_role("button", name="Not applicable").click()
        expect(plain.get_by_role("status")).to_contain_text("Not applicable")
        assert sorted(statuses(company)) == ["not_applicable", "open", "open"]


class TestPromises:
    @pytest.fixture(autouse=True)
    def _works_there(self, company: Cast) -> None:
        with company.acting():
            market = Account.objects.all()[0].market
            Assignment.objects.create(membership=company.csm, market=market)

    def test_one_is_made_and_kept_by_keys_alone(self, page: Page, company: Cast) -> None:
        page.keyboard.press("j")
        page.keyboard.press("p")
        page.locator(".panel [name=what]").fill("The new prices")
        page.locator(".panel [name=due_date]").fill("2049-06-02")
        page.keyboard.press("Enter")
        expect(page.locator(".panel [role=status]")).to_contain_text("Promised: The new prices")
        page.reload()
        page.locator(".promise").focus()
        page.keyboard.press("d")
        expect(page.locator(".promise")).to_contain_text("Undo")
        with company.acting():
            assert Promise.objects.get().status == "kept"
        page.keyboard.press("u")
        expect(page.locator(".promise").get_by_role("button", name="Kept")).to_be_visible()
