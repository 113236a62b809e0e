"""What became of mails in copy, over the API: to be read."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from engagement.models import IncomingMail
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, count_queries, signed_in

MAILS = "/api/v1/incoming-mails/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> APIClient:
    return signed_in(cast.csm)


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        return factories.account(name="Nordlicht")


def mail(cast: Cast, account: Account, result: str, **values: str) -> IncomingMail:
    with cast.acting():
        return IncomingMail.objects.create(
            account=account, message_id=f"<{result}@nord.example>", result=result, **values
        )


class TestMails:
    def test_tell_what_became_of_each(
        self, cast: Cast, client: APIClient, account: Account
    ) -> None:
        made = mail(cast, account, "refused", subject="Hello", reason="Archived.")
        told = client.get(f"{MAILS}{made.pk}/").json()
        assert (told["account"], told["account_name"]) == (str(account.pk), "Nordlicht")
        assert (told["subject"], told["result"], told["reason"]) == (
            *("Hello", "refused", "Archived."),
        )
        assert told["meeting"] is None

    def test_are_filtered(self, cast: Cast, client: APIClient, account: Account) -> None:
        with cast.acting():
            other = factories.account()
        first, second = (mail(cast, account, result) for result in ("refused", "automatic"))
        third = mail(cast, other, "refused")

        def found(query: str) -> list[str]:
            return [row["id"] for row in client.get(f"{MAILS}?{query}").json()["results"]]

        assert found("") == [str(row.pk) for row in (third, second, first)]
        assert found(f"account={account.pk}") == [str(second.pk), str(first.pk)]
        assert found("result=refused") == [str(third.pk), str(first.pk)]
        assert client.get(f"{MAILS}?result=lost").status_code == 400

    def test_are_not_written_here(self, cast: Cast, client: APIClient, account: Account) -> None:
        made = mail(cast, account, "refused")
        assert client.post(MAILS, {}).status_code == 405
        for method in (client.patch, client.put, client.delete):
            assert method(f"{MAILS}{made.pk}/", {}).status_code == 405

    def test_are_listed_in_a_fixed_number_of_queries(self, cast: Cast, client: APIClient) -> None:
        counts = []
        for _ in range(2):
            make_row(IncomingMail, cast)
            make_row(IncomingMail, cast)
            with count_queries() as captured:
                assert client.get(MAILS).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]
