"""Agreements that customers look at and correct, and what the CSM makes of it."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import signing
from django.test import Client

from accounts import sharing
from accounts.models import Account, AgreementLink, AgreementProposal, Contact, WorkingAgreement
from accounts.services import AccountArchived, archive_account
from engagement.models import Task
from engagement.services import plan_market
from outbox.models import Letter
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contact(cast: Cast) -> Contact:
    with cast.acting():
        market = factories.market("JP")
        save_assignment(Assignment(membership=cast.csm, market=market))
        factories.cadence(mode="fixed", every=1, unit="weeks")
        account = factories.account(market=market, owner=cast.csm, name="Sakura")
        plan_market(market=market, now=NOW)
        return factories.contact(
            account=account, name="Aiko", language="ja-JP", email="aiko@sakura.example"
        )


@pytest.fixture
def agreement(cast: Cast, contact: Contact) -> WorkingAgreement:
    with cast.acting():
        return factories.agreement(account=contact.account, every=1, unit="weeks", decides="Ken")


def token(cast: Cast, contact: Contact, **values: Any) -> str:
    with cast.acting():
        return sharing.share_agreement(contact=contact, by=cast.csm, at=NOW, **values).token()


def body(version: int = 1, **changes: Any) -> dict[str, Any]:
    agreed = {"every": 1, "unit": "weeks", "decides": "Ken", "seen_version": version}
    return agreed | changes


def propose(cast: Cast, contact: Contact, **values: Any) -> AgreementProposal:
    with cast.acting():
        ticket = sharing.share_agreement(contact=contact, by=cast.csm, at=NOW)
        link = sharing.find_link(ticket, at=NOW)
        return sharing.propose_correction(
            link, values=values, remark="Please", seen_version=1, at=NOW
        )


class TestLink:
    def test_shows_what_is_agreed_in_the_language_of_the_contact(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        answer = Client().get(
            f"/agreement/{token(cast, contact)}/", headers={"Accept-Language": "de"}
        )
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'lang="ja" dir="ltr"' in page
        assert "Ken" in page
        assert answer.headers["Content-Language"] == "ja"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"

    @pytest.mark.parametrize(
        ("of_contact", "agreed", "spoken"),
        [
            ("ar-SA", "", "ar"),
            ("ko-KR", "es-ES", "es"),
            ("", "", "ja"),
            ("ko", "ko", "ja"),
        ],
    )
    def test_speaks_a_language_of_the_site(
        self, acting: Cast, of_contact: str, agreed: str, spoken: str
    ) -> None:
        account = factories.account(market=factories.market("JP"))
        person = factories.contact(account=account, language=of_contact)
        found = factories.agreement(account=account, language=agreed)
        assert sharing.language_for(person, found) == spoken

    def test_works_for_60_days_until_revoked_or_replaced(
        self, cast: Cast, contact: Contact
    ) -> None:
        client, first = Client(), token(cast, contact)
        with time_machine.travel(NOW + dt.timedelta(days=59), tick=False):
            assert client.get(f"/agreement/{first}/").status_code == 200
        second = token(cast, contact)
        forged = signing.dumps(["x"], salt=sharing.SALT)
        stranger = sharing.Ticket(cast.organization.pk, uuid4(), "x").token()
        bodies = set()
        for each in (first, "nonsense", second[:-1], forged, stranger):
            answer = client.get(f"/agreement/{each}/")
            assert answer.status_code == 410, each
            bodies.add(answer.content)
        with time_machine.travel(NOW + dt.timedelta(days=61), tick=False):
            bodies.add(client.get(f"/agreement/{second}/").content)
        with cast.acting():
            sharing.revoke_link(AgreementLink.objects.get(revoked_at=None), at=NOW)
        bodies.add(client.get(f"/agreement/{second}/").content)
        assert len(bodies) == 1
        with cast.acting():
            archive_account(contact.account, at=NOW)
            with pytest.raises(AccountArchived):
                sharing.share_agreement(contact=contact, by=cast.csm, at=NOW)

    def test_is_mailed_in_the_language_of_the_contact(self, cast: Cast, contact: Contact) -> None:
        token(cast, contact, mail=True)
        with cast.acting():
            letter = Letter.objects.get(to="aiko@sakura.example")
            assert (letter.language, letter.has_secret) == ("ja", True)
            nobody = factories.contact(account=contact.account)
            with pytest.raises(InvalidInput):
                sharing.share_agreement(contact=nobody, by=cast.csm, at=NOW, mail=True)

    @pytest.mark.parametrize("language", ["ar", "de", "es", "fr", "ja", "ro"])
    def test_says_nothing_in_english(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement, language: str
    ) -> None:
        with cast.acting():
            Contact.objects.filter(pk=contact.pk).update(language=language)
            contact.refresh_from_db()
        english = (
            "How we work together",
            "What is agreed",
            "Propose a correction",
            "Your local time.",
            "Who decides on your side",
            "every week",
            "Send the proposal",
            "E-mail",
            "Monday",
        )
        for spoken in ("en", language):
            with cast.acting():
                Contact.objects.filter(pk=contact.pk).update(language=spoken)
                contact.refresh_from_db()
            page = Client().get(f"/agreement/{token(cast, contact)}/").content.decode()
            missing = [words for words in english if words not in page]
            # Romanian says E-mail, too.
            assert not missing if spoken == "en" else set(english) - {"E-mail"} <= set(missing)
        assert ('dir="rtl"' in page) == (language == "ar")


class TestProposal:
    def test_of_the_customer_waits_and_a_second_takes_its_place(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        client, address = Client(), f"/agreement/{token(cast, contact)}/"
        for every in (3, 2):
            answer = client.post(address, body(every=every, remark="Please"), follow=True)
            assert answer.status_code == 200
        with cast.acting():
            waiting = AgreementProposal.objects.get(status="open")
            assert waiting.changes == {"every": 2}
            assert AgreementProposal.objects.filter(status="replaced").count() == 1
            assert WorkingAgreement.objects.get().every == 1

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, 422),
            ({"every": ""}, 422),
            ({"unit": ""}, 422),
            ({"every": 520, "unit": "months"}, 422),
            ({"hours_from": "10:00"}, 422),
            ({"hours_from": "10:00", "hours_to": "09:00"}, 422),
            ({"weekdays": ["9"]}, 422),
            ({"language": "xx"}, 422),
            ({"decides": "x" * 301}, 422),
            ({"seen_version": 7, "decides": "Mai"}, 409),
            ({"hours_from": "10:00", "hours_to": "00:00"}, 302),
            ({"weekdays": ["1", "4"], "remark": "x"}, 302),
        ],
    )
    def test_is_judged(
        self,
        cast: Cast,
        contact: Contact,
        agreement: WorkingAgreement,
        changes: dict[str, Any],
        status: int,
    ) -> None:
        address = f"/agreement/{token(cast, contact)}/"
        assert Client().post(address, body(**changes)).status_code == status
        with cast.acting():
            assert AgreementProposal.objects.exists() == (status == 302)

    def test_accepted_is_what_planning_follows(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=3, unit="months", decides="Mai")
        client, address = signed_in(cast.csm), f"/agreement-proposals/{proposal.pk}/"
        with cast.acting():
            before = Task.objects.to_do().count()
        page = client.get(address).content.decode()
        for said in (
            "every 3 months (so far: every week)",
            "Mai (so far: Ken)",
            "What follows in the plan:",
        ):
            assert said in page
        with cast.acting():
            assert Task.objects.to_do().count() == before
        accepted = {"accept": "", "seen_version": 1, "parts": ["rhythm"]}
        answer = client.post(address, accepted, format="multipart")
        assert answer.status_code == 302, answer.content.decode()
        with cast.acting():
            found = WorkingAgreement.objects.get()
            assert (found.every, found.unit, found.decides) == (3, "months", "Ken")
            assert (found.agreed_with, found.agreed_on) == (contact, dt.date(2026, 11, 24))
            assert Task.objects.to_do().count() < before
            proposal.refresh_from_db()
            assert (proposal.status, proposal.accepted) == ("accepted", ["rhythm"])

    def test_accepted_after_the_agreement_changed_is_told(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=2)
        with cast.acting():
            WorkingAgreement.objects.update(decides="Yuki", version=2)
            with pytest.raises(StaleVersion):
                sharing.accept_proposal(
                    proposal, parts=["rhythm"], seen_version=1, by=cast.csm, at=NOW
                )
        address = f"/agreement-proposals/{proposal.pk}/"
        accepted = {"accept": "", "seen_version": 1, "parts": ["rhythm"]}
        answer = signed_in(cast.csm).post(address, accepted, format="multipart")
        assert answer.status_code == 409
        assert "changed after this was proposed" in answer.content.decode()

    def test_is_decided_on_once(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=2)
        address = f"/agreement-proposals/{proposal.pk}/"
        client = signed_in(cast.csm)
        declined = {"decline": "", "reason": ""}
        assert client.post(address, declined, format="multipart").status_code == 422
        declined["reason"] = "Not now"
        assert client.post(address, declined, format="multipart").status_code == 302
        with cast.acting(), pytest.raises(sharing.ProposalDecided, match="CSM of Alder"):
            sharing.accept_proposal(
                proposal, parts=["rhythm"], seen_version=1, by=cast.leader, at=NOW
            )
        shown = Client().get(f"/agreement/{token(cast, contact)}/").content.decode()
        assert "Not now" in shown

    def test_makes_the_first_agreement(self, cast: Cast, contact: Contact) -> None:
        address = f"/agreement/{token(cast, contact)}/"
        assert Client().post(address, {"seen_version": 0, "channel": "video"}).status_code == 302
        with cast.acting():
            proposal = AgreementProposal.objects.get()
            sharing.accept_proposal(
                proposal, parts=["channel"], seen_version=0, by=cast.csm, at=NOW
            )
            assert WorkingAgreement.objects.get().channel == "video"

    def test_outlives_the_contact(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=2)
        with cast.acting():
            contact.delete()
            proposal.refresh_from_db()
            assert (proposal.contact, proposal.proposed_by) == (None, "Aiko")


class TestPages:
    def test_a_link_is_made_shown_once_and_revoked(self, cast: Cast, contact: Contact) -> None:
        client, account = signed_in(cast.csm), contact.account_id
        address = f"/accounts/{account}/share/"
        made = client.post(address, {"contact": str(contact.pk)}, format="multipart")
        page = made.content.decode()
        found = re.search(r'value="[^"]*(/agreement/[^"]+)"', page)
        assert found
        assert "no-store" in made.headers["Cache-Control"]
        assert Client().get(found[1]).status_code == 200
        assert found[1] not in client.get(address).content.decode()
        with cast.acting():
            link = AgreementLink.objects.get()
        client.post(f"/agreement-links/{link.pk}/revoke/")
        assert Client().get(found[1]).status_code == 410
        mailed = {"contact": str(contact.pk), "mail": "on"}
        assert client.post(address, mailed, format="multipart").status_code == 302

    def test_what_waits_is_told_on_today_and_on_the_account(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=2)
        client = signed_in(cast.csm)
        for address in ("/", f"/accounts/{contact.account_id}/"):
            page = client.get(address).content.decode()
            assert f"/agreement-proposals/{proposal.pk}/" in page

    def test_are_for_those_who_work_there(
        self, cast: Cast, outsiders: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        proposal = propose(cast, contact, every=2)
        with cast.acting():
            link = AgreementLink.objects.get()
        share = f"/accounts/{contact.account_id}/share/"
        decide = f"/agreement-proposals/{proposal.pk}/"
        revoke = f"/agreement-links/{link.pk}/revoke/"
        for member, status in ((cast.analyst, 403), (cast.manager, 403), (outsiders.leader, 404)):
            client = signed_in(member)
            assert client.get(share).status_code == status
            assert client.get(decide).status_code == status
            assert client.post(revoke).status_code == status

    def test_ask_a_fixed_number_of_queries(
        self, cast: Cast, contact: Contact, agreement: WorkingAgreement
    ) -> None:
        address, counts = f"/agreement/{token(cast, contact)}/", []
        for _ in range(2):
            Client().post(address, body(decides=str(uuid4())))
            with count_queries() as captured:
                Client().get(address)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_too_many_attempts_are_asked_to_wait(
        self, cast: Cast, contact: Contact, settings: Any
    ) -> None:
        settings.SHARED_PAGE_RATE_LIMIT = "2/hour"
        client = Client(REMOTE_ADDR=f"10.9.8.{uuid4().int % 250}")
        statuses = [client.get("/agreement/nonsense/").status_code for _ in range(3)]
        assert statuses[-1] == 429


def test_an_account_of_another_organization_is_none(cast: Cast, outsiders: Cast) -> None:
    """The organization is signed into the link: it leads nowhere else."""
    with cast.acting():
        person = factories.contact()
        ticket = sharing.share_agreement(contact=person, by=cast.csm, at=NOW)
    stolen = sharing.Ticket(outsiders.organization.pk, ticket.link_id, ticket.nonce)
    assert Client().get(f"/agreement/{stolen.token()}/").status_code == 410
    with outsiders.acting():
        assert not Account.objects.exists()
