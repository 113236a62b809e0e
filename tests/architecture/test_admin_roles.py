"""What each role meets in the admin: the menu, the start page, and nobody above all others."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from regions import services as regions_services
from regions.models import Assignment
from tenants.models import ApiKey, User
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast

GOVERNANCE = [
    *("Philosophy", "Principles", "Brand voice", "Local voice", "KPIs", "Targets of markets"),
    "Guardrails",
]
PLAYBOOKS = [
    *("Playbooks", "Localizations", "What deserves a localization", "Contact budgets", "Cadences"),
]
READING = [
    "Planning overview",
    *("Markets", "Cultural profiles", *GOVERNANCE, *PLAYBOOKS, "Triggers"),
    *("Accounts", "Runs", "Tasks", "Promises"),
]
STRUCTURE = [
    "Planning overview",
    *("Markets", "Regions", "Cultural profiles", *GOVERNANCE, "Settings of the organization"),
    *(*PLAYBOOKS, "Triggers", "Firings of triggers"),
    *("Accounts", "Account attributes", "Runs", "Tasks", "Promises"),
    *("Agreement links", "Corrections of agreements", "Incoming mails", "Proposals"),
    *("Region planning", "Planning passes"),
    "Members",
    "Roles",
]
MENUS = {
    "admin": [
        *(*STRUCTURE, "API keys", "Webhook endpoints", "Chat channels", "Webhook deliveries"),
        "Letters",
        "Letter preferences",
        "Calendar feeds",
        "Audit trail",
    ],
    "leader": [*STRUCTURE, "Audit trail"],
    "manager": STRUCTURE,
    "analyst": READING,
}
ABOVE_ALL = re.compile(r"is_superuser|is_staff|PermissionsMixin|has_perms?\(|user_permissions")


def menu(page: Any) -> list[tuple[str, str]]:
    """Return title and address of what the sidebar of a page offers."""
    return [
        (str(item["title"]), str(item["link"]))
        for group in page.context["sidebar_navigation"]
        for item in group["items"]
        if item["has_permission"]
    ]


@pytest.mark.parametrize("role", MENUS)
class TestTheMenu:
    def test_holds_what_the_role_has_a_use_for(self, cast: Cast, role: str) -> None:
        page = browser(getattr(cast, role)).get("/admin/")
        assert [title for title, _link in menu(page)] == MENUS[role]

    def test_leads_to_pages_that_open(self, cast: Cast, role: str) -> None:
        client = browser(getattr(cast, role))
        for title, link in menu(client.get("/admin/")):
            assert client.get(link).status_code == 200, title


class TestNobody:
    def test_is_above_a_membership(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        for flag in ("is_superuser", "is_staff"):
            monkeypatch.setattr(User, flag, True, raising=False)
        monkeypatch.setattr(User, "has_perm", lambda *_: True, raising=False)
        assert browser(cast.csm).get("/admin/", follow=True).status_code == 403
        assert browser(cast.leader).get(address(ApiKey, "changelist")).status_code == 403
        assert browser(cast.analyst).post("/admin/regions/region/add/", {}).status_code == 403

    def test_is_asked_for_by_our_code(self) -> None:
        root = Path(settings.BASE_DIR)
        ours = [
            path
            for app in settings.INSTALLED_APPS
            if (root / app).is_dir()
            for pattern in ("*.py", "*.html")
            for path in (root / app).rglob(pattern)
        ]
        assert len(ours) > 100
        assert [path for path in ours if ABOVE_ALL.search(path.read_text())] == []


class TestTheStartPage:
    def said(self, page: Any) -> str:
        """Return what waits, in one text."""
        return " ".join(point.text for point in page.context["open_points"])

    def test_names_what_waits_with_the_way_there(self, cast: Cast) -> None:
        with cast.acting():
            factories.account()
        client = browser(cast.leader)
        page = client.get("/admin/")
        assert "1 account has no owner." in self.said(page)
        assert "1 account has no cadence" in self.said(page)
        assert "not confirmed by the local team" in self.said(page)
        for point in page.context["open_points"]:
            assert client.get(point.url).status_code == 200
        listed = client.get(page.context["open_points"][0].url)
        assert len(listed.context["cl"].result_list) == 1

    def test_tells_a_manager_of_her_own_markets(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            for market in (france, japan, japan):
                factories.account(market=market)
            place = Assignment(membership=cast.manager, market=france)
            regions_services.save_assignment(place)
        assert "1 account has no owner." in self.said(browser(cast.manager).get("/admin/"))
        assert "3 accounts have no owner." in self.said(browser(cast.leader).get("/admin/"))

    def test_tells_nothing_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            factories.account()
        page = browser(cast.admin).get("/admin/")
        assert page.context["open_points"] == []
        assert "Nothing: every account has an owner" in page.content.decode()

    def test_gives_nobody_work_who_only_reads(self, cast: Cast) -> None:
        with cast.acting():
            factories.account()
        page = browser(cast.analyst).get("/admin/")
        assert "What waits" not in page.content.decode()
        assert "Daily planning" in page.content.decode()
