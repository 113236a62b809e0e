"""Every page, looked at by axe: light and dark, wide and narrow. There are no exceptions."""

import datetime as dt
from importlib.resources import files
from typing import Any, Literal

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts import consents, promises, sharing
from accounts.choices import ImportStatus
from accounts.models import Account, AccountImport, AgreementProposal, Promise
from engagement.choices import BulkAction, LetterKind
from engagement.models import Meeting, Run, SavedView, Task
from engagement.services import Deed, WayOut, act_on_tasks, log_meeting, start_run
from governance.models import GovernanceSettings, VoiceTrait, VoiceVariation
from governance.services import adopt_starting_set, save_settings, save_voice_variation
from outbox.models import Letter
from playbooks.models import Cadence
from playbooks.services import publish_localization, publish_version
from playbooks.services.library import adopt_library_playbook
from regions.admin.entries import KINDS
from regions.models import Market
from tenants import services as tenants_services
from tenants import tasks as tenants_tasks
from tenants.admin import site
from tenants.models import User
from tests import factories
from tests.admin_pages import browser as signed_in
from tests.architecture.rows import make_row
from tests.conftest import Cast, make_cast, user_of
from tests.integration.imports.files import lines, run, uploaded
from tests.integration.pages import a_task
from tests.mail_server import links_in
from toolkit.uuid7 import uuid7
from workspace.urls import urlpatterns
from workspace.views.operator import SALT

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
LOOK = """
async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.flatMap(
        rule => rule.nodes.map(
            node => `${rule.id}: ${node.target} ${node.html.slice(0, 200)} ${node.failureSummary}`
        )
    );
}
"""
STILL = """
const still = new CSSStyleSheet();
still.replaceSync("* { transition: none !important; animation: none !important }");
document.adoptedStyleSheets.push(still);
"""
"""What fades in is there at once: colors on the way have no contrast."""
WIDE, NARROW = 1280, 390
Scheme = Literal["light", "dark"]
TURN = "scheme => document.documentElement.classList.toggle('dark', scheme === 'dark')"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PARTS = 4
"""The pages are shared out, so that several workers look at them."""

RIGHT_TO_LEFT = {
    *("today", "team", "account", "agreement", "start-preview", "imports", "profile"),
    *("playbooks", "playbook", "philosophy", "log-meeting", "agreement-proposal"),
    *("timeline", "week", "monday"),
    *("overdue", "batch"),
}
"""The pages that are looked at in Arabic, too."""

NARROWEST = 320

Addresses = dict[str, list[str]]


class Eyes:
    """A browser that keeps what axe finds on the pages it is shown."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self.found: list[str] = []

    def report(self) -> str:
        """Return what is wrong, line by line."""
        return "\n".join(self.found)

    def of(self, client: Client) -> Page:
        """Return a page on which the person is signed in who is it in ``client``."""
        context = self._browser.new_context(
            viewport={"width": WIDE, "height": 900}, reduced_motion="reduce"
        )
        name = django_settings.SESSION_COOKIE_NAME
        if name in client.cookies:
            context.add_cookies(
                [{"name": name, "value": client.cookies[name].value, "url": self._address}]
            )
        context.add_init_script(STILL)
        page = context.new_page()
        # A busy machine takes its time, and that is not what is tested.
        page.set_default_timeout(90_000)
        return page

    def open(self, page: Page, path: str, *, status: int = 200) -> None:
        """Go to a page, which must be there, and which leads nowhere else."""
        response = page.goto(f"{self._address}{path}")
        assert response is not None
        assert (response.status, page.url) == (status, f"{self._address}{path}")

    def look(
        self,
        page: Page,
        where: str,
        *,
        widths: tuple[int, ...] = (WIDE,),
    ) -> None:
        """Keep what is wrong with the page as it stands."""
        page.evaluate(AXE)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                # The admin asks once, when a page is loaded, and then goes by this class.
                page.evaluate(TURN, scheme)
                self.found += [
                    f"{where} ({width}, {scheme}): {each}" for each in page.evaluate(LOOK)
                ]
        page.set_viewport_size({"width": WIDE, "height": 900})


@pytest.fixture
def eyes(chromium: Browser, live_server: LiveServer) -> Eyes:
    """A browser that looks."""
    return Eyes(chromium, live_server.url)


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """A company that has begun to work: the leader owns accounts with tasks of several days."""
    cast = make_cast("Alder")
    today = timezone.now().date()
    with cast.acting():
        market = factories.market("FR")
        factories.market("SA")
        for number in range(4):
            account = factories.account(name=f"Account {number}", market=market, owner=cast.leader)
            reached = {"phone": "+33 1 23 45 67 89", "email": f"{number}@customer.example"}
            factories.contact(account=account, is_primary=True, **reached)
            a_task(account, (today + dt.timedelta(days=4 * number - 4)).isoformat())
        factories.agreement(account=account, decides="The board")
        version = factories.published(
            factories.step("call", instructions="Ask *one* question.", checklist=["Champion"]),
            factories.step("mail", depends_on=["call"], offset=5),
            factories.step("visit", condition={"tiers": ["tier_3"]}),
            factories.step("lessons", kind="digital", channel="email", message="Hi {csm_name}"),
            by=cast.leader,
        )
        start_run(playbook=version.playbook, account=account, by=cast.leader, at=timezone.now())
        promise_things(cast, account)
        write_playbooks(cast, market)
    return cast


def promise_things(cast: Cast, account: Account) -> None:
    """Make a promise of each kind: kept, due, and renegotiated."""
    now = timezone.now()
    first = promises.first_day_for(account, now)
    known: dict[str, Any] = {
        "account": account,
        "what": "The new prices",
        "by": cast.leader,
        "at": now,
    }
    kept, _due, moved = (promises.make_promise(due_date=first, **known) for _ in range(3))
    promises.keep_promise(kept, by=cast.leader, at=now)
    later = first + dt.timedelta(days=7)
    promises.renegotiate_promise(moved, due_date=later, reason="Asked", by=cast.leader, at=now)


def write_playbooks(cast: Cast, market: Market) -> None:
    """Write down what the company stands for, and start it from what ships."""
    now = timezone.now()
    adopt_starting_set(by=cast.leader, at=now)
    version = adopt_library_playbook("onboarding", by=cast.leader, at=now)
    publish_version(version, by=cast.leader, at=now)
    for localization in version.playbook.localizations.all():
        publish_localization(localization, by=cast.leader, at=now)
    trait = VoiceTrait.objects.filter(is_local=True)[0]
    save_voice_variation(
        VoiceVariation(trait=trait, market=market, wording="Vous.", reason="It is usual there.")
    )
    factories.playbook(key="draft")


def pages_of_members(cast: Cast) -> Addresses:
    """Return where the pages of the workspace are that somebody who is signed in sees, by name."""
    with cast.acting(cast.leader):
        market = Market.objects.get(code="FR")
        if not GovernanceSettings.objects.exists():
            save_settings(GovernanceSettings(figures_about_people=True))
        first, *_others, account = Account.objects.order_by("name")
        task = Task.objects.get(account=first)
        digital = Task.objects.get(step__key="lessons")
        contact = account.contacts.get()
        consents.note_consent(
            contact=contact, state="given", how="At a fair", by=cast.leader, at=timezone.now()
        )
        proposal = proposed(cast, account)
        meeting = Meeting(account=account, held_on=dt.date(2026, 1, 5), channel="video", note="…")
        log_meeting(meeting, by=cast.leader, at=timezone.now())
        going = Run.objects.select_related("playbook").get()
        promise = Promise.objects.open().latest("due_date")
        cadence = Cadence.objects.order_by("pk")[0].pk
        imports = [
            uploaded(cast, lines("Acme,France")),
            run(cast, lines("Acme,Atlantis,,x")),
            run(cast, lines("Oak,France")),
            uploaded(cast, "Name;Country\nMüller;DE\n".encode("cp1252")),
            uploaded(cast, lines("Elm,France")),
        ]
        AccountImport.objects.filter(pk=imports[-1].pk).update(status=ImportStatus.CHECKING)
        view = make_row(SavedView, cast)
        batch = act_on_tasks(
            ids=[*Task.objects.to_do().values_list("pk", flat=True), uuid7()],
            deed=Deed(BulkAction.SHIFT, days=1, reason="A fair"),
            by=cast.leader,
            at=timezone.now(),
        )
        user = user_of(cast.leader)
        tenants_services.request_new_address(user=user, email="new@alder.example")
        confirm = links_in(Letter.objects.get(to="new@alder.example").text)[0]
        bad = [each for each in imports if each.problems.exists()]
    return {
        "today": ["/", "/?q=nothing", "/?owner=all", "/?by=account", f"/?view={view.pk}"],
        "overdue": ["/overdue/"],
        "week": ["/week/?show=all", "/week/?from=2028-02-29"],
        "monday": ["/monday/"],
        "batch": [f"/batches/{batch.pk}/"],
        "team": ["/team/"],
        "profile": ["/me/"],
        "confirm-address": [confirm],
        "start": ["/start/"],
        "start-home": ["/start/home/"],
        "start-accounts": ["/start/accounts/"],
        "start-account": ["/start/accounts/new/"],
        "start-markets": ["/start/markets/"],
        "start-new-market": ["/start/markets/new/", "/start/markets/new/?country=EG"],
        "start-market": [reverse("workspace:start-market", args=[market.pk])],
        "start-tiers": ["/start/tiers/"],
        "start-cadences": ["/start/cadences/"],
        "start-cadence": [reverse("workspace:start-cadence", args=[cadence])],
        "start-market-cadence": [reverse("workspace:start-market-cadence", args=[cadence])],
        "start-preview": ["/start/preview/"],
        "start-people": ["/start/people/"],
        "start-open": ["/start/open/"],
        "accounts": ["/accounts/", "/accounts/?q=nothing"],
        "account": [f"/accounts/{account.pk}/"],
        "timeline": [
            f"/accounts/{account.pk}/timeline/",
            f"/accounts/{account.pk}/timeline/?last=2020-01-01",
        ],
        "agreement": [f"/accounts/{account.pk}/agreement/"],
        "log-meeting": [f"/accounts/{account.pk}/meeting/"],
        "share-agreement": [f"/accounts/{account.pk}/share/"],
        "agreement-proposal": [f"/agreement-proposals/{proposal.pk}/"],
        "start-run": [
            f"/accounts/{first.pk}/start/",
            f"/accounts/{first.pk}/start/?playbook={going.playbook.key}",
            f"/accounts/{account.pk}/start/",
        ],
        "run": [f"/runs/{going.pk}/"],
        "hold-run": [f"/runs/{going.pk}/hold/"],
        "cancel-run": [f"/runs/{going.pk}/cancel/"],
        "move-run": [f"/runs/{going.pk}/move/"],
        "run-dates": [f"/runs/{going.pk}/dates/", f"/runs/{going.pk}/dates/?run_start=2026-06-15"],
        "playbooks": ["/playbooks/", "/playbooks/?motion=risk", "/playbooks/?market=SA"],
        "playbook": [
            "/playbooks/onboarding/?market=FR",
            "/playbooks/onboarding/?market=FR&run_start=2026-12-14",
            "/playbooks/onboarding/?market=FR&run_start=soon",
            "/playbooks/draft/",
        ],
        "philosophy": ["/philosophy/"],
        "imports": ["/imports/"],
        "import": [f"/imports/{each.pk}/" for each in imports],
        "import-problems": [f"/imports/{each.pk}/problems/" for each in bad],
        "task-done": [f"/tasks/{task.pk}/done/"],
        "task-move": [f"/tasks/{task.pk}/move/"],
        "task-not-applicable": [f"/tasks/{task.pk}/not-applicable/"],
        "task-hand-over": [f"/tasks/{task.pk}/hand-over/"],
        "task-message": [f"/tasks/{digital.pk}/message/"],
        "consent": [f"/contacts/{contact.pk}/consent/"],
        "task-promise": [f"/tasks/{task.pk}/promise/"],
        "make-promise": [f"/accounts/{account.pk}/promise/"],
        "promise-break": [f"/promises/{promise.pk}/break/"],
        "promise-renegotiate": [f"/promises/{promise.pk}/renegotiate/"],
    }


def proposed(cast: Cast, account: Account) -> AgreementProposal:
    """Let the customer propose to change what was agreed."""
    ticket = shared(cast, account)
    link = sharing.find_link(ticket, at=timezone.now())
    return sharing.propose_correction(
        link, values={"decides": "The CFO"}, remark="…", seen_version=1, at=timezone.now()
    )


def shared(cast: Cast, account: Account) -> sharing.Ticket:
    """Share the agreement of an account with somebody who reads English."""
    contact = account.contacts.get()
    contact.language = "en-GB"
    contact.save()
    return sharing.share_agreement(contact=contact, by=cast.leader, at=timezone.now())


def pages_of_strangers(cast: Cast) -> Addresses:
    """Return where the pages are that need nobody to be signed in, by name."""
    person = tenants_services.Person("eve@alder.example", name="Eve")
    with cast.acting():
        _member, ticket = tenants_services.invite_person(
            person, by=cast.admin, at=timezone.now(), language="en"
        )
        user = user_of(cast.csm)
        agreed = shared(cast, Account.objects.latest("name")).token()
    tenants_services.request_password_reset(email=user.email)
    tenants_tasks.answer_password_requests()
    with cast.acting():
        reset = links_in(Letter.objects.filter(to=user.email).latest("created_at").text)[0]
    no_more = consents.WayOut(cast.organization.pk, uuid7(), "eve@alder.example")
    way_out = WayOut(cast.organization.pk, cast.csm.pk, LetterKind.DIGEST)
    made = signing.dumps([cast.organization.pk.hex, cast.admin.pk.hex], salt=SALT)
    return {
        "login": ["/login/"],
        "password-forgotten": ["/password/forgotten/", "/password/forgotten/?asked"],
        "password-reset": [reset],
        "shared-agreement": [reverse("workspace:shared-agreement", args=[agreed])],
        "invitation": [reverse("workspace:invitation", args=[ticket.token()])],
        "operator": ["/operator/"],
        "operator-made": [reverse("workspace:operator-made", args=[made])],
        "letters": [reverse("workspace:letters", args=[way_out.token()])],
        "messages": [reverse("workspace:messages", args=[no_more.token()])],
    }


def not_pages() -> set[str]:
    """Return the names of addresses that send a file, a part of another page, or lead on."""
    files = {"account-export", "calendar", "import-template", "team-export", "today-export"}
    return files | {"start-progress", "bulk", "bulk-act"}


def every_page_of_the_workspace() -> set[str]:
    """Return the names of the addresses that answer with something to see."""
    return {str(each.name) for each in urlpatterns if _is_shown(each.callback)} - not_pages()


def _is_shown(callback: Any) -> bool:
    view = getattr(callback, "view_class", None)
    return view is not None and hasattr(view, "get") and "get" in view.http_method_names


def is_page(response: Any) -> bool:
    """Tell whether an answer is a whole page."""
    return response.status_code == 200 and b"<html" in b"".join(response)[:4000]


def pages_of_the_admin(cast: Cast, part: int) -> list[str]:
    """Return a part of the addresses of the admin's pages; which there are, the site knows."""
    client = signed_in(cast.admin)
    addresses = ["/admin/", "/admin/password_change/", "/admin/password_change/done/"]
    labels = {model._meta.app_label for model in site._registry}
    addresses += [reverse("admin:app_list", args=[label]) for label in sorted(labels)]
    for model, admin in site._registry.items():
        row = make_row(model, cast)
        for pattern in admin.urls:
            taken = pattern.pattern.regex.groupindex
            if pattern.name and "entry_id" not in taken:
                arguments = [row.pk] if "object_id" in taken else []
                addresses.append(reverse(f"admin:{pattern.name}", args=arguments))
    for kind in KINDS:
        entry = make_row(kind.model, cast)
        name = f"admin:regions_market_{kind.slug}_change"
        addresses.append(reverse(name, args=[entry.market_id, entry.pk]))
    return [address for address in addresses[part::PARTS] if is_page(client.get(address))]


class TestTheWorkspace:
    def test_is_looked_at_whole(self, company: Cast) -> None:
        known = {**pages_of_members(company), **pages_of_strangers(company)}
        assert set(known) == every_page_of_the_workspace()

    @pytest.mark.parametrize("part", range(PARTS))
    def test_has_no_violation_for_members(self, company: Cast, eyes: Eyes, part: int) -> None:
        page = eyes.of(signed_in(company.leader))
        for addresses in list(pages_of_members(company).values())[part::PARTS]:
            for address in addresses:
                eyes.open(page, address)
                eyes.look(page, address, widths=(WIDE, NARROW))
        assert not eyes.found, eyes.report()

    def test_has_no_violation_for_strangers(
        self, company: Cast, eyes: Eyes, settings: Settings
    ) -> None:
        settings.OPERATOR_KEY = "the operator's own secret"
        page = eyes.of(Client())
        for addresses in pages_of_strangers(company).values():
            for address in addresses:
                eyes.open(page, address)
                eyes.look(page, address, widths=(WIDE, NARROW))
        assert not eyes.found, eyes.report()

    def test_has_no_violation_in_what_opens(self, company: Cast, eyes: Eyes) -> None:
        page = eyes.of(signed_in(company.leader))
        eyes.open(page, "/")
        for name in ("Move", "Not applicable", "Hand over"):
            page.get_by_role("link", name=name).first.click()
            form = page.locator(".panel form")
            form.wait_for()
            eyes.look(page, f"{name}, opened", widths=(WIDE, NARROW))
            form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
            page.locator(".panel .error").first.wait_for()
            eyes.look(page, f"{name}, not accepted", widths=(WIDE, NARROW))
            page.keyboard.press("Escape")
            form.wait_for(state="detached")
        page.get_by_role("button", name="Done", exact=True).first.click()
        page.locator(".row.closed").wait_for()
        eyes.look(page, "done")
        page.get_by_role("button", name="Keys").click()
        page.locator("#keys[open]").wait_for()
        eyes.look(page, "keys")
        page.keyboard.press("Escape")
        page.get_by_text("Why this order?").click()
        page.get_by_text("Keep this list under a name").click()
        page.locator("[data-select]").first.check()
        eyes.look(page, "some chosen", widths=(WIDE, NARROW))
        page.get_by_role("button", name="Move by working days").click()
        page.wait_for_url("**/bulk/")
        eyes.look(page, "to be confirmed", widths=(WIDE, NARROW))
        assert not eyes.found, eyes.report()

    def test_has_no_violation_where_a_form_is_not_accepted(
        self, company: Cast, eyes: Eyes, settings: Settings
    ) -> None:
        settings.OPERATOR_KEY = "the operator's own secret"
        strangers = pages_of_strangers(company)
        for client, addresses in (
            (Client(), [*strangers["login"], *strangers["invitation"], *strangers["operator"]]),
            (signed_in(company.leader), ["/me/", "/start/accounts/new/", "/imports/"]),
        ):
            page = eyes.of(client)
            for address in addresses:
                eyes.open(page, address)
                form = page.locator("main form:has(label)").last
                with page.expect_navigation():
                    form.evaluate("form => { form.noValidate = true; form.submit(); }")
                page.locator("main .error").first.wait_for()
                eyes.look(page, f"{address}, not accepted")
        assert not eyes.found, eyes.report()

    def test_has_no_violation_from_right_to_left(self, company: Cast, eyes: Eyes) -> None:
        User.objects.filter(email=company.leader.email).update(language="ar")
        page = eyes.of(signed_in(company.leader))
        for name, addresses in pages_of_members(company).items():
            if name in RIGHT_TO_LEFT:
                eyes.open(page, addresses[0])
                assert page.locator("html[dir=rtl]").count() == 1
                eyes.look(page, f"{addresses[0]} in Arabic")
                for width in (NARROW, NARROWEST):
                    page.set_viewport_size({"width": width, "height": 900})
                    assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not eyes.found, eyes.report()


class TestTheAdmin:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_has_no_violation(self, company: Cast, eyes: Eyes, part: int) -> None:
        page = eyes.of(signed_in(company.admin))
        for address in pages_of_the_admin(company, part):
            eyes.open(page, address)
            eyes.look(page, address)
        assert not eyes.found, eyes.report()

    def test_has_no_violation_in_what_opens(self, company: Cast, eyes: Eyes) -> None:
        page = eyes.of(signed_in(company.admin))
        eyes.open(page, "/admin/accounts/account/")
        page.get_by_role("button", name="Filters").press("Enter")
        page.get_by_role("heading", name="Filters").wait_for()
        eyes.look(page, "filters")
        eyes.open(page, "/admin/accounts/account/add/")
        page.get_by_role("button", name="admin@alder.example").press("Enter")
        page.get_by_role("button", name="Log out").wait_for()
        eyes.look(page, "own links")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Log out").wait_for(state="hidden")
        with page.expect_navigation():
            page.locator("#account_form").evaluate("form => form.submit()")
        page.get_by_text("This field is required.").first.wait_for()
        eyes.look(page, "an account, not accepted")
        assert not eyes.found, eyes.report()


class TestWhatIsNoPageOfItsOwn:
    def test_has_no_violation(self, company: Cast, eyes: Eyes) -> None:
        page = eyes.of(signed_in(company.csm))
        for address, status in (("/nowhere/", 404), ("/admin/login/", 403)):
            eyes.open(page, address, status=status)
            eyes.look(page, address, widths=(WIDE, NARROW))
        assert not eyes.found, eyes.report()
