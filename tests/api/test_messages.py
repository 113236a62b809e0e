"""Messages of digital steps and consent to them, over the API."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import Account, ContactConsent
from engagement import services
from engagement.models import Run, Task
from outbox.models import Letter
from regions import services as regions
from regions.models import Assignment
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MESSAGE = "Lessons for {account_name}\n\nHello {contact_name}, on {date}."


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    """A digital account in France, where the CSM works."""
    with cast.acting():
        made: Account = factories.account(name="Nordlicht", tier="tier_3", owner=cast.csm)
        regions.save_assignment(Assignment(membership=cast.csm, market=made.market))
        factories.contact(account=made, email="Camille@nordlicht.example", is_primary=True)
    return made


@pytest.fixture
def run(cast: Cast, account: Account) -> Run:
    """A run with a digital step, and a call."""
    lessons = factories.step("lessons", kind="digital", channel="email", message=MESSAGE, offset=0)
    with cast.acting():
        version = factories.published(lessons, factories.step("call"), by=cast.leader)
        return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


@pytest.fixture
def csm(cast: Cast) -> APIClient:
    return signed_in(cast.csm)


def address(cast: Cast, run: Run, key: str = "lessons", action: str = "message") -> str:
    with cast.acting():
        return f"/api/v1/tasks/{Task.objects.get(run=run, step__key=key).pk}/{action}/"


def consent(client: APIClient, cast: Cast, account: Account, **values: Any) -> Any:
    with cast.acting():
        contact = account.contacts.get()
    return client.post(f"/api/v1/contacts/{contact.pk}/consent/", values)


class TestTheMessage:
    def test_is_shown_with_what_stands_in_the_way(
        self, cast: Cast, run: Run, csm: APIClient
    ) -> None:
        answer = csm.get(address(cast, run))
        assert answer.status_code == 200
        seen = answer.json()
        assert seen["to"] == "Camille@nordlicht.example"
        assert (seen["subject"], seen["language"]) == ("Lessons for Nordlicht", "")
        assert seen["text"] == "Hello \u2068Camille Roy\u2069, on \u2068Mon, Mar 2, 2026\u2069."
        assert (seen["missing"], seen["hold"], seen["sent_on"]) == ([], "no_consent", "2026-03-02")

    def test_of_a_step_without_one_is_not_there(self, cast: Cast, run: Run, csm: APIClient) -> None:
        assert csm.get(address(cast, run, "call")).status_code == 404
        assert csm.post(address(cast, run, "call", "test-message")).status_code == 404

    def test_is_tried_out_at_one_s_own_address(self, cast: Cast, run: Run, csm: APIClient) -> None:
        answer = csm.post(address(cast, run, action="test-message"))
        assert (answer.status_code, answer.json()) == (200, {"to": cast.csm.email})
        with cast.acting():
            letter = Letter.objects.get(to=cast.csm.email)
        assert letter.subject == "Test: Lessons for Nordlicht"
        assert "Hello \u2068Camille Roy\u2069" in letter.text
        assert letter.unsubscribe == ""

    def test_is_not_for_others(self, cast: Cast, outsiders: Cast, run: Run) -> None:
        reader, outsider = signed_in(cast.analyst), signed_in(outsiders.csm)
        assert reader.get(address(cast, run)).status_code == 200
        assert reader.post(address(cast, run, action="test-message")).status_code == 403
        assert outsider.get(address(cast, run)).status_code == 404
        assert outsider.post(address(cast, run, action="test-message")).status_code == 404


class TestConsent:
    def test_is_noted_and_listed(self, cast: Cast, account: Account, csm: APIClient) -> None:
        answer = consent(csm, cast, account, state="given", how="On the form of the fair")
        assert answer.status_code == 201, answer.content
        assert answer.json()["email"] == "camille@nordlicht.example"
        listed = csm.get("/api/v1/contact-consents/?email=CAMILLE@nordlicht.example").json()
        (only,) = listed["results"]
        assert (only["state"], only["source"], only["how"]) == (
            *("given", "api"),
            "On the form of the fair",
        )

    def test_needs_to_say_how(self, cast: Cast, account: Account, csm: APIClient) -> None:
        assert consent(csm, cast, account, state="given", how=" ").status_code == 400
        assert consent(csm, cast, account, state="perhaps", how="So").status_code == 400

    def test_needs_an_address(self, cast: Cast, account: Account, csm: APIClient) -> None:
        with cast.acting():
            account.contacts.update(email="")
        answer = consent(csm, cast, account, state="given", how="So")
        assert answer.status_code == 400

    def test_is_noted_by_who_works_there(
        self, cast: Cast, outsiders: Cast, account: Account
    ) -> None:
        values = {"state": "given", "how": "So"}
        assert consent(signed_in(cast.analyst), cast, account, **values).status_code == 403
        assert consent(signed_in(outsiders.leader), cast, account, **values).status_code == 404
        with cast.acting():
            assert not ContactConsent.objects.exists()


class TestMarkets:
    def test_say_why_nobody_has_to_be_asked(self, cast: Cast, account: Account) -> None:
        leader = signed_in(cast.leader)
        market = f"/api/v1/markets/{account.market_id}/"
        assert leader.get(market).json()["needs_consent"] is True
        refused = leader.patch(market, {"needs_consent": False})
        assert refused.status_code == 400
        said = {"needs_consent": False, "consent_source": "Checked by our lawyer"}
        assert leader.patch(market, said).json()["consent_source"] == "Checked by our lawyer"
