"""From an empty organization to moved check-ins: a leader and a CSM, each in her own browser."""

import os
import re
import time
from io import StringIO
from pathlib import Path
from uuid import UUID

from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from engagement import services as engagement_services
from engagement.choices import TaskStatus
from engagement.models import Task
from outbox.models import Letter
from playbooks.models import Cadence
from tenants.authentication import memberships_of
from tenants.context import acting_for
from tenants.models import User
from tests.mail_server import links_in

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder that takes a picture of every step, wide and narrow."""
WIDTHS = (1280, 390)
PASSWORD = "a phrase that nobody guesses"

LEADER, CSM, OTHER_CSM = "ana@linden.example", "noor@linden.example", "yuki@linden.example"


def accounts_file(*, mended: bool) -> bytes:
    """Return what a CRM exports: twenty-four accounts, one with a day that does not exist."""
    columns = ("Account Name", "Billing Country", "Account Owner Email", "ARR", "Renewal Date")
    lines = [",".join(columns)]
    for number in range(24):
        country, owner = (("France", CSM), ("Japan", OTHER_CSM), ("Saudi Arabia", CSM))[number % 3]
        renewal = "2027-02-30" if number == 5 and not mended else f"2027-03-{number + 1:02}"
        lines.append(f"Customer {number:02},{country},{owner},{(number + 1) * 5000},{renewal}")
    return "\n".join(lines).encode()


class Person:
    """Somebody at her browser, who counts what she has to do."""

    def __init__(self, chromium: Browser, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.page: Page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(60_000)
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.clicks = 0
        self.pictures = 0
        self.began = time.monotonic()

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(f"{self.address}{path}")

    def click(self, what: Locator) -> None:
        """Click once."""
        self.clicks += 1
        what.click()

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.click(self.page.get_by_role("link", name=name, exact=True))

    def press(self, name: str) -> None:
        """Press a button."""
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def write(self, label: str, text: str) -> None:
        """Write into a field."""
        self.clicks += 1
        self.page.get_by_label(label).fill(text)

    def sees(self, text: str) -> None:
        """Make sure that a text is shown."""
        expect(self.page.locator("body")).to_contain_text(text)

    def keeps(self, step: str) -> None:
        """Take a picture; nothing may scroll sideways."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, step
            if SHOTS:
                name = f"{self.name}-{self.pictures:02}-{step}-{width}.png"
                self.page.screenshot(path=Path(SHOTS) / name, full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.pictures += 1

    def upload(self, content: bytes) -> None:
        """Choose a file, and send it."""
        self.clicks += 1
        self.page.get_by_label("File").set_input_files(
            {"name": "crm.csv", "mimeType": "text/csv", "buffer": content}
        )
        self.press("Upload")

    def finish(self) -> None:
        """Tell what it took, and that nothing went wrong in the browser."""
        seconds = time.monotonic() - self.began
        print(f"{self.name}: {self.clicks} clicks and fields, {seconds:.0f} s")
        assert self.troubles == []


def invited_by_the_command() -> str:
    """Found an organization from the command line; return the path of the link it prints."""
    said = StringIO()
    call_command("create_organization", "Linden", admin=LEADER, stdout=said)
    (link,) = links_in(said.getvalue())
    return link


def organization() -> UUID:
    return memberships_of(User.objects.get(email=LEADER))[0].organization_id


def letter_to(address: str) -> str:
    """Return the path of the link in the outgoing letter to somebody."""
    with acting_for(organization(), door="test"):
        letter = Letter.objects.filter(to=address).latest("created_at")
        return links_in(letter.text)[0]


def work_through() -> None:
    """Do what the worker does at its next tick."""
    for lease in engagement_services.lease_due_regions(seconds=60, most=10):
        engagement_services.plan_leased_region(lease, now=timezone.now(), seconds=60)


def planned() -> int:
    with acting_for(organization(), door="test"):
        return Task.objects.count()


def test_the_first_thirty_minutes(chromium: Browser, live_server: LiveServer) -> None:
    _of_the_leader(Person(chromium, "leader", live_server.url), invited_by_the_command())
    _of_the_csm(Person(chromium, "csm", live_server.url), letter_to(CSM))


def _of_the_leader(ana: Person, link: str) -> None:
    page = ana.page
    ana.go(link)
    _join(ana, "Ana")
    expect(page).to_have_url(f"{ana.address}/start/")
    ana.keeps("steps")

    ana.follow("Set your home market")
    page.get_by_label("Home market").select_option(label="France (EMEA)")
    ana.keeps("home")
    ana.press("This is our home market")
    ana.sees("France is your home market, in EMEA.")

    ana.follow("Bring your accounts")
    ana.follow("Upload a file")
    ana.upload(accounts_file(mended=False))
    ana.sees("Billing Country")
    ana.keeps("decisions")
    ana.press("Check 24 rows")
    ana.sees("2027-02-30")
    ana.keeps("bad-row")
    ana.follow("Import accounts")
    ana.upload(accounts_file(mended=True))
    ana.press("Check 24 rows")
    ana.sees("Every row is good.")
    ana.press("Import 24 accounts")
    ana.sees("The accounts are imported.")
    ana.keeps("imported")

    ana.go("/start/")
    ana.follow("Check the markets")
    ana.sees("Friday, Saturday")
    ana.keeps("markets")

    ana.go("/start/")
    ana.follow("Set the tiers")
    ana.sees("The tiers are like this already.")
    page.get_by_label("Tier 2 from").fill("60000")
    ana.press("Look")
    ana.sees("accounts would change their tier")
    ana.keeps("tiers")
    ana.press("Set the tiers")

    ana.follow("Choose the cadences")
    ana.press("Take over what is proposed")
    ana.keeps("cadences")
    row = page.locator("tr", has_text="Send the next setup guide").first
    ana.click(row.get_by_role("link", name="For one market"))
    page.get_by_label("Market").select_option(label="Saudi Arabia")
    ana.press("Let it differ there")
    page.get_by_label("Channel").select_option(label="Message")
    page.get_by_label("Every").fill("7")
    ana.write("Reason", "They answer messages, and sooner than letters.")
    ana.press("See what moves")
    ana.sees("Nothing is saved yet.")
    expect(page.get_by_role("status")).to_contain_text("Saudi Arabia")
    ana.keeps("one-market")
    ana.press("Save")
    ana.sees("They answer messages, and sooner than letters.")

    ana.follow("See the coming fortnight")
    expect(page.locator(".loads").first).to_contain_text("noor")
    ana.keeps("fortnight")

    ana.follow("Invite the owners")
    ana.keeps("people")
    ana.press("Send the invitations")
    ana.sees("2 invitations are on their way.")
    assert planned() == 0

    ana.follow("Start")
    ana.keeps("start")
    ana.press("Start")
    ana.sees("0 of 3 markets are planned.")
    work_through()
    ana.sees("You have started")
    ana.keeps("started")
    assert planned() > 10
    with acting_for(organization(), door="test"):
        assert Cadence.objects.filter(market__code="SA").count() == 1
    ana.finish()


def _of_the_csm(noor: Person, link: str) -> None:
    page = noor.page
    noor.go(link)
    noor.keeps("invitation")
    _join(noor, "Noor Haddad")
    noor.sees("Welcome, Noor Haddad")
    rows = page.locator("[data-row]")
    shown = rows.count()
    assert 1 <= shown <= 10
    assert page.locator(".explained").count() == shown
    noor.keeps("welcome")

    first = rows.first.get_attribute("id")
    noor.click(rows.first.get_by_role("button", name="Done"))
    # Her first action: the whole list follows.
    expect(page.locator(".welcome")).to_have_count(0)
    expect(page.locator(f"#{first}")).to_contain_text("Done")
    noor.keeps("completed")

    second = page.locator("[data-row]:not(.closed)").first
    moved = second.get_attribute("id")
    noor.click(second.get_by_role("link", name="Move"))
    noor.click(page.get_by_role("radio").last)
    noor.write("Reason", "They are at a fair.")
    noor.press("Move")
    expect(page.locator(f"#{moved}")).to_contain_text("Moved to")
    noor.keeps("moved")

    with acting_for(organization(), door="test"):
        statuses = set(Task.objects.values_list("status", flat=True))
        assert {TaskStatus.DONE, TaskStatus.SNOOZED} <= statuses
        untouched = Task.objects.to_do().filter(
            touched_at=None, owner__email=CSM, cadence__mode="fixed"
        )
        task = untouched.select_related("account").latest("due_date")
        account: Account = task.account
        weekday = task.due_date.isoweekday()
    noor.go(f"/accounts/{account.pk}/")
    noor.follow("Note what you agree")
    noor.clicks += 1
    # Any other day of the week on which nobody rests in any of her markets.
    other = "Tuesday" if weekday != 2 else "Wednesday"
    page.get_by_label(other).check()
    noor.keeps("agreement")
    noor.press("Save")
    noor.sees("The agreement is saved.")
    said = page.get_by_role("status").first.inner_text()
    assert re.search(r"\d (moves?|is new|are new|falls? away)", said), said
    noor.keeps("followed")
    with acting_for(organization(), door="test"):
        days = account.tasks.to_do().filter(touched_at=None).values_list("due_date", flat=True)
        assert task.due_date not in days
    noor.finish()


def _join(person: Person, name: str) -> None:
    person.write("Name", name)
    person.write("Password", PASSWORD)
    person.press("Join")
