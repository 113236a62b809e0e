"""The admin on what customers see, propose and send: lists to look at, and links that are ended."""

import pytest
from django.utils import timezone

from accounts import sharing
from accounts.models import AgreementLink, AgreementProposal, Contact
from engagement.models import IncomingMail
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.admin_pages import address, browser
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries
from tests.integration.test_admin_actions import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(cast: Cast) -> Contact:
    with cast.acting():
        account = factories.account(name="Nordlicht")
        factories.agreement(account=account, every=1, unit="weeks")
        return factories.contact(account=account, name="Camille Roy")


@pytest.fixture
def link(cast: Cast, contact: Contact) -> AgreementLink:
    with cast.acting():
        sharing.share_agreement(contact=contact, by=cast.csm, at=timezone.now())
        return AgreementLink.objects.get()


@pytest.fixture
def proposal(cast: Cast, link: AgreementLink) -> AgreementProposal:
    with cast.acting():
        return sharing.propose_correction(
            link, values={"every": 2}, remark="", seen_version=1, at=timezone.now()
        )


class TestLinks:
    def test_are_revoked(self, cast: Cast, link: AgreementLink) -> None:
        client = browser(cast.leader)
        page = run(client, link, "revoke").content.decode()
        assert "The link does not work any more." in page
        with cast.acting():
            assert AgreementLink.objects.get().revoked_at is not None
        assert address(link, "revoke", link.pk) not in page

    def test_are_revoked_by_managers_where_they_work(self, cast: Cast, link: AgreementLink) -> None:
        assert run(browser(cast.analyst), link, "revoke").status_code == 403
        assert run(browser(cast.manager), link, "revoke").status_code == 403
        with cast.acting():
            save_assignment(Assignment(membership=cast.manager, market=link.account.market))
        assert run(browser(cast.manager), link, "revoke").status_code == 200
        with cast.acting():
            assert AgreementLink.objects.get().revoked_at is not None

    def test_are_listed_by_state_and_account(self, cast: Cast, link: AgreementLink) -> None:
        client = browser(cast.leader)
        url = address(AgreementLink, "changelist")

        def found(**asked: str) -> int:
            return len(client.get(url, asked).context["cl"].result_list)

        assert (found(working="yes"), found(working="no")) == (1, 0)
        assert (found(q="nord"), found(q="sakura")) == (1, 0)
        run(client, link, "revoke")
        assert (found(working="yes"), found(working="no"), found()) == (0, 1, 1)

    def test_keep_their_secret(self, cast: Cast, link: AgreementLink) -> None:
        client = browser(cast.leader)
        for page in ("change", "history"):
            shown = client.get(address(link, page, link.pk))
            assert shown.status_code == 200
            assert link.nonce_hash not in shown.content.decode()


class TestProposals:
    def test_say_what_is_wanted_and_lead_to_the_decision(
        self, cast: Cast, proposal: AgreementProposal
    ) -> None:
        client = browser(cast.leader)
        url = address(proposal, "change", proposal.pk)
        page = client.get(url).content.decode()
        assert "How often: every 2 weeks (so far: every week)" in page
        way = f'/agreement-proposals/{proposal.pk}/">See what follows, and decide'
        assert way in page
        with cast.acting():
            sharing.decline_proposal(
                proposal, reason="Agreed by phone", by=cast.csm, at=timezone.now()
            )
        page = client.get(url).content.decode()
        assert "Agreed by phone" in page
        assert way not in page

    def test_are_decided_on_nowhere_else(self, cast: Cast, proposal: AgreementProposal) -> None:
        client = browser(cast.leader)
        url = address(proposal, "change", proposal.pk)
        assert client.post(url, {"status": "accepted"}).status_code == 403
        assert client.get(address(AgreementProposal, "add")).status_code == 403


class TestMails:
    def test_say_what_became_of_them(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account(name="Nordlicht")
            IncomingMail.objects.create(
                account=account,
                message_id="<1@nord.example>",
                subject="Hello",
                result="unknown_sender",
            )
        url = address(IncomingMail, "changelist")
        client = browser(cast.leader)
        page = client.get(url, {"result": "unknown_sender", "q": "nord"}).content.decode()
        assert "Hello" in page
        assert "Hello" not in client.get(url, {"result": "logged"}).content.decode()


@pytest.mark.parametrize("model", [AgreementLink, AgreementProposal, IncomingMail])
def test_a_longer_list_takes_no_more_queries(
    cast: Cast, model: type[AgreementLink | AgreementProposal | IncomingMail]
) -> None:
    client = browser(cast.leader)
    url = address(model, "changelist")
    counts = []
    for _ in range(2):
        make_row(model, cast)
        make_row(model, cast)
        client.get(url)
        with count_queries() as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
