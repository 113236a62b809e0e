"""Which letters a member wants, said on her page, and at the end of every letter."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from engagement.choices import LetterKind
from engagement.models import LetterPreference
from engagement.services import WayOut, preference_of
from tenants.models import AuditEntry
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

ALL = {"digest": "on", "digest_at": "07:30", "hand_overs": "on", "mentions": "on"}


def preference(cast: Cast) -> LetterPreference:
    with cast.acting():
        return preference_of(cast.csm)


def way_out(cast: Cast, kind: LetterKind = LetterKind.DIGEST) -> str:
    address = WayOut(cast.organization.pk, cast.csm.pk, kind).address()
    return urlsplit(address).path


class TestTheProfile:
    def test_offers_all_letters_to_who_has_said_nothing(self, cast: Cast) -> None:
        page = signed_in(cast.csm).get("/me/").content.decode()
        assert len(re.findall("id_letters_[^>]* checked", page)) == 3
        assert 'value="07:30"' in page
        with cast.acting():
            assert not LetterPreference.objects.exists()

    def test_keeps_what_she_wants(self, cast: Cast) -> None:
        client = signed_in(cast.csm)
        for time in ("06:45", "08:00"):
            body = {"digest": "on", "digest_at": time, "mentions": "on"}
            answer = client.post("/me/letters/", body, format="multipart", follow=True)
            assert "as you want them" in answer.content.decode()
        kept = preference(cast)
        assert (kept.digest, kept.hand_overs, kept.mentions) == (True, False, True)
        assert (kept.digest_at, kept.version) == (dt.time(8, 0), 2)

    def test_tells_what_is_no_time(self, cast: Cast) -> None:
        answer = signed_in(cast.csm).post(
            "/me/letters/", ALL | {"digest_at": "25:00"}, format="multipart"
        )
        assert answer.status_code == 422
        assert 'id="id_letters_digest_at_error"' in answer.content.decode()

    def test_is_her_own_alone(self, cast: Cast) -> None:
        signed_in(cast.leader).post("/me/letters/", {"digest_at": "07:30"}, format="multipart")
        assert preference(cast).digest


class TestTheWayOut:
    def test_changes_nothing_by_looking(self, cast: Cast) -> None:
        page = Client().get(way_out(cast))
        assert page.status_code == 200
        assert "The letter of the morning" in page.content.decode()
        assert "Alder" in page.content.decode()
        assert preference(cast).digest

    def test_is_one_click_for_a_mail_program(self, cast: Cast) -> None:
        program = Client(enforce_csrf_checks=True)
        for _time in range(2):
            answer = program.post(way_out(cast), {"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        kept = preference(cast)
        assert (kept.digest, kept.hand_overs, kept.version) == (False, True, 1)
        with cast.acting():
            entry = AuditEntry.objects.get(table="engagement_letterpreference")
        assert (entry.actor_id, entry.door) == (cast.csm.pk, "page")

    @pytest.mark.parametrize("kind", LetterKind)
    def test_is_for_letters_of_its_kind_and_can_be_taken_back(
        self, cast: Cast, kind: LetterKind
    ) -> None:
        client = Client()
        client.post(way_out(cast, kind), {"stop": ""})
        unwanted = preference(cast)
        assert [each for each in LetterKind if not getattr(unwanted, each)] == [kind]
        assert "again" in client.post(way_out(cast, kind), {"again": ""}).content.decode()
        assert getattr(preference(cast), kind)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_that_is_none_of_ours_leads_nowhere(self, cast: Cast, method: str) -> None:
        forged = way_out(cast)[:-2] + "x/"
        assert getattr(Client(), method)(forged).status_code == 410

    def test_of_a_member_of_another_organization_leads_nowhere(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        mixed = WayOut(outsiders.organization.pk, cast.csm.pk, LetterKind.DIGEST).address()
        assert Client().post(urlsplit(mixed).path).status_code == 410
        assert preference(cast).digest

    def test_works_for_who_is_signed_in_elsewhere(self, cast: Cast, outsiders: Cast) -> None:
        signed_in(outsiders.csm).post(way_out(cast), {}, format="multipart")
        assert not preference(cast).digest
        with outsiders.acting():
            assert not LetterPreference.objects.exists()
