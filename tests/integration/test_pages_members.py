"""The way in, the organization in force, and the pages for when something is wrong."""

from uuid import UUID

import pytest
from django.template.loader import get_template
from django.test import Client

from tenants import services
from tenants.choices import Role
from tenants.models import Membership, User
from tests.conftest import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db


def both(cast: Cast, outsiders: Cast) -> Membership:
    """Make the CSM of one organization a leader of the other."""
    with cast.acting():
        email = cast.csm.email
    with outsiders.acting():
        services.add_member(email=email, name="Sam", role=Role.LEADER)
    return cast.csm


def language_of(cast: Cast, language: str) -> None:
    """Let the CSM read pages in another language."""
    with cast.acting():
        User.objects.filter(memberships=cast.csm).update(language=language)


class TestSignIn:
    def test_by_e_mail_in_any_case_leads_to_today(self, cast: Cast) -> None:
        client = Client()
        response = client.post(
            "/login/", {"username": "CSM@alder.example", "password": PASSWORD}, follow=True
        )
        assert response.redirect_chain == [("/", 302)]
        page = response.content.decode()
        assert "CSM of Alder" in page
        assert "Alder</bdi>" in page

    def test_a_wrong_password_is_told(self, cast: Cast) -> None:
        response = Client().post("/login/", {"username": "csm@alder.example", "password": "wrong"})
        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode()

    @pytest.mark.parametrize("address", ["/", "/accounts/", f"/accounts/{UUID(int=7)}/"])
    def test_every_page_asks_for_it(self, db: None, address: str) -> None:
        response = Client().get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login/")

    def test_signing_out_needs_a_post(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        assert client.get("/logout/").status_code == 405
        assert client.post("/logout/").status_code == 302
        assert client.get("/").status_code == 302


class TestOrganization:
    def test_a_person_without_any_sees_why(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        with cast.acting():
            Membership.objects.filter(pk=cast.csm.pk).update(is_active=False)
        for address in ("/", "/accounts/", f"/accounts/{UUID(int=7)}/"):
            response = client.get(address)
            assert response.status_code == 403
            assert "You belong to no organization" in response.content.decode()

    def test_switching_puts_another_in_force(self, cast: Cast, outsiders: Cast) -> None:
        client = signed_in(both(cast, outsiders))
        assert "Switch to" in client.get("/").content.decode()
        response = client.post(
            "/organization/", {"organization": str(outsiders.organization.pk)}, format="multipart"
        )
        assert response.status_code == 302
        page = client.get("/accounts/").content.decode()
        assert "</span><bdi>Birch</bdi></summary>" in page
        assert "CS leader" in page

    def test_switching_makes_open_pages_stale(self, cast: Cast, outsiders: Cast) -> None:
        member = both(cast, outsiders)
        client = Client(enforce_csrf_checks=True)
        client.get("/login/")
        client.cookies = signed_in(member).cookies
        token = client.get("/").context["csrf_token"]
        switched = client.post(
            "/organization/",
            {"organization": str(outsiders.organization.pk), "csrfmiddlewaretoken": str(token)},
        )
        assert switched.status_code == 302
        stale = client.post(f"/tasks/{UUID(int=7)}/done/", headers={"X-CSRFToken": str(token)})
        assert stale.status_code == 403
        assert "out of date" in stale.content.decode()

    def test_a_foreign_organization_is_a_missing_one(self, cast: Cast, outsiders: Cast) -> None:
        client = signed_in(cast.csm)
        foreign, missing = (
            client.post("/organization/", {"organization": str(pk)}, format="multipart")
            for pk in (outsiders.organization.pk, UUID(int=7))
        )
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.content == missing.content
        assert "Alder" in client.get("/").content.decode()


class TestLanguage:
    def test_arabic_pages_run_from_right_to_left(self, cast: Cast) -> None:
        language_of(cast, "ar")
        page = signed_in(cast.csm).get("/").content.decode()
        assert '<html lang="ar" dir="rtl">' in page

    def test_other_pages_run_from_left_to_right(self, cast: Cast) -> None:
        page = signed_in(cast.csm).get("/").content.decode()
        assert '<html lang="en" dir="ltr">' in page


@pytest.mark.parametrize("name", ["404", "403", "403_csrf", "500"])
def test_the_pages_for_trouble_need_no_request(name: str) -> None:
    page = get_template(f"{name}.html").render({})
    assert "<h1>" in page
    assert 'href="/"' in page
