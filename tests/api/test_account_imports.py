"""Importing and exporting accounts through the API."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Account, AccountImport
from tenants import services as tenants_services
from tenants.choices import Scope
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.imports.files import lines
from toolkit.tables import MOST_BYTES, read_table

IMPORTS = "/api/v1/account-imports/"
EXPORT = "/api/v1/accounts/export/"
ACME = lines("Acme,France,,5,2027-01-01")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(client: APIClient, content: bytes = ACME) -> Any:
    """Upload a file as the body."""
    return client.post(IMPORTS, content, content_type="text/csv")


def act(client: APIClient, made: dict[str, Any], action: str) -> Any:
    """Ask for an action on an import."""
    return client.post(f"{IMPORTS}{made['id']}/{action}/")


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    """The API client of a leader."""
    return signed_in(cast.leader)


class TestAFile:
    def test_goes_from_upload_to_accounts(self, cast: Cast, leader: APIClient) -> None:
        made = upload(leader).json()
        assert (made["status"], made["rows"], made["options"]) == ("uploaded", None, {})
        proposal = leader.get(f"{IMPORTS}{made['id']}/proposal/").json()
        assert proposal["is_complete"]
        assert [column["field"] for column in proposal["columns"]] == [
            "name",
            "country",
            "owner_email",
            "arr",
            "renewal_date",
        ]
        assert proposal["countries"] == [{"value": "France", "count": 1, "choice": "adopt:FR"}]
        checked = act(leader, made, "check").json()
        assert (checked["status"], checked["new_rows"]) == ("checked", 1)
        assert checked["additions"] == {"markets": ["FR"], "members": []}
        done = act(leader, made, "apply").json()
        assert (done["status"], done["new_rows"], done["bad_rows"]) == ("done", 1, 0)
        with cast.acting():
            assert Account.objects.get().name == "Acme"

    def test_is_taken_as_part_of_a_form(self, leader: APIClient) -> None:
        file = SimpleUploadedFile("crm.csv", ACME, content_type="text/csv")
        response = leader.post(IMPORTS, {"file": file}, format="multipart")
        assert response.status_code == 201
        assert response.json()["name"] == "crm.csv"

    def test_is_named_by_its_header(self, leader: APIClient) -> None:
        named = {"Content-Disposition": 'attachment; filename="crm.csv"'}
        response = leader.post(IMPORTS, ACME, content_type="text/csv", headers=named)
        assert response.json()["name"] == "crm.csv"

    def test_is_corrected_by_options(self, cast: Cast, leader: APIClient) -> None:
        made = upload(leader, lines("Acme,France,,5,05/06/2026")).json()
        assert leader.get(f"{IMPORTS}{made['id']}/proposal/").json()["asks_date_format"]
        changed = leader.patch(
            f"{IMPORTS}{made['id']}/",
            {"options": {"date_format": "day_first"}},
            headers={"If-Match": f'"{made["version"]}"'},
        ).json()
        assert changed["options"] == {"date_format": "day_first"}
        act(leader, made, "check")
        assert act(leader, made, "apply").json()["status"] == "done"
        with cast.acting():
            assert str(Account.objects.get().renewal_date) == "2026-06-05"

    def test_keeps_the_options_that_are_not_given(self, leader: APIClient) -> None:
        made = upload(leader).json()
        for options in ({"date_format": "day_first"}, {"good_rows_only": True}):
            made = leader.patch(
                f"{IMPORTS}{made['id']}/",
                {"options": options},
                headers={"If-Match": f'"{made["version"]}"'},
            ).json()
        assert made["options"] == {"date_format": "day_first", "good_rows_only": True}

    def test_tells_every_bad_row(self, leader: APIClient) -> None:
        made = upload(leader, lines("Acme,France,,x,", "Beta,France,,y,")).json()
        assert act(leader, made, "check").json()["bad_rows"] == 2
        refused = act(leader, made, "apply")
        assert (refused.status_code, refused.json()["code"]) == (409, "ImportNotClean")
        address = f"/api/v1/account-import-problems/?account_import={made['id']}&page_size=1"
        page = leader.get(address).json()
        assert [(row["row"], row["column"], row["value"]) for row in page["results"]] == [
            (2, "ARR", "x")
        ]
        assert leader.get(page["next"]).json()["results"][0]["row"] == 3

    def test_can_be_given_up(self, leader: APIClient) -> None:
        made = upload(leader).json()
        assert act(leader, made, "cancel").json()["status"] == "cancelled"
        assert act(leader, made, "check").json()["code"] == "ImportOver"


class TestWhatIsRefused:
    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\0\0", b"\xd0\xcf\x11\xe0 old"])
    def test_is_no_table(self, leader: APIClient, content: bytes) -> None:
        response = upload(leader, content)
        assert response.status_code == 400
        assert response.json()["errors"][0]["path"] == "file"

    def test_is_too_large(self, leader: APIClient) -> None:
        assert upload(leader, b"x" * (MOST_BYTES + 1)).status_code == 413

    def test_is_a_form_without_a_file(self, leader: APIClient) -> None:
        response = leader.post(IMPORTS, {}, format="multipart")
        assert response.json()["errors"][0]["path"] == "file"

    def test_is_another_type(self, leader: APIClient) -> None:
        response = leader.post(IMPORTS, b"x", content_type="application/pdf")
        assert response.status_code == 415

    @pytest.mark.parametrize(
        ("options", "path"),
        [
            ({"encodin": "utf-8"}, "encodin"),
            ({"date_format": "guess"}, "date_format"),
            ({"columns": {"Name": "nam"}}, "columns"),
            ({"countries": {"FR": "FR"}}, "countries"),
            ({"tier_floors": {"EUR": ["1", "2"]}}, "tier_floors"),
            ({"good_rows_only": "yes"}, "good_rows_only"),
            ({"default_start_date": "1.2.2026"}, "default_start_date"),
            ({"default_currency": "euro"}, "default_currency"),
            ([], "options"),
        ],
    )
    def test_is_an_option_that_makes_no_sense(
        self, leader: APIClient, options: Any, path: str
    ) -> None:
        made = upload(leader).json()
        response = leader.patch(
            f"{IMPORTS}{made['id']}/",
            {"options": options},
            headers={"If-Match": f'"{made["version"]}"'},
        )
        assert response.status_code == 400
        assert response.json()["errors"][0]["path"] == path

    def test_is_an_analyst(self, cast: Cast) -> None:
        assert upload(signed_in(cast.analyst)).status_code == 403

    def test_is_a_key_that_only_reads(self, cast: Cast) -> None:
        with cast.acting():
            _, text = tenants_services.create_api_key(
                membership=cast.leader, name="sync", scope=Scope.READ
            )
        client = APIClient(headers={"Authorization": f"Bearer {text}"})
        assert upload(client).status_code == 403
        assert client.get(EXPORT).status_code == 200


class TestAnotherOrganization:
    @pytest.mark.parametrize("action", ["check", "apply", "cancel"])
    def test_cannot_touch_an_import(self, cast: Cast, outsiders: Cast, action: str) -> None:
        made = upload(signed_in(cast.leader)).json()
        assert act(signed_in(outsiders.leader), made, action).status_code == 404

    def test_sees_neither_file_nor_problems(self, cast: Cast, outsiders: Cast) -> None:
        client = signed_in(cast.leader)
        made = upload(client, lines("Acme,France,,x,")).json()
        act(client, made, "check")
        other = signed_in(outsiders.leader)
        assert other.get(f"{IMPORTS}{made['id']}/proposal/").status_code == 404
        address = f"/api/v1/account-import-problems/?account_import={made['id']}"
        assert other.get(address).json()["results"] == []


class TestAnExport:
    @pytest.fixture
    def accounts(self, cast: Cast) -> None:
        with cast.acting():
            factories.account(name="=Acme", tier="tier_1")
            factories.account(name="Beta", tier="tier_2")

    def names(self, response: Any) -> list[Any]:
        assert response.status_code == 200
        return [row.cells[0] for row in read_table(response.content).rows()]

    @pytest.mark.usefixtures("accounts")
    def test_keeps_what_the_filters_keep(self, leader: APIClient) -> None:
        assert self.names(leader.get(EXPORT)) == ["=Acme", "Beta"]
        assert self.names(leader.get(f"{EXPORT}?tier=tier_2")) == ["Beta"]

    @pytest.mark.usefixtures("accounts")
    def test_is_a_workbook_for_whoever_asks(self, leader: APIClient) -> None:
        response = leader.get(f"{EXPORT}?as=xlsx")
        assert response["Content-Type"] == XLSX
        assert response["Content-Disposition"] == 'attachment; filename="accounts.xlsx"'
        assert self.names(response) == ["=Acme", "Beta"]

    @pytest.mark.usefixtures("accounts")
    def test_runs_no_formula(self, leader: APIClient) -> None:
        assert b"'=Acme" in leader.get(EXPORT).content

    def test_holds_nothing_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            factories.account(name="Canary")
        assert self.names(signed_in(cast.leader).get(EXPORT)) == []

    @pytest.mark.parametrize("query", ["as=pdf", "format=csv", "cursor=x", "tier=tier_9"])
    def test_refuses_what_it_does_not_know(self, leader: APIClient, query: str) -> None:
        response = leader.get(f"{EXPORT}?{query}")
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"

    def test_is_negotiated(self, leader: APIClient) -> None:
        for accepted in ("text/csv", XLSX, "*/*"):
            assert leader.get(EXPORT, headers={"Accept": accepted}).status_code == 200

    def test_runs_as_few_queries_for_many_as_for_few(self, cast: Cast, leader: APIClient) -> None:
        with count_queries() as few:
            leader.get(EXPORT)
        with cast.acting():
            for _ in range(5):
                factories.account()
        with count_queries() as many:
            leader.get(EXPORT)
        assert len(few) == len(many)


def test_a_list_of_imports_does_not_load_their_files(cast: Cast) -> None:
    client = signed_in(cast.leader)
    upload(client)
    upload(client)
    with count_queries() as captured:
        assert len(client.get(IMPORTS).json()["results"]) == 2
    assert not any('"content"' in query["sql"] for query in captured.captured_queries)
    with cast.acting():
        assert AccountImport.objects.count() == 2
