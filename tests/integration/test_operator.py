"""The operator's page: how organizations come, and what nobody else learns there."""

import re
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import signing
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from outbox.models import Letter
from tenants.authentication import memberships_of
from tenants.context import acting_for
from tenants.models import AuditEntry, Organization, User
from tests.admin_pages import browser
from tests.conftest import Cast
from tests.integration.test_passwords import counting as counting
from tests.mail_server import links_in
from workspace.views.operator import SALT

pytestmark = pytest.mark.django_db

KEY = "the operator's own secret"
FORM = {
    "key": KEY,
    "name": "Cedar & Co",
    "slug": "",
    "admin_name": "Eve",
    "admin_email": "Eve@cedar.example",
    "language": "fr",
}


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.OPERATOR_KEY = KEY


def words(response: Any) -> str:
    """Return what a person reads."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def acting_for_made(page: str) -> AbstractContextManager[None]:
    """Act for the organization that a page tells of."""
    organization_id, _membership_id = signing.loads(page.split("/")[2], salt=SALT)
    return acting_for(UUID(organization_id), door="test")


class TestThePage:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_not_there_without_a_key(self, settings: Settings, method: str) -> None:
        settings.OPERATOR_KEY = ""
        for page in ("/operator/", "/operator/x/"):
            assert getattr(Client(), method)(page, FORM | {"key": ""}).status_code == 404

    def test_names_no_organization(self, cast: Cast, outsiders: Cast) -> None:
        page = words(Client().get("/operator/"))
        assert "Alder" not in page
        assert "Birch" not in page

    def test_needs_a_token_against_forgery(self, db: None) -> None:
        assert Client(enforce_csrf_checks=True).post("/operator/", FORM).status_code == 403

    @pytest.mark.parametrize("key", ["", "wrong", KEY + "x", "ключ", "x" * 5000])
    def test_wants_the_key(self, cast: Cast, key: str) -> None:
        response = Client().post("/operator/", FORM | {"key": key, "slug": "alder"})
        assert response.status_code == 422
        assert "in use" not in words(response)
        assert not User.objects.filter(email="eve@cedar.example").exists()

    def test_keeps_no_key_in_the_form(self, db: None) -> None:
        response = Client().post("/operator/", FORM | {"admin_email": "eve"})
        assert response.status_code == 422
        assert KEY.replace("'", "&#x27;") not in response.content.decode()

    def test_is_no_place_to_guess(self, counting: None) -> None:
        statuses = [
            Client().post("/operator/", FORM | {"key": "wrong"}).status_code for _ in range(5)
        ]
        assert statuses == [422] * 4 + [429]


class TestANewOrganization:
    def test_has_an_admin_who_joins_by_the_letter(self, db: None) -> None:
        client = Client()
        made = client.post("/operator/", FORM, follow=True)
        assert "Cedar &amp; Co is there" in words(made)
        assert "eve@cedar.example is on its way" in words(made)
        page = made.redirect_chain[0][0]
        eve = Client()
        with acting_for_made(page):
            (link,) = set(links_in(Letter.objects.get().text))
        joined = eve.post(
            link, {"name": "Eve", "password": "a phrase nobody guesses", "language": "fr"}
        )
        assert joined.status_code == 302
        (identity,) = memberships_of(User.objects.get(email="eve@cedar.example"))
        assert (identity.organization_slug, identity.role) == ("cedar-co", "admin")
        assert "has joined" in words(client.get(page))

    def test_is_shown_with_what_became_of_the_letter(self, db: None) -> None:
        client = Client()
        page = client.post("/operator/", FORM).headers["Location"]
        for values, said in (
            ({"failure": "no route"}, "tried again, as it could not be sent: no route"),
            ({"sent_at": Now()}, "eve@cedar.example left on"),
            ({"sent_at": None, "parked_at": Now()}, "was given up: no route"),
        ):
            with acting_for_made(page):
                Letter.objects.update(**values)
            assert said in words(client.get(page))

    def test_is_shown_for_an_hour_to_who_has_the_address(self, db: None) -> None:
        with time_machine.travel("2026-05-14T09:00:00+00:00", tick=False) as clock:
            page = Client().post("/operator/", FORM).headers["Location"]
            assert Client().get(page).status_code == 200
            clock.shift(3601)
            assert Client().get(page).status_code == 404
        assert Client().get("/operator/nonsense/").status_code == 404

    def test_says_that_a_short_name_is_in_use_and_leaves_nothing(self, cast: Cast) -> None:
        response = Client().post("/operator/", FORM | {"slug": "alder"})
        assert response.status_code == 409
        assert "“alder” is in use" in words(response)

    def test_needs_letters_for_its_short_name(self, db: None) -> None:
        response = Client().post("/operator/", FORM | {"name": "日本"})
        assert response.status_code == 409
        assert "small Latin letters" in words(response)
        made = Client().post("/operator/", FORM | {"name": "日本", "slug": "nihon"})
        assert made.status_code == 302

    def test_does_not_touch_the_organization_of_who_is_signed_in(self, cast: Cast) -> None:
        client = browser(cast.csm)
        page = client.post("/operator/", FORM).headers["Location"]
        with cast.acting():
            assert not Letter.objects.exists()
        with acting_for_made(page):
            assert [each.slug for each in Organization.objects.all()] == ["cedar-co"]
            doors = set(AuditEntry.objects.values_list("door", flat=True))
        assert doors == {"operator"}
