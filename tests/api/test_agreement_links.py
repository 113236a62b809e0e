"""Links to agreements over the API: made by who works there, shown once, ended by anybody there."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AgreementLink, Contact
from accounts.services import archive_account, remove_contact
from outbox.models import Letter
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries, signed_in

LINKS = "/api/v1/agreement-links/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(cast: Cast) -> Contact:
    """Somebody at a customer in a market where the CSM works."""
    with cast.acting():
        made: Contact = factories.contact(name="Camille Roy", email="camille@nord.example")
        save_assignment(Assignment(membership=cast.csm, market=made.account.market))
    return made


@pytest.fixture
def csm(cast: Cast) -> APIClient:
    return signed_in(cast.csm)


def make(client: APIClient, contact: Contact, **values: Any) -> Any:
    return client.post(LINKS, {"contact": str(contact.pk)} | values)


def status_of(address: str) -> int:
    return Client().get(address).status_code


class TestLinks:
    def test_are_shown_once(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        answer = make(csm, contact)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
        assert answer.headers["ETag"] == '"1"'
        made = answer.json()
        assert made["account"] == str(contact.account_id)
        assert (made["contact_name"], made["made_by"]) == ("Camille Roy", str(cast.csm.pk))
        assert status_of(made["address"]) == 200
        told = csm.get(f"{LINKS}{made['id']}/").json()
        assert told == {name: made[name] for name in made if name != "address"}
        with cast.acting():
            assert not Letter.objects.exists()

    def test_are_written_to_the_contact_alone(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        assert make(csm, contact, mail=True).json()["address"] is None
        with cast.acting():
            assert Letter.objects.get().to == "camille@nord.example"

    def test_need_an_address_to_write_to(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        with cast.acting():
            nobody = factories.contact(account=contact.account, email="")
        answer = make(csm, nobody, mail=True)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "contact")

    def test_end_the_earlier_ones_of_the_contact(self, csm: APIClient, contact: Contact) -> None:
        first, second = (make(csm, contact).json() for _ in range(2))
        assert (status_of(first["address"]), status_of(second["address"])) == (410, 200)
        listed = csm.get(LINKS).json()["results"]
        assert [link["id"] for link in listed] == [second["id"], first["id"]]
        for asked, found in (("true", second), ("false", first)):
            (link,) = csm.get(f"{LINKS}?working={asked}").json()["results"]
            assert link["id"] == found["id"]

    def test_are_revoked(self, csm: APIClient, contact: Contact) -> None:
        made = make(csm, contact).json()
        address = f"{LINKS}{made['id']}/revoke/"
        assert csm.post(address, headers={"If-Match": '"7"'}).status_code == 412
        revoked = csm.post(address, headers={"If-Match": '"1"'})
        assert (revoked.status_code, revoked.headers["ETag"]) == (200, '"2"')
        assert revoked.json()["revoked_at"]
        assert status_of(made["address"]) == 410
        assert csm.post(address).json() == revoked.json()

    def test_end_with_the_contact_whose_name_stays(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        made = make(csm, contact).json()
        with cast.acting():
            remove_contact(contact)
        assert status_of(made["address"]) == 410
        told = csm.get(f"{LINKS}{made['id']}/").json()
        assert (told["contact"], told["contact_name"]) == (None, "Camille Roy")
        assert told["version"] == 2
        assert csm.get(f"{LINKS}?working=true").json()["results"] == []

    def test_are_for_accounts_in_use(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        with cast.acting():
            archive_account(contact.account, at=timezone.now())
        answer = make(csm, contact)
        assert (answer.status_code, answer.json()["code"]) == (409, "AccountArchived")

    def test_are_made_and_revoked_by_who_works_there(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        made = make(csm, contact).json()
        for member in (cast.manager, cast.analyst):
            client = signed_in(member)
            assert make(client, contact).status_code == 403
            assert client.post(f"{LINKS}{made['id']}/revoke/").status_code == 403
            assert client.get(f"{LINKS}{made['id']}/").status_code == 200
        with cast.acting():
            assert AgreementLink.objects.get().revoked_at is None

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "contact"),
            ({"contact": None}, "contact"),
            ({"mail": "yes"}, "mail"),
            ({"expires_at": "2030-01-01T00:00:00Z"}, "expires_at"),
            ({"nonce_hash": "x"}, "nonce_hash"),
        ],
    )
    def test_take_nothing_else(
        self, csm: APIClient, contact: Contact, body: dict[str, Any], path: str
    ) -> None:
        given = {"contact": str(contact.pk)} if path != "contact" else {}
        answer = csm.post(LINKS, given | body)
        assert answer.status_code == 400
        assert [error["path"] for error in answer.json()["errors"]] == [path]

    def test_are_listed_in_a_fixed_number_of_queries(self, cast: Cast, csm: APIClient) -> None:
        counts = []
        for _ in range(2):
            make_row(AgreementLink, cast)
            make_row(AgreementLink, cast)
            with count_queries() as captured:
                assert csm.get(LINKS).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]
