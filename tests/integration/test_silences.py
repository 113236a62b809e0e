"""Silence, told by the market's own clock, on Today and on the page of an account."""

from collections.abc import Iterator

import pytest
import time_machine

from engagement.models import Enrolment
from tests import factories
from tests.conftest import Cast, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-05-14T08:00:00+00:00", tick=False):
        yield


@pytest.mark.parametrize(
    ("last", "agreed", "said"),
    [
        ("2026-05-01", None, "waiting, normal here"),
        ("2026-01-08", None, "silent, unusual here"),
        # Golden Week is no waiting: five working days in between.
        ("2026-04-28", 1, "waiting, normal here"),
        ("2026-04-20", 1, "silent, unusual here"),
        (None, None, ""),
    ],
)
def test_is_said_in_words(cast: Cast, last: str | None, agreed: int | None, said: str) -> None:
    with cast.acting():
        account = factories.account(market=factories.market("JP"), owner=cast.csm)
        a_task(account, "2026-05-14")
        Enrolment.objects.update(last_contact=day(last) if last else None)
        if agreed:
            factories.agreement(account=account, every=agreed, unit="weeks")
            Enrolment.objects.update(is_active=True)
            a_task(account, "2026-05-15")
    for address in ("/", f"/accounts/{account.pk}/"):
        page = signed_in(cast.csm).get(address).content.decode()
        for words in ("waiting, normal here", "silent, unusual here"):
            assert (words in page) == (words == said), address
