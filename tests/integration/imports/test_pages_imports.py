"""The pages on which a file becomes accounts."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.choices import ImportStatus
from accounts.models import Account, AccountImport
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, signed_in
from tests.integration.imports.files import lines
from toolkit.tables import read_table

PART = {"HX-Request": "true"}
START = "/start/accounts/"


def upload(client: Client, content: bytes, **data: str) -> Any:
    """Upload a file on the page, and follow to where it leads."""
    file = SimpleUploadedFile("crm.csv", content)
    return client.post(reverse("workspace:imports"), {"file": file} | data, follow=True)


def latest(cast: Cast) -> AccountImport:
    """Return the import that came last."""
    with cast.acting():
        return AccountImport.objects.order_by("-created_at").select_related("created_by")[0]


def address(cast: Cast, name: str = "import") -> str:
    """Return the address of a page of the import that came last."""
    return reverse(f"workspace:{name}", args=[latest(cast).pk])


def entered(page: Any) -> dict[str, str]:
    """Return what the form of a page sends when nobody touches it."""
    form = page.context["form"]
    return {
        field.html_name: field.value() or ""
        for field in form
        if field.name != "good_rows_only" and field.value() is not None
    }


def browser(member: Membership) -> Client:
    """Return a client that sends forms as a browser does."""
    client = signed_in(member)
    client.default_format = "multipart"
    return client


@pytest.fixture
def client(cast: Cast) -> Client:
    """The browser of a leader."""
    return browser(cast.leader)


class TestAPerson:
    def test_goes_from_the_file_to_the_accounts(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("Acme,France,ann@x.example,5,2027-01-01"))
        assert "Check 1 row" in page.content.decode()
        checked = client.post(address(cast, "import-options"), entered(page), follow=True)
        assert "Import 1 account" in checked.content.decode()
        done = client.post(address(cast, "import-apply"), follow=True)
        assert "The accounts are imported." in done.content.decode()
        with cast.acting():
            assert Account.objects.get().owner.email == "ann@x.example"  # type: ignore[union-attr]

    def test_is_asked_for_the_order_of_dates(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("Acme,France,,,05/06/2026"))
        assert "can be read in more than one way" in page.content.decode()
        data = entered(page) | {"date_format": "day_first"}
        client.post(address(cast, "import-options"), data)
        client.post(address(cast, "import-apply"))
        with cast.acting():
            assert str(Account.objects.get().renewal_date) == "2026-06-05"

    def test_is_asked_for_the_encoding_first(self, cast: Cast, client: Client) -> None:
        page = upload(client, "Name;Country\nMüller;DE\n".encode("cp1252"))
        assert "Say how it is encoded" in page.content.decode()
        data = {"encoding": "windows-1252", "delimiter": ""}
        page = client.post(address(cast, "import-options"), data, follow=True)
        assert "Müller" in page.content.decode()
        assert page.context["proposal"].table.delimiter == ";"

    def test_says_which_column_is_which(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("Acme,France", header="Brand,Place"))
        assert "New accounts need this: Name" in page.content.decode()
        data = entered(page) | {"column-0": "name", "column-1": "country"}
        page = client.post(address(cast, "import-options"), data, follow=True)
        # The countries are known now, and where they go.
        assert "Import 1 account" in page.content.decode()

    def test_says_where_tiers_begin(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("A,France,,9,", "B,France,,8,"))
        data = entered(page) | {"tier-1-USD": "100", "tier-2-USD": "9"}
        client.post(address(cast, "import-options"), data)
        client.post(address(cast, "import-apply"))
        with cast.acting():
            tiers = list(Account.objects.order_by("name").values_list("tier", flat=True))
        assert tiers == ["tier_2", "tier_3"]

    def test_sees_every_bad_row_and_may_take_the_good_ones(
        self, cast: Cast, client: Client
    ) -> None:
        page = upload(client, lines("A,France,,x,", "B,France,,8,"))
        page = client.post(address(cast, "import-options"), entered(page), follow=True)
        text = page.content.decode()
        assert "This is not an amount." in text
        assert "Import the good row only: 1 account" in text
        client.post(address(cast, "import-apply"))
        with cast.acting():
            assert not Account.objects.exists()
        client.post(address(cast, "import-apply"), {"good_rows_only": "1"})
        with cast.acting():
            assert Account.objects.get().name == "B"

    def test_gets_the_problems_as_a_file(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("A,France,,=x,"))
        client.post(address(cast, "import-options"), entered(page))
        response = client.get(address(cast, "import-problems") + "?as=csv")
        (row,) = read_table(response.content).rows()
        assert row.cells[:3] == ("2", "ARR", "=x")

    def test_may_change_her_mind_before_it_is_written(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("A,France,,5,"))
        client.post(address(cast, "import-options"), entered(page))
        page = client.get(address(cast) + "?edit=1")
        data = entered(page) | {"default_stage": "value"}
        client.post(address(cast, "import-options"), data)
        client.post(address(cast, "import-apply"))
        with cast.acting():
            assert Account.objects.get().stage == "value"

    def test_may_give_it_up(self, cast: Cast, client: Client) -> None:
        upload(client, lines("A,France,,5,"))
        page = client.post(address(cast, "import-cancel"), follow=True)
        assert "Nothing was written." in page.content.decode()
        assert latest(cast).status == ImportStatus.CANCELLED

    def test_is_led_back_to_where_she_came_from(self, cast: Cast, client: Client) -> None:
        page = upload(client, lines("A,France,,5,"), next=START)
        data = entered(page) | {"next": START}
        page = client.post(address(cast, "import-options"), data, follow=True)
        page = client.post(address(cast, "import-apply"), {"next": START}, follow=True)
        assert f'href="{START}"' in page.content.decode()

    def test_is_led_nowhere_else(self, cast: Cast, client: Client) -> None:
        page = client.get(reverse("workspace:imports") + "?next=https://evil.example/")
        assert "evil.example" not in page.content.decode()

    def test_is_told_what_is_wrong_with_a_file(self, client: Client) -> None:
        page = upload(client, b"%PDF-1.7")
        assert page.status_code == 422
        assert "This is not a table." in page.content.decode()


class TestARunningImport:
    @pytest.fixture
    def running(self, cast: Cast, client: Client) -> AccountImport:
        upload(client, lines("A,France,,5,"))
        with cast.acting():
            AccountImport.objects.update(status=ImportStatus.CHECKING)
        return latest(cast)

    def test_shows_how_far_it_is(self, cast: Cast, client: Client, running: AccountImport) -> None:
        from accounts.imports.progress import Step, tell

        tell(running, Step.JUDGING, 30, 100)
        text = client.get(address(cast), headers=PART).content.decode()
        assert 'value="30" max="100"' in text
        assert "<html" not in text

    def test_shows_the_whole_page_once_it_ends(
        self, cast: Cast, client: Client, running: AccountImport
    ) -> None:
        with cast.acting():
            AccountImport.objects.update(status=ImportStatus.UPLOADED)
        assert client.get(address(cast), headers=PART).headers["HX-Refresh"] == "true"

    def test_cannot_be_changed(self, cast: Cast, client: Client, running: AccountImport) -> None:
        page = client.post(address(cast, "import-apply"), follow=True)
        assert "being worked on" in page.content.decode()


class TestWhoeverMayNot:
    @pytest.mark.parametrize(
        "name", ["import", "import-options", "import-apply", "import-cancel", "import-problems"]
    )
    def test_belongs_to_another_organization(
        self, cast: Cast, outsiders: Cast, client: Client, name: str
    ) -> None:
        upload(client, lines("A,France,,5,"))
        other = browser(outsiders.leader)
        method = "get" if name in ("import", "import-problems") else "post"
        assert getattr(other, method)(address(cast, name)).status_code == 404

    def test_only_reads(self, cast: Cast) -> None:
        analyst = browser(cast.analyst)
        assert analyst.get(reverse("workspace:imports")).status_code == 403
        page = analyst.get(reverse("workspace:accounts"))
        assert reverse("workspace:imports") not in page.content.decode()


class TestTheListOfAccounts:
    def test_is_exported_as_it_is_filtered(self, cast: Cast, client: Client) -> None:
        with cast.acting():
            factories.account(name="Acme")
            factories.account(name="Beta")
        page = client.get(reverse("workspace:accounts") + "?q=be").content.decode()
        assert "/accounts/export/?q=be&amp;as=csv" in page
        for kind in ("csv", "xlsx"):
            response = client.get(f"/accounts/export/?q=be&as={kind}")
            (row,) = read_table(response.content).rows()
            assert row.cells[0] == "Beta"

    def test_is_exported_in_known_kinds_only(self, client: Client) -> None:
        assert client.get("/accounts/export/?as=pdf").status_code == 404

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_begins_with_an_empty_file(self, client: Client, kind: str) -> None:
        response = client.get(reverse("workspace:import-template") + f"?as={kind}")
        assert read_table(response.content).header == (
            "Name",
            "Country",
            "Owner e-mail",
            "ARR",
            "Renewal date",
        )
