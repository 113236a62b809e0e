"""Accounts: the list, and all that is known of one."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Account, WorkingAgreement
from regions.models import CulturalStatement
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-05-14T08:00:00+00:00", tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        return factories.account(
            name="Lenoir", owner=cast.csm, market=factories.market("GB"), city="Leeds"
        )


def page(member: Membership, address: str) -> str:
    response = signed_in(member).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


class TestList:
    def test_finds_by_prefix_market_stage_and_owner(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            factories.account(name="Öresund Bro", owner=None, stage="onboarding")

        def shown(query: str) -> list[str]:
            found = page(cast.csm, f"/accounts/{query}")
            return [name for name in ("Lenoir", "Öresund") if name in found]

        assert shown("") == ["Lenoir", "Öresund"]
        assert shown("?q=ores") == ["Öresund"]
        assert shown(f"?market={account.market_id}") == ["Lenoir"]
        assert shown("?stage=onboarding") == ["Öresund"]
        assert shown("?owner=mine") == ["Lenoir"]
        assert shown("?owner=nobody") == ["Öresund"]

    def test_goes_on_where_the_last_page_ended(self, cast: Cast) -> None:
        with cast.acting():
            for _ in range(51):
                factories.account(name="Same name")
        first = signed_in(cast.csm).get("/accounts/")
        cursor = first.context["page"].after
        second = signed_in(cast.csm).get("/accounts/", {"after": cursor})
        ids = [row.pk for each in (first, second) for row in each.context["page"].rows]
        assert (len(ids), len(set(ids))) == (51, 51)
        assert second.context["page"].after == ""

    def test_the_number_of_queries_does_not_grow_with_rows(self, cast: Cast) -> None:
        client = signed_in(cast.csm)

        def add(count: int) -> None:
            with cast.acting():
                for _ in range(count):
                    factories.account(owner=cast.csm)

        add(2)
        with count_queries() as few:
            client.get("/accounts/")
        add(18)
        with count_queries() as many:
            client.get("/accounts/")
        assert len(many) == len(few)

    def test_says_who_adds_accounts_when_there_are_none(self, cast: Cast) -> None:
        assert "There are no accounts yet" in page(cast.csm, "/accounts/")


class TestAccount:
    def test_shows_where_who_and_what(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            factories.contact(account=account, name="Alice Lenoir", language="en-GB")
            a_task(account, "2026-05-20")
            a_task(account, "2026-04-20", status="missed")
        shown = page(cast.csm, f"/accounts/{account.pk}/")
        for text in (
            "United Kingdom",
            "Leeds",
            "09:00",
            "Working day today",
            "Alice Lenoir",
            "Wed, May 20",
            "Missed",
            "Nothing is agreed yet",
        ):
            assert text in shown

    def test_the_number_of_queries_does_not_grow_with_tasks(
        self, cast: Cast, account: Account
    ) -> None:
        client = signed_in(cast.csm)
        counts = []
        for months in (("04",), ("03", "02", "01")):
            with cast.acting():
                for month in months:
                    for number in range(1, 7):
                        a_task(account, f"2026-{month}-{number:02}", status="missed")
                        a_task(account, f"2026-{month}-{number + 10:02}")
            client.get(f"/accounts/{account.pk}/")
            with count_queries() as captured:
                client.get(f"/accounts/{account.pk}/")
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_a_foreign_account_is_a_missing_one(self, account: Account, outsiders: Cast) -> None:
        client = signed_in(outsiders.leader)
        for rest in ("", "agreement/"):
            foreign, missing = (
                client.get(f"/accounts/{pk}/{rest}") for pk in (account.pk, uuid4())
            )
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert foreign.content == missing.content


class TestHints:
    def test_are_worded_as_reports_with_their_source(self, cast: Cast, account: Account) -> None:
        shown = page(cast.csm, f"/accounts/{account.pk}/")
        assert "Reported by Steve McDougal, Genesys" in shown
        assert "Not confirmed: check with your local team." in shown
        assert "slightly concerned" in shown
        assert "urgency: High" in shown

    def test_withdrawn_ones_and_those_about_teams_are_not_shown(
        self, cast: Cast, account: Account
    ) -> None:
        with cast.acting():
            statements = CulturalStatement.objects.filter(market=account.market)
            withdrawn, teams = statements[:2]
            CulturalStatement.objects.filter(pk=withdrawn.pk).update(
                withdrawn_at="2026-01-01T00:00Z", text="Gone for good"
            )
            CulturalStatement.objects.filter(pk=teams.pk).update(
                scope="teams", text="About teams only"
            )
        shown = page(cast.csm, f"/accounts/{account.pk}/")
        assert "Gone for good" not in shown
        assert "About teams only" not in shown

    @pytest.mark.parametrize(
        ("confirmed_at", "words"),
        [("2026-01-01T00:00Z", "on Thu, Jan 1, 2026."), ("2025-01-01T00:00Z", "time to ask again")],
    )
    def test_a_confirmation_holds_for_a_year(
        self, cast: Cast, account: Account, confirmed_at: str, words: str
    ) -> None:
        with cast.acting():
            CulturalStatement.objects.filter(market=account.market).update(
                confirmed_at=confirmed_at, confirmed_by=cast.manager
            )
        shown = page(cast.csm, f"/accounts/{account.pk}/")
        assert "Confirmed by Regional manager of Alder" in shown
        assert words in shown

    def test_can_be_put_away_for_the_session_and_come_back(
        self, cast: Cast, account: Account
    ) -> None:
        client = signed_in(cast.csm)
        address = f"/accounts/{account.pk}/"
        client.post(f"{address}hints/", {"dismiss": ""}, format="multipart")
        assert "Steve McDougal" not in client.get(address).content.decode()
        client.post(f"{address}hints/")
        assert "Steve McDougal" in client.get(address).content.decode()


class TestAgreement:
    VALUES = {
        "seen_version": "1",
        "every": "2",
        "unit": "weeks",
        "weekdays": ["2", "4"],
        "hours_from": "10:00",
        "hours_to": "00:00",
        "channel": "video",
        "language": "en-GB",
        "decides": "The board",
    }

    def test_is_saved_and_read_in_plain_words(self, cast: Cast, account: Account) -> None:
        client = signed_in(cast.csm)
        address = f"/accounts/{account.pk}/"
        response = client.post(f"{address}agreement/", self.VALUES, format="multipart")
        assert response.status_code == 302
        shown = client.get(address).content.decode()
        for text in (
            "every 2 weeks",
            "Tuesday, Thursday",
            "Video call",
            "10:00 to 24:00, their time",
            "English",
            "The board",
        ):
            assert text in shown
        form = client.get(f"{address}agreement/").content.decode()
        assert 'value="10:00"' in form
        assert 'value="00:00"' in form

    def test_tells_the_second_of_two(self, cast: Cast, account: Account) -> None:
        address = f"/accounts/{account.pk}/agreement/"
        signed_in(cast.leader).post(address, self.VALUES, format="multipart")
        values = self.VALUES | {"decides": "Her brother"}
        client = signed_in(cast.csm)
        assert client.post(address, values, format="multipart").status_code == 302
        response = client.post(address, values, format="multipart")
        assert response.status_code == 409
        assert "Somebody else changed this" in response.content.decode()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"unit": ""},
            {"hours_to": "09:00"},
            {"hours_from": ""},
            {"every": "0"},
            {"language": "?"},
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, cast: Cast, account: Account, wrong: dict[str, str]
    ) -> None:
        response = signed_in(cast.csm).post(
            f"/accounts/{account.pk}/agreement/", self.VALUES | wrong, format="multipart"
        )
        assert response.status_code == 422
        with cast.acting():
            assert not WorkingAgreement.objects.exists()

    def test_names_no_contact_of_another_account(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            stranger = factories.contact(account=factories.account())
        response = signed_in(cast.csm).post(
            f"/accounts/{account.pk}/agreement/",
            self.VALUES | {"agreed_with": str(stranger.pk)},
            format="multipart",
        )
        assert response.status_code == 422

    def test_an_analyst_may_not(self, cast: Cast, account: Account) -> None:
        client = signed_in(cast.analyst)
        assert client.get(f"/accounts/{account.pk}/agreement/").status_code == 403
        response = client.post(f"/accounts/{account.pk}/agreement/", self.VALUES)
        assert response.status_code == 403
        assert "Change the agreement" not in page(cast.analyst, f"/accounts/{account.pk}/")
