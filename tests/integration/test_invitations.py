"""How people come: invited by mail, joined by the link in it, in one organization or in two."""

import datetime as dt
import logging
import re
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from outbox.models import Letter
from talent.models import WorkProfile
from tenants import services
from tenants.authentication import SESSION_KEY, memberships_of
from tenants.choices import Role, Scope
from tenants.models import AuditEntry, Invitation, Membership, User
from tests import factories
from tests.admin_pages import browser
from tests.conftest import PASSWORD, Cast, user_of
from tests.mail_server import links_in

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 14, 9, tzinfo=dt.UTC)
NEW_PASSWORD = "a phrase that nobody guesses"


def invite(cast: Cast, email: str = "noor@new.example", **values: Any) -> str:
    """Invite somebody and return the path of the link in her letter."""
    person = services.Person(email, **{"name": "Noor", "role": Role.CSM} | values)
    with cast.acting():
        services.invite_person(person, by=cast.leader, at=NOW, language="en")
        return newest_link(email)


def newest_link(email: str) -> str:
    letter = Letter.objects.filter(to=email).latest("created_at")
    return links_in(letter.text)[0]


def member(cast: Cast, email: str = "noor@new.example") -> Membership:
    with cast.acting():
        return Membership.objects.select_related("user").get(email=email)


def form(**values: Any) -> dict[str, Any]:
    return {"name": "Noor Haddad", "password": NEW_PASSWORD, "language": "ar"} | values


def words(response: Any) -> str:
    """Return what a person reads."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class TestTheLetter:
    def test_says_who_invites_where_to_and_how_long(self, cast: Cast) -> None:
        invite(cast)
        with cast.acting():
            letter = Letter.objects.get()
        assert (letter.to, letter.has_secret) == ("noor@new.example", True)
        assert letter.subject == "Your invitation to Alder"
        assert "\u2068CS leader of Alder\u2069 invites you" in letter.text
        assert "for 14 days" in letter.text
        assert links_in(letter.text)[0] in letter.html.replace("&#x27;", "'")

    def test_is_the_same_whether_the_address_is_known_or_not(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        invite(cast, "noor@new.example")
        invite(cast, "csm@birch.example")
        with cast.acting():
            texts = {
                letter.text.replace(links_in(letter.text)[0], "<link>")
                for letter in Letter.objects.all()
            }
        assert len(texts) == 1

    def test_escapes_what_people_are_called(self, cast: Cast) -> None:
        invite(cast, name="<b>Noor</b>\r\nBcc: everybody@example.com")
        with cast.acting():
            letter = Letter.objects.get()
        assert "<b>Noor" not in letter.html
        assert "\n" not in letter.subject

    @pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("xx", "ltr")])
    def test_runs_in_the_direction_of_its_language(
        self, cast: Cast, language: str, direction: str
    ) -> None:
        with cast.acting():
            services.invite_person(
                services.Person("noor@new.example"), by=None, at=NOW, language=language
            )
            assert f'dir="{direction}"' in Letter.objects.get().html

    def test_does_not_put_the_link_into_the_database_twice(self, cast: Cast) -> None:
        link = invite(cast)
        secret = services.Ticket.read(link.split("/")[2]).nonce
        with cast.acting():
            kept = str(list(Invitation.objects.values()))
            audited = str(list(AuditEntry.objects.values("before", "after")))
        assert secret not in kept
        assert secret not in audited


class TestAccepting:
    def test_makes_a_user_with_password_language_and_clock(self, cast: Cast) -> None:
        with cast.acting():
            home = factories.market("AE")
        link = invite(cast)
        client = Client()
        page = client.get(link)
        assert page.status_code == 200
        assert 'data-zone="Asia/Dubai"' in page.content.decode()
        done = client.post(link, form(home_market=home.pk))
        assert (done.status_code, done.headers["Location"]) == (302, "/")
        joined = member(cast)
        assert (joined.name, joined.has_joined) == ("Noor Haddad", True)
        assert joined.user is not None
        assert (joined.user.email, joined.user.language) == ("noor@new.example", "ar")
        assert joined.user.check_password(NEW_PASSWORD)
        with cast.acting():
            assert WorkProfile.objects.get(membership=joined).home_market_id == home.pk
            invitation = Invitation.objects.get(membership=joined)
        assert invitation.accepted_at == NOW
        assert 'dir="rtl"' in client.get("/").content.decode()

    def test_is_audited_as_her_own_doing(self, cast: Cast) -> None:
        Client().post(invite(cast), form())
        joined = member(cast)
        with cast.acting():
            entry = AuditEntry.objects.filter(row_id=joined.pk, action="update").latest("id")
        assert (entry.actor_id, entry.door) == (joined.pk, "page")

    def test_needs_no_market_where_none_is_yet(self, cast: Cast) -> None:
        link = invite(cast)
        assert "home_market" not in Client().get(link).content.decode()
        assert Client().post(link, form()).status_code == 302

    def test_looking_changes_nothing(self, cast: Cast) -> None:
        link = invite(cast)
        for method in ("get", "head"):
            assert getattr(Client(), method)(link).status_code == 200
        assert not member(cast).has_joined
        assert not User.objects.filter(email="noor@new.example").exists()

    def test_leaves_the_link_out_of_the_logs(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        handlers = logging.getLogger().handlers
        ours = next(each for each in handlers if isinstance(each.formatter, ProcessorFormatter))
        stream = StringIO()
        monkeypatch.setattr(ours, "stream", stream)
        link = invite(cast)
        Client().get(link)
        Client().post(link, form())
        Client().get(link)
        logged = stream.getvalue()
        assert "GET /invitation/***/" in logged
        assert "Gone: /invitation/***/" in logged
        assert link not in logged

    def test_keeps_the_page_out_of_caches_and_other_sites(self, cast: Cast) -> None:
        response = Client().get(invite(cast))
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("password", ["short", "password12", "1234567890123", "noor haddad"])
    def test_wants_a_password_that_is_hard_to_guess(self, cast: Cast, password: str) -> None:
        response = Client().post(invite(cast), form(password=password))
        assert response.status_code == 422
        assert "error" in response.content.decode()
        assert not User.objects.filter(email="noor@new.example").exists()

    def test_takes_no_market_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        with outsiders.acting():
            foreign = factories.market("JP")
        link = invite(cast)
        answers = [
            words(Client().post(link, form(home_market=pk))).replace(str(pk), "")
            for pk in (foreign.pk, UUID(int=7))
        ]
        assert answers[0] == answers[1]
        assert not member(cast).has_joined

    def test_needs_a_token_against_forgery(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        assert client.post(invite(cast), form()).status_code == 403


class TestALinkThatIsOver:
    def assert_over(self, link: str, *, whom: bool = True) -> None:
        for response in (Client().get(link), Client().post(link, form())):
            assert response.status_code == 410
            text = words(response)
            assert "does not work any more" in text
            assert ("Ask CS leader of Alder of Alder" in text) is whom
            assert "noor" not in text.lower()

    def test_was_used(self, cast: Cast) -> None:
        link = invite(cast)
        Client().post(link, form())
        self.assert_over(link)

    def test_was_withdrawn(self, cast: Cast) -> None:
        link = invite(cast)
        with cast.acting():
            services.withdraw_invitation(member(cast), at=NOW)
        self.assert_over(link)

    def test_is_too_old(self, cast: Cast) -> None:
        link = invite(cast)
        with time_machine.travel(NOW + dt.timedelta(days=14, seconds=1), tick=False):
            self.assert_over(link)

    def test_was_replaced_by_a_newer_one(self, cast: Cast) -> None:
        old = invite(cast)
        with cast.acting():
            services.invite_member(member(cast), by=cast.leader, at=NOW, language="en")
            new = newest_link("noor@new.example")
        self.assert_over(old)
        assert Client().get(new).status_code == 200

    def test_belongs_to_a_member_who_became_inactive(self, cast: Cast) -> None:
        link = invite(cast)
        with cast.acting():
            left = Membership.objects.get(email="noor@new.example")
            left.is_active = False
            services.save_member(left)
            self.assert_over(link)
            left.is_active = True
            services.save_member(left)
        self.assert_over(link)

    @pytest.mark.parametrize("token", ["nonsense", "W10:1abc:x", "a" * 2000, "%00", "⁦"])
    def test_never_was_one(self, cast: Cast, token: str) -> None:
        self.assert_over(f"/invitation/{token}/", whom=False)

    def test_was_signed_for_something_else(self, cast: Cast) -> None:
        from django.core import signing

        token = signing.dumps(["0" * 32, "0" * 32, "x"], salt="another purpose")
        self.assert_over(f"/invitation/{token}/", whom=False)

    def test_names_an_organization_that_is_gone(self, db: None) -> None:
        token = services.Ticket(UUID(int=1), UUID(int=2), "x").token()
        self.assert_over(f"/invitation/{token}/", whom=False)

    def test_has_the_secret_of_another_member(self, cast: Cast) -> None:
        ticket = services.Ticket.read(invite(cast).split("/")[2])
        invite(cast, "other@new.example")
        other = member(cast, "other@new.example")
        forged = services.Ticket(ticket.organization_id, other.pk, ticket.nonce)
        assert Client().get(f"/invitation/{forged.token()}/").status_code == 410


class TestAPersonOfAnotherOrganization:
    def test_signs_in_with_her_password_and_then_joins(self, cast: Cast, outsiders: Cast) -> None:
        link = invite(cast, "csm@birch.example")
        client = Client()
        assert "Sign in with that password" in words(client.get(link))
        signed = client.post(
            f"/login/?next={link}",
            {"username": "csm@birch.example", "password": PASSWORD, "next": link},
        )
        assert signed.headers["Location"] == link
        assert 'name="password"' not in client.get(link).content.decode()
        assert client.post(link, {"name": "Cyrus at Alder"}).status_code == 302
        assert "<bdi>Alder</bdi></summary>" in client.get("/").content.decode()
        here = member(cast, "csm@birch.example")
        there = member(outsiders, "csm@birch.example")
        assert here.user_id == there.user_id
        assert (here.name, there.name) == ("Cyrus at Alder", "CSM of Birch")

    def test_cannot_be_given_another_password_by_the_link(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        link = invite(cast, "csm@birch.example")
        response = Client().post(link, form())
        assert response.status_code == 409
        assert "sign in first" in words(response)
        assert User.objects.get(email="csm@birch.example").check_password(PASSWORD)
        assert not member(cast, "csm@birch.example").has_joined

    def test_makes_pages_that_are_open_elsewhere_stale(self, cast: Cast, outsiders: Cast) -> None:
        link = invite(cast, "csm@birch.example")
        client = Client(enforce_csrf_checks=True)
        client.cookies = browser(outsiders.csm).cookies
        old = str(client.get("/").context["csrf_token"])
        token = str(client.get(link).context["csrf_token"])
        joined = client.post(link, {"name": "Cyrus", "csrfmiddlewaretoken": token})
        assert joined.status_code == 302
        stale = client.post(f"/tasks/{UUID(int=7)}/done/", headers={"X-CSRFToken": old})
        assert stale.status_code == 403

    def test_does_not_join_for_somebody_else(self, cast: Cast, outsiders: Cast) -> None:
        link = invite(cast)
        client = browser(outsiders.csm)
        assert "for another address" in words(client.get(link))
        assert client.post(link, {"name": "Cyrus"}).status_code == 409
        assert not member(cast).has_joined
        out = client.post("/logout/", {"next": link})
        assert out.headers["Location"] == link
        assert "password" in client.get(link).content.decode()

    def test_who_is_a_member_with_another_address_joins_once(self, cast: Cast) -> None:
        link = invite(cast)
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(email="noor@new.example")
        response = browser(cast.csm).post(link, {"name": "Noor"})
        assert response.status_code == 409
        assert "is a member already" in words(response)

    def test_sees_her_old_organization_no_more_than_before(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with outsiders.acting():
            outsiders.csm.is_active = False
            services.save_member(outsiders.csm)
            user = user_of(outsiders.csm)
        link = invite(cast, "csm@birch.example")
        client = browser(outsiders.csm)
        assert client.post(link, {"name": "Cyrus"}).status_code == 302
        assert [each.organization_slug for each in memberships_of(user)] == ["alder"]


class TestInvitingMany:
    def test_takes_a_fixed_number_of_statements(
        self, cast: Cast, django_assert_num_queries: Any
    ) -> None:
        def prepared(number: int, prefix: str) -> list[Membership]:
            people = [services.Person(f"{prefix}{each}@new.example") for each in range(number)]
            return list(services.prepare_members(people).values())

        with cast.acting():
            for number, prefix in ((2, "few"), (30, "many")):
                members = prepared(number, prefix)
                with django_assert_num_queries(6):
                    tickets = services.invite_members(
                        members, by=cast.leader, at=NOW, language="en"
                    )
                assert len(tickets) == number
            assert Letter.objects.count() == Invitation.objects.count() == 32

    def test_leaves_out_who_joined_or_is_inactive(self, cast: Cast) -> None:
        with cast.acting():
            prepared = services.prepare_members(
                [services.Person("a@new.example"), services.Person("b@new.example")]
            )
            Membership.objects.filter(email="b@new.example").update(is_active=False)
            services.invite_members([cast.csm, *prepared.values()], by=None, at=NOW, language="en")
            assert [letter.to for letter in Letter.objects.all()] == ["a@new.example"]

    def test_stays_in_its_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            foreign = services.prepare_members([services.Person("a@new.example")])
        with cast.acting():
            assert services.invite_members(foreign.values(), by=None, at=NOW, language="en") == []


class TestRefusals:
    def test_who_has_joined_is_not_invited(self, cast: Cast) -> None:
        with cast.acting(), pytest.raises(services.AlreadyJoined):
            services.invite_member(cast.csm, by=None, at=NOW, language="en")

    def test_who_is_inactive_is_not_invited(self, cast: Cast) -> None:
        invite(cast)
        with cast.acting():
            left = Membership.objects.get(email="noor@new.example")
            left.is_active = False
            with pytest.raises(services.MemberInactive):
                services.invite_member(left, by=None, at=NOW, language="en")

    def test_what_is_not_open_is_not_withdrawn(self, cast: Cast) -> None:
        with cast.acting(), pytest.raises(services.NoInvitation):
            services.withdraw_invitation(cast.csm, at=NOW)


class TestLeaving:
    def test_revokes_keys_for_good(self, cast: Cast) -> None:
        with cast.acting():
            _key, text = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.WRITE)
        program = Client(headers={"Authorization": f"Bearer {text}"})
        statuses = []
        for active in (True, False, True):
            with cast.acting():
                cast.csm.is_active = active
                services.save_member(cast.csm)
            statuses.append(program.get("/api/v1/regions/").status_code)
        assert statuses == [200, 401, 401]

    def test_gives_no_key_to_who_left(self, cast: Cast) -> None:
        with cast.acting():
            cast.csm.is_active = False
            services.save_member(cast.csm)
            with pytest.raises(services.MemberInactive):
                services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)

    def test_ends_sessions_at_once_wherever_the_next_click_is(self, cast: Cast) -> None:
        client = browser(cast.csm)
        with cast.acting():
            cast.csm.is_active = False
            services.save_member(cast.csm)
        part = client.get("/", headers={"HX-Request": "true"})
        assert (part.status_code, client.get("/").status_code) == (403, 403)
        assert client.get("/api/v1/tasks/").status_code == 401
        assert client.post(f"/tasks/{UUID(int=7)}/done/").status_code == 403
        assert client.get("/admin/", follow=True).status_code == 403

    def test_leaves_her_other_organization_alone(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            services.add_member(email="csm@birch.example", name="Cyrus", role=Role.ANALYST)
            here = Membership.objects.get(email="csm@birch.example")
        client = browser(outsiders.csm)
        session = client.session
        session[SESSION_KEY] = str(cast.organization.pk)
        session.save()
        assert "Alder" in words(client.get("/"))
        with cast.acting():
            here.is_active = False
            services.save_member(here)
        page = words(client.get("/"))
        assert "Birch" in page
        assert "Alder" not in page
        assert client.session[USER_KEY]

    def test_of_the_last_admin_who_has_joined_is_refused(self, cast: Cast) -> None:
        invite(cast, role=Role.ADMIN)
        with cast.acting():
            cast.admin.is_active = False
            with pytest.raises(services.LastAdmin):
                services.save_member(cast.admin)
