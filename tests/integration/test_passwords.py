"""A person's own things: her password, her address, her sessions; and what guessers meet."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import redis
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.conf import settings as django_settings
from django.core import signing
from django.test import Client
from pytest_django import Settings

from outbox.models import Letter
from talent.models import WorkProfile
from tenants import services, tasks
from tenants.choices import Role, Scope
from tenants.models import AuditEntry, Membership, PasswordRequest, User
from tests import factories
from tests.admin_pages import browser
from tests.conftest import PASSWORD, Cast, count_queries
from tests.mail_server import links_in

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "a phrase that nobody guesses"
CSM = "csm@alder.example"


def words(response: Any) -> str:
    """Return what a person reads."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def letters(cast: Cast, to: str) -> list[Letter]:
    with cast.acting():
        return list(Letter.objects.filter(to=to).order_by("created_at"))


def user(email: str = CSM) -> User:
    return User.objects.get(email=email)


def sign_in(password: str, *, email: str = CSM, client: Client | None = None, **extra: Any) -> Any:
    client = client or Client()
    return client.post("/login/", {"username": email, "password": password}, **extra)


def forget(email: str = CSM, **extra: Any) -> Any:
    """Ask for a new password, and let a worker look at it."""
    response = Client().post("/password/forgotten/", {"email": email}, **extra)
    tasks.answer_password_requests()
    return response


def reset_link(cast: Cast, email: str = CSM) -> str:
    forget(email)
    return links_in(letters(cast, email)[-1].text)[0]


@pytest.fixture
def counting(settings: Settings) -> Iterator[None]:
    """Limits hold, and begin anew."""
    settings.SIGN_IN_RATE_LIMIT = "20/minute"
    settings.LETTER_RATE_LIMIT = "2/hour"
    settings.SECRET_RATE_LIMIT = "4/hour"
    client = redis.Redis.from_url(django_settings.REDIS_URL)

    def forget_counts() -> None:
        for key in client.scan_iter("*LIMITER*"):
            client.delete(key)
        for key in client.scan_iter("api-limit*"):
            client.delete(key)

    forget_counts()
    yield
    forget_counts()


class TestAForgottenPassword:
    def test_is_replaced_through_the_mailbox(self, cast: Cast) -> None:
        link = reset_link(cast, "CSM@Alder.example".lower())
        client = Client()
        assert CSM in words(client.get(link))
        done = client.post(link, {"password": NEW_PASSWORD}, follow=True)
        assert done.redirect_chain == [("/login/", 302)]
        assert "Your password is changed" in words(done)
        assert sign_in(NEW_PASSWORD).status_code == 302
        assert sign_in(PASSWORD).status_code == 200
        assert letters(cast, CSM)[-1].subject == "Your password was changed"

    def test_is_answered_the_same_whether_the_address_is_known_or_not(self, cast: Cast) -> None:
        with cast.acting():
            cast.analyst.is_active = False
            services.save_member(cast.analyst)
        tried = (CSM, "nobody@alder.example", "analyst@alder.example")
        answers = [forget(email) for email in tried]
        pages = [Client().get(answer.headers["Location"]).content for answer in answers]
        assert {answer.headers["Location"] for answer in answers} == {"/password/forgotten/?asked"}
        assert len(set(pages)) == 1
        assert [len(letters(cast, email)) for email in tried] == [1, 0, 0]

    def test_is_looked_for_only_once_the_asker_has_gone(
        self, cast: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            tasks.answer_password_requests,
            "apply_async",
            lambda **_: tasks.answer_password_requests(),
        )
        statements = []
        for email in (CSM, "nobody@alder.example"):
            with count_queries() as captured, django_capture_on_commit_callbacks() as woken:
                Client().post("/password/forgotten/", {"email": email})
            statements.append([query["sql"].split(" (")[0] for query in captured])
            assert letters(cast, email) == []
            (wake,) = woken
            wake()
        assert statements[0] == statements[1]
        assert not any("tenants_user" in sql for sql in statements[0])
        assert [len(letters(cast, email)) for email in (CSM, "nobody@alder.example")] == [1, 0]
        assert not PasswordRequest.objects.exists()

    def test_is_not_lost_when_nobody_can_be_woken(
        self, cast: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(**_: Any) -> None:
            raise OSError("Redis is away")

        monkeypatch.setattr(tasks.answer_password_requests, "apply_async", unreachable)
        with django_capture_on_commit_callbacks(execute=True):
            response = Client().post("/password/forgotten/", {"email": CSM})
        assert response.status_code == 302
        tasks.answer_password_requests()
        assert len(letters(cast, CSM)) == 1

    def test_wants_an_address(self, db: None) -> None:
        for email in ("", "nobody", "a\0@b.example", "x" * 300 + "@b.example"):
            assert forget(email).status_code == 422

    def test_is_written_of_in_the_persons_language(self, cast: Cast) -> None:
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language="ar")
        forget(headers={"Accept-Language": "de"})
        (letter,) = letters(cast, CSM)
        assert (letter.language, 'dir="rtl"' in letter.html) == ("ar", True)

    def test_ends_all_sessions_and_no_key(self, cast: Cast) -> None:
        with cast.acting():
            _key, text = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)
        somewhere = browser(cast.csm)
        Client().post(reset_link(cast), {"password": NEW_PASSWORD})
        assert somewhere.get("/").status_code == 302
        program = Client(headers={"Authorization": f"Bearer {text}"})
        assert program.get("/api/v1/regions/").status_code == 200

    def test_may_not_be_easy_to_guess(self, cast: Cast) -> None:
        link = reset_link(cast)
        for password in ("short", "password12", "csm of alder"):
            assert Client().post(link, {"password": password}).status_code == 422
        assert user().check_password(PASSWORD)


class TestALinkToANewPassword:
    def assert_over(self, link: str) -> None:
        for response in (Client().get(link), Client().post(link, {"password": NEW_PASSWORD})):
            assert response.status_code == 410
            assert "does not work any more" in words(response)
            assert "alder" not in words(response).lower()

    def test_changes_nothing_by_being_looked_at(self, cast: Cast) -> None:
        link = reset_link(cast)
        for _ in range(2):
            assert Client().get(link).status_code == 200
        assert user().check_password(PASSWORD)

    def test_works_once(self, cast: Cast) -> None:
        link = reset_link(cast)
        other = reset_link(cast)
        Client().post(link, {"password": NEW_PASSWORD})
        self.assert_over(link)
        self.assert_over(other)

    def test_works_for_an_hour(self, cast: Cast) -> None:
        with time_machine.travel("2026-05-14T09:00:00+00:00", tick=False) as clock:
            link = reset_link(cast)
            clock.shift(dt.timedelta(minutes=59))
            assert Client().get(link).status_code == 200
            clock.shift(dt.timedelta(minutes=2))
            self.assert_over(link)

    def test_works_only_while_the_address_is_hers(self, cast: Cast) -> None:
        link = reset_link(cast)
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(email="new@alder.example")
        self.assert_over(link)

    @pytest.mark.parametrize("token", ["nonsense", "W10:1abc:x", "x" * 3000, "%00"])
    def test_must_be_ours(self, db: None, token: str) -> None:
        self.assert_over(f"/password/reset/{token}/")

    def test_must_be_for_somebody(self, db: None) -> None:
        token = signing.dumps([UUID(int=7).hex, "x" * 32], salt="tenants.password")
        self.assert_over(f"/password/reset/{token}/")

    def test_of_an_invitation_is_none(self, cast: Cast) -> None:
        token = services.Ticket(cast.organization.pk, cast.csm.pk, "x").token()
        self.assert_over(f"/password/reset/{token}/")


class TestTheProfile:
    def test_is_for_who_is_signed_in(self, cast: Cast) -> None:
        for page in ("/me/", "/me/password/", "/me/e-mail/", "/me/sessions/", "/me/e-mail/x/"):
            assert Client().post(page).headers["Location"].startswith("/login/")

    @pytest.mark.parametrize("role", [role.value for role in Role])
    def test_is_there_for_every_role(self, cast: Cast, role: str) -> None:
        who = cast.manager if role == Role.REGIONAL_MANAGER else getattr(cast, role)
        assert browser(who).get("/me/").status_code == 200

    def test_saves_name_language_and_home(self, cast: Cast) -> None:
        with cast.acting():
            home = factories.market("JP")
        client = browser(cast.csm)
        values = {"name": "Sam", "language": "ja", "home_market": home.pk}
        assert client.post("/me/", values).status_code == 302
        with cast.acting():
            assert Membership.objects.get(pk=cast.csm.pk).name == "Sam"
            assert WorkProfile.objects.get(membership=cast.csm).home_market_id == home.pk
        assert (user().name, user().language) == ("Sam", "ja")
        page = client.get("/me/").content.decode()
        assert 'lang="ja"' in page
        assert re.search(rf'value="{home.pk}"[^>]*selected', page)
        client.post("/me/", values | {"home_market": ""})
        with cast.acting():
            assert not WorkProfile.objects.exists()

    def test_leaves_her_name_elsewhere(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            services.add_member(email=CSM, name="C. S. M.", role=Role.CSM)
        browser(cast.csm).post("/me/", {"name": "Sam", "language": "en"})
        with outsiders.acting():
            assert Membership.objects.get(email=CSM).name == "C. S. M."

    def test_takes_no_market_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        with outsiders.acting():
            foreign = factories.market("JP")
        client = browser(cast.csm)
        answers = [
            client.post("/me/", {"name": "Sam", "language": "en", "home_market": pk})
            for pk in (foreign.pk, UUID(int=7))
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert words(answers[0]) == words(answers[1])

    @pytest.mark.parametrize("values", [{"name": ""}, {"language": "xx"}, {"name": "x" * 201}])
    def test_says_what_it_cannot_take(self, cast: Cast, values: dict[str, str]) -> None:
        sent = {"name": "Sam", "language": "en"} | values
        assert browser(cast.csm).post("/me/", sent).status_code == 422

    def test_changes_the_password_for_who_knows_it(self, cast: Cast) -> None:
        here, there = browser(cast.csm), browser(cast.csm)
        form = {"password-present": "wrong", "password-password": NEW_PASSWORD}
        assert "not your password" in words(here.post("/me/password/", form))
        assert user().check_password(PASSWORD)
        form["password-present"] = PASSWORD
        assert here.post("/me/password/", form).status_code == 302
        assert user().check_password(NEW_PASSWORD)
        assert (here.get("/me/").status_code, there.get("/me/").status_code) == (200, 302)
        assert letters(cast, CSM)[-1].subject == "Your password was changed"

    def test_wants_a_good_password(self, cast: Cast) -> None:
        form = {"password-present": PASSWORD, "password-password": "12345678901"}
        response = browser(cast.csm).post("/me/password/", form)
        assert response.status_code == 422
        assert "entirely numeric" in words(response)

    def test_ends_other_sessions(self, cast: Cast) -> None:
        here, there = browser(cast.csm), browser(cast.csm)
        assert here.post("/me/sessions/").status_code == 302
        assert (here.get("/me/").status_code, there.get("/me/").status_code) == (200, 302)
        assert sign_in(PASSWORD).status_code == 302


class TestANewAddress:
    NEW = "sam@new.example"

    def ask(self, client: Client, email: str = NEW, password: str = PASSWORD) -> Any:
        form = {"address-email": email, "address-present": password}
        return client.post("/me/e-mail/", form)

    def link(self, cast: Cast, email: str = NEW) -> str:
        return links_in(letters(cast, email)[-1].text)[0]

    def test_counts_once_its_mailbox_has_answered(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            there = services.add_member(email=CSM, name="C. S. M.", role=Role.CSM)
            version = there.version
        client = browser(cast.csm)
        assert self.ask(client, "Sam@New.example").status_code == 302
        assert user().name == "CSM of Alder"
        (notice,) = letters(cast, CSM)
        assert self.NEW in notice.text
        link = self.link(cast)
        assert client.get(link).status_code == 200
        assert user().email == CSM
        assert client.post(link).status_code == 302
        assert client.get("/me/").status_code == 200
        assert user(self.NEW).check_password(PASSWORD)
        for organization, pk in ((cast, cast.csm.pk), (outsiders, there.pk)):
            with organization.acting():
                assert Membership.objects.get(pk=pk).email == self.NEW
                entry = AuditEntry.objects.filter(row_id=pk).latest("id")
            assert (entry.actor_id, entry.door) == (pk, "page")
            assert entry.after is not None
            assert entry.after["email"] == self.NEW
        with outsiders.acting():
            assert Membership.objects.get(pk=there.pk).version == version + 1
        assert letters(cast, CSM)[-1].subject == "Your address was changed"

    def test_is_hers_in_organizations_that_she_left_too(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            there = services.add_member(email=CSM, name="C. S. M.", role=Role.CSM)
            there.is_active = False
            services.save_member(there)
        client = browser(cast.csm)
        self.ask(client)
        client.post(self.link(cast))
        with outsiders.acting():
            assert Membership.objects.get(pk=there.pk).email == self.NEW

    def test_is_answered_the_same_when_somebody_has_it(self, cast: Cast, outsiders: Cast) -> None:
        client = browser(cast.csm)
        answers = []
        for email in ("csm@birch.example", "nobody@birch.example"):
            assert self.ask(client, email).status_code == 302
            answers.append(words(client.get("/me/")).replace(email, "<email>"))
        assert answers[0] == answers[1]
        (told,) = letters(cast, "csm@birch.example")
        assert "so nothing was changed" in told.text
        assert links_in(told.text) == []
        with cast.acting():
            entries = AuditEntry.objects.filter(table="outbox_letter", action="insert")
            seen = [set(entry.after or {}) for entry in entries]
            secrets = [(entry.after or {})["has_secret"] for entry in entries.order_by("id")]
        assert all(each == seen[0] for each in seen)
        assert secrets == [True, False, True, False]

    def test_needs_the_password(self, cast: Cast) -> None:
        assert self.ask(browser(cast.csm), password="wrong").status_code == 422
        assert letters(cast, self.NEW) == []

    def test_is_another_one(self, cast: Cast) -> None:
        response = self.ask(browser(cast.csm), CSM)
        assert response.status_code == 422
        assert "your address already" in words(response)

    def test_is_confirmed_by_nobody_else(self, cast: Cast) -> None:
        self.ask(browser(cast.csm))
        link = self.link(cast)
        assert Client().get(link).headers["Location"].startswith("/login/")
        thief = browser(cast.leader)
        assert (thief.get(link).status_code, thief.post(link).status_code) == (410, 410)
        assert user().email == CSM

    def test_is_confirmed_once_and_within_a_day(self, cast: Cast) -> None:
        with time_machine.travel("2026-05-14T09:00:00+00:00", tick=False) as clock:
            client = browser(cast.csm)
            self.ask(client)
            late = self.link(cast)
            clock.shift(dt.timedelta(hours=25))
            assert client.post(late).status_code == 410
            self.ask(client)
            link = self.link(cast)
            assert client.post(link).status_code == 302
            assert client.post(link).status_code == 410

    def test_is_not_taken_from_who_has_it_by_now(self, cast: Cast, outsiders: Cast) -> None:
        client = browser(cast.csm)
        self.ask(client)
        with outsiders.acting():
            services.add_member(email=self.NEW, name="Sam", role=Role.CSM)
        response = client.post(self.link(cast))
        assert response.status_code == 409
        assert "Somebody else signs in as" in words(response)
        assert user().email == CSM

    def test_is_not_taken_from_a_member_who_was_only_prepared(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with outsiders.acting():
            services.add_member(email=CSM, name="C. S. M.", role=Role.CSM)
            services.prepare_members([services.Person(self.NEW)])
        client = browser(cast.csm)
        self.ask(client)
        assert client.post(self.link(cast)).status_code == 409
        with cast.acting():
            assert Membership.objects.get(pk=cast.csm.pk).email == CSM
        assert user().email == CSM


class TestGuessing:
    def test_ends_after_eight_failures_under_one_name_from_one_address(self, cast: Cast) -> None:
        statuses = [sign_in("wrong").status_code for _ in range(8)]
        assert statuses == [200] * 7 + [429]
        locked = sign_in(PASSWORD)
        assert (locked.status_code, locked.headers["Retry-After"]) == (429, "900")
        assert "wait 15 minutes" in words(locked)
        assert sign_in(PASSWORD, email=CSM.upper()).status_code == 429
        assert sign_in(PASSWORD, email="leader@alder.example").status_code == 302
        assert sign_in(PASSWORD, REMOTE_ADDR="203.0.113.7").status_code == 302

    def test_is_answered_the_same_for_a_name_that_nobody_has(self, cast: Cast) -> None:
        answers = [
            [words(sign_in("wrong", email=email)).replace(email, "") for _ in range(9)]
            for email in (CSM, "nobody@alder.example")
        ]
        assert answers[0] == answers[1]

    def test_goes_on_after_a_quarter_of_an_hour(self, cast: Cast) -> None:
        with time_machine.travel("2026-05-14T09:00:00+00:00", tick=False) as clock:
            for _ in range(9):
                sign_in("wrong")
            clock.shift(dt.timedelta(minutes=14))
            assert sign_in(PASSWORD).status_code == 429
            clock.shift(dt.timedelta(minutes=2))
            assert sign_in(PASSWORD).status_code == 302

    def test_is_forgotten_with_success_or_a_new_password(self, cast: Cast) -> None:
        for _ in range(7):
            sign_in("wrong")
        assert sign_in(PASSWORD).status_code == 302
        assert not AccessAttempt.objects.exists()
        for _ in range(8):
            sign_in("wrong")
        Client().post(reset_link(cast), {"password": NEW_PASSWORD})
        assert sign_in(NEW_PASSWORD).status_code == 302

    def test_is_met_in_the_readers_language(self, cast: Cast) -> None:
        for _ in range(8):
            locked = sign_in("wrong", headers={"Accept-Language": "ar"})
        assert 'lang="ar" dir="rtl"' in locked.content.decode()

    def test_leaves_no_password_and_no_trace_of_who_was_right(self, cast: Cast) -> None:
        sign_in("a wrong secret")
        attempt = AccessAttempt.objects.get()
        assert "secret" not in attempt.post_data
        sign_in(PASSWORD)
        assert not AccessLog.objects.exists()

    def test_does_not_lock_programs_out(self, cast: Cast) -> None:
        with cast.acting():
            _key, text = services.create_api_key(membership=cast.csm, name="CRM", scope=Scope.READ)
        for _ in range(9):
            sign_in("wrong")
        program = Client(headers={"Authorization": f"Bearer {text}"})
        assert program.get("/api/v1/regions/").status_code == 200

    def test_of_the_admin_is_the_same_door(self, cast: Cast) -> None:
        response = Client().post("/admin/login/", {"username": CSM, "password": PASSWORD})
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login/")

    def test_many_names_from_one_address_ends_too(self, cast: Cast, counting: None) -> None:
        statuses = [
            sign_in("wrong", email=f"n{number}@alder.example").status_code for number in range(21)
        ]
        assert statuses == [200] * 20 + [429]

    def test_ones_own_password_on_a_page_left_open_ends_too(
        self, cast: Cast, counting: None
    ) -> None:
        client = browser(cast.csm)
        form = {"password-present": "wrong", "password-password": NEW_PASSWORD}
        statuses = [client.post("/me/password/", form).status_code for _ in range(5)]
        assert statuses == [422] * 4 + [429]
        assert TestANewAddress().ask(client).status_code == 429


class TestAskingForLetters:
    def test_fills_no_mailbox(self, cast: Cast, counting: None) -> None:
        answers = [forget(REMOTE_ADDR=f"203.0.113.{number}") for number in range(5)]
        assert {answer.headers["Location"] for answer in answers} == {"/password/forgotten/?asked"}
        assert len(letters(cast, CSM)) == 2

    def test_for_many_addresses_ends(self, cast: Cast, counting: None) -> None:
        statuses = [forget(f"n{number}@alder.example").status_code for number in range(5)]
        assert statuses == [302] * 4 + [429]

    def test_goes_on_while_redis_is_away(
        self, cast: Cast, counting: None, settings: Settings
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert [forget().status_code for _ in range(5)] == [302] * 5
