"""The roles that steps of playbooks name: shipped ones, own ones, and their pages in the admin."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from talent.choices import Level
from talent.models import Role
from talent.services import (
    RoleArchived,
    adopt_starting_roles,
    archive_role,
    restore_role,
    save_role,
)
from tests.admin_pages import address, browser, shown_form, typed
from tests.conftest import Cast
from toolkit.tables import read_table

PRESSED = {"_form_submitted": "True"}
AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
SHIPPED = {
    "local_csm": Level.LOCAL,
    "regional_lead": Level.REGIONAL,
    "hq_specialist": Level.HQ,
    "executive_sponsor": Level.HQ,
    "renewals_manager": Level.REGIONAL,
    "onboarding_specialist": Level.REGIONAL,
}


class TestTheShippedRoles:
    def test_are_adopted_once(self, acting: Cast) -> None:
        added = adopt_starting_roles()
        assert {role.code: role.level for role in added} == SHIPPED
        assert all(role.name and role.description.endswith(".") for role in added)
        assert adopt_starting_roles() == []
        assert Role.objects.count() == len(SHIPPED)

    def test_leave_own_roles_as_they_are(self, acting: Cast) -> None:
        save_role(Role(code="local_csm", name="Our CSM", level="regional"))
        assert {role.code for role in adopt_starting_roles()} == SHIPPED.keys() - {"local_csm"}
        assert Role.objects.get(code="local_csm").name == "Our CSM"

    def test_do_not_come_back_once_archived(self, acting: Cast) -> None:
        for role in adopt_starting_roles():
            archive_role(role, at=AT)
        assert adopt_starting_roles() == []

    def test_are_each_organizations_own(self, cast: Cast, outsiders: Cast) -> None:
        for each in (cast, outsiders):
            with each.acting():
                assert len(adopt_starting_roles()) == len(SHIPPED)


class TestARole:
    def test_has_a_code_of_its_own(self, acting: Cast) -> None:
        save_role(Role(code="partner", name="Partner"))
        with pytest.raises(ValidationError, match="There is a role with this code"):
            save_role(Role(code="partner", name="Another"))

    def test_is_archived_once_and_restored(self, acting: Cast) -> None:
        role = archive_role(save_role(Role(code="partner", name="Partner")), at=AT)
        assert role.archived_at == AT
        with pytest.raises(RoleArchived, match="Partner is archived already"):
            archive_role(role, at=AT)
        assert restore_role(role).archived_at is None
        assert role.version == 3


class TestTheAdmin:
    @pytest.fixture
    def leader(self, cast: Cast) -> Client:
        return browser(cast.leader)

    def test_offers_the_shipped_roles_while_one_is_missing(
        self, cast: Cast, leader: Client
    ) -> None:
        url, offer = address(Role, "changelist"), "Start from the shipped roles"
        page = leader.get(url).content.decode()
        assert page.count(offer) > page.count("No role fits")
        adopt = address(Role, "adopt")
        assert "yours stay as they are" in leader.get(adopt).content.decode()
        with cast.acting():
            assert not Role.objects.exists()
        done = leader.post(adopt, PRESSED, follow=True)
        assert done.redirect_chain[-1] == (url, 302)
        assert "6 roles added." in done.content.decode()
        assert offer not in done.content.decode()
        with cast.acting():
            Role.objects.filter(code="local_csm").delete()
        assert offer in leader.get(url).content.decode()
        assert "1 role added." in leader.post(adopt, PRESSED, follow=True).content.decode()

    def test_keeps_the_code_of_a_role_that_is_there(self, cast: Cast, leader: Client) -> None:
        form = {"code": "partner", "name": "Partner", "level": "local", "description": ""}
        assert leader.post(address(Role, "add"), form).status_code == 302
        with cast.acting():
            role = Role.objects.get()
        url = address(Role, "change", role.pk)
        changed = typed(shown_form(leader.get(url)), name="Partner manager", code="changed")
        assert leader.post(url, changed).status_code == 302
        with cast.acting():
            role.refresh_from_db()
        assert (role.code, role.name) == ("partner", "Partner manager")

    def test_archives_and_restores(self, cast: Cast, leader: Client) -> None:
        with cast.acting():
            role = save_role(Role(code="partner", name="Partner"))
        leader.post(address(Role, "archive", role.pk), PRESSED)
        assert "Partner" not in _names(leader.get(address(Role, "changelist")))
        leader.post(address(Role, "restore", role.pk), PRESSED)
        assert "Partner" in _names(leader.get(address(Role, "changelist")))

    def test_exports(self, cast: Cast, leader: Client) -> None:
        with cast.acting():
            adopt_starting_roles()
        found = read_table(leader.get(address(Role, "export")).content)
        assert found.header[:3] == ("Code", "Name", "Level")
        assert {row.cells[0] for row in found.rows()} == set(SHIPPED)

    @pytest.mark.parametrize("who", ["manager", "analyst"])
    def test_lets_only_read_who_does_not_answer_for_all(self, cast: Cast, who: str) -> None:
        with cast.acting():
            role = save_role(Role(code="partner", name="Partner"))
        client = browser(getattr(cast, who))
        assert client.get(address(Role, "changelist")).status_code == 200
        assert client.get(address(Role, "change", role.pk)).status_code == 200
        for page in ("add", "adopt"):
            assert client.post(address(Role, page), PRESSED).status_code == 403
        for page in ("change", "archive"):
            assert client.post(address(Role, page, role.pk), PRESSED).status_code == 403


def _names(page: object) -> list[str]:
    return [role.name for role in page.context["cl"].result_list]  # type: ignore[attr-defined]
