"""What customers propose, decided on over the API: by who works there, and once."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import sharing
from accounts.models import AgreementProposal, Contact, WorkingAgreement
from accounts.services import save_agreement
from regions.models import Assignment
from regions.services import save_assignment
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries, signed_in

PROPOSALS = "/api/v1/agreement-proposals/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(cast: Cast) -> Contact:
    """Somebody at a customer with an agreement, in a market where the CSM works."""
    with cast.acting():
        made: Contact = factories.contact(name="Camille Roy")
        save_assignment(Assignment(membership=cast.csm, market=made.account.market))
        factories.agreement(account=made.account, every=1, unit="weeks", channel="email")
    return made


@pytest.fixture
def csm(cast: Cast) -> APIClient:
    return signed_in(cast.csm)


def propose(cast: Cast, contact: Contact, *, remark: str = "", **values: Any) -> AgreementProposal:
    with cast.acting():
        now = timezone.now()
        ticket = sharing.share_agreement(contact=contact, by=cast.csm, at=now)
        link = sharing.find_link(ticket, at=now)
        return sharing.propose_correction(
            link, values=values, remark=remark, seen_version=1, at=now
        )


def decide(client: APIClient, proposal: AgreementProposal, how: str, **body: Any) -> Any:
    return client.post(f"{PROPOSALS}{proposal.pk}/{how}/", body)


def agreed(cast: Cast) -> WorkingAgreement:
    with cast.acting():
        return WorkingAgreement.objects.get()


class TestProposals:
    def test_tell_what_is_to_change(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        made = propose(cast, contact, every=2, channel="call", remark="Less often, please")
        (told,) = csm.get(f"{PROPOSALS}?status=open").json()["results"]
        assert told == csm.get(f"{PROPOSALS}{made.pk}/").json()
        assert told["changes"] == {"every": 2, "channel": "call"}
        assert told["parts"] == ["rhythm", "channel"]
        assert (told["proposed_by"], told["based_on"]) == ("Camille Roy", 1)
        assert (told["remark"], told["status"]) == ("Less often, please", "open")
        assert csm.get(f"{PROPOSALS}?status=accepted").json()["results"] == []

    def test_are_accepted_whole(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        made = propose(cast, contact, every=2, channel="call")
        answer = decide(csm, made, "accept", agreement_version=1)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        told = answer.json()
        assert (told["status"], told["accepted"]) == ("accepted", ["rhythm", "channel"])
        assert told["decided_by"] == str(cast.csm.pk)
        found = agreed(cast)
        assert (found.every, found.channel, found.version) == (2, "call", 2)

    def test_are_accepted_in_parts(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        made = propose(cast, contact, every=2, channel="call")
        answer = decide(csm, made, "accept", agreement_version=1, parts=["channel"])
        assert answer.json()["accepted"] == ["channel"]
        assert (agreed(cast).every, agreed(cast).channel) == (1, "call")

    def test_that_only_remark_are_accepted_as_read(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        made = propose(cast, contact, remark="Thank you")
        answer = decide(csm, made, "accept", agreement_version=1)
        assert (answer.json()["status"], answer.json()["accepted"]) == ("accepted", [])

    def test_are_not_accepted_over_somebody_elses_change(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        made = propose(cast, contact, every=2)
        with cast.acting(cast.leader):
            agreement = WorkingAgreement.objects.get()
            agreement.decides = "Mme Roy"
            save_agreement(agreement)
        refused = decide(csm, made, "accept", agreement_version=1)
        assert (refused.status_code, refused.json()["changed_by"]) == (412, cast.leader.name)
        assert decide(csm, made, "accept", agreement_version=2).status_code == 200

    def test_are_declined_with_a_reason(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        made = propose(cast, contact, every=2)
        assert decide(csm, made, "decline").json()["errors"][0]["path"] == "reason"
        told = decide(csm, made, "decline", reason="Agreed on the phone").json()
        assert (told["status"], told["reason"]) == ("declined", "Agreed on the phone")
        assert agreed(cast).every == 1

    def test_are_decided_on_once(self, cast: Cast, csm: APIClient, contact: Contact) -> None:
        made = propose(cast, contact, every=2)
        decide(csm, made, "decline", reason="No")
        for how, body in (("accept", {"agreement_version": 1}), ("decline", {"reason": "No"})):
            answer = decide(csm, made, how, **body)
            assert (answer.status_code, answer.json()["code"]) == (409, "ProposalDecided")

    def test_are_decided_on_in_the_version_that_was_read(
        self, cast: Cast, csm: APIClient, contact: Contact
    ) -> None:
        made = propose(cast, contact, every=2)
        address, body = f"{PROPOSALS}{made.pk}/decline/", {"reason": "No"}
        assert csm.post(address, body, headers={"If-Match": '"7"'}).status_code == 412
        assert csm.post(address, body, headers={"If-Match": '"1"'}).status_code == 200

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "agreement_version"),
            ({"agreement_version": "1"}, "agreement_version"),
            ({"agreement_version": 1, "parts": ["price"]}, "parts[0]"),
            ({"agreement_version": 1, "parts": ["channel"]}, "parts"),
            ({"agreement_version": 1, "parts": []}, "parts"),
            ({"agreement_version": 1, "every": 3}, "every"),
        ],
    )
    def test_are_accepted_as_they_are_or_not_at_all(
        self, cast: Cast, csm: APIClient, contact: Contact, body: dict[str, Any], path: str
    ) -> None:
        answer = decide(csm, propose(cast, contact, every=2), "accept", **body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"].startswith(path)
        assert agreed(cast).every == 1

    def test_are_decided_on_by_who_works_there(self, cast: Cast, contact: Contact) -> None:
        made = propose(cast, contact, every=2)
        for member in (cast.manager, cast.analyst):
            client = signed_in(member)
            assert decide(client, made, "accept", agreement_version=1).status_code == 403
            assert decide(client, made, "decline", reason="No").status_code == 403
            assert client.get(f"{PROPOSALS}{made.pk}/").status_code == 200
        assert agreed(cast).every == 1

    def test_are_not_made_here(self, csm: APIClient) -> None:
        assert csm.post(PROPOSALS, {}).status_code == 405

    def test_are_listed_in_a_fixed_number_of_queries(self, cast: Cast, csm: APIClient) -> None:
        counts = []
        for _ in range(2):
            make_row(AgreementProposal, cast)
            make_row(AgreementProposal, cast)
            with count_queries() as captured:
                assert csm.get(PROPOSALS).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]
