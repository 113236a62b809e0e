"""The admin's pages on triggers: kept, tried dry, fired."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from engagement.models import Run, Trigger, TriggerFiring
from engagement.services import start_run
from playbooks.models import PlaybookVersion
from tests import factories
from tests.admin_pages import address, browser, shown_form
from tests.conftest import Cast, count_queries

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(cast: Cast) -> PlaybookVersion:
    with cast.acting():
        factories.market("FR")
        return factories.published(factories.step("call"), by=cast.leader)


def renewing(cast: Cast, version: PlaybookVersion, accounts: int = 1) -> Trigger:
    with cast.acting():
        for number in range(accounts):
            factories.account(name=f"Due {number}", renewal_date=dt.date(2026, 4, 1))
        return factories.trigger(version.playbook, "before_renewal", days=30, name="Renewal")


def test_is_written_on_a_form_that_names_what_is_missing(
    cast: Cast, version: PlaybookVersion
) -> None:
    client = browser(cast.leader)
    add = address(Trigger, "add")
    form = shown_form(client.get(add)) | {
        "name": "90 days",
        "playbook": str(version.playbook_id),
        "kind": "before_renewal",
    }
    assert (
        "Days are needed before a renewal and after a start"
        in client.post(add, form).content.decode()
    )
    assert client.post(add, form | {"days": "90"}).status_code == 302
    with cast.acting():
        trigger = Trigger.objects.get()
        assert (trigger.days, trigger.is_active) == (90, False)
    page = client.get(address(Trigger, "change", trigger.pk)).content.decode()
    assert address(Trigger, "dry_run", trigger.pk) in page


def test_a_dry_run_names_who_would_start_and_why_others_would_not(
    cast: Cast, version: PlaybookVersion
) -> None:
    trigger = renewing(cast, version)
    with cast.acting():
        factories.account(name="Elsewhere")
        busy = factories.account(name="Busy", renewal_date=dt.date(2026, 4, 1))
        start_run(playbook=version.playbook, account=busy, by=cast.csm, at=NOW)
    page = browser(cast.leader).get(address(Trigger, "dry_run", trigger.pk)).content.decode()
    assert "1 account would start." in page
    assert "Due 0" in page
    assert "1 would not: The playbook is under way for the account already." in page
    assert "Busy" in page
    assert "Elsewhere" not in page
    assert "For 1 other account that it watches nothing happened." in page
    with cast.acting():
        assert Run.objects.count() == 1


def test_a_dry_run_asks_a_fixed_number_of_queries(cast: Cast, version: PlaybookVersion) -> None:
    trigger = renewing(cast, version)
    client = browser(cast.leader)
    url = address(Trigger, "dry_run", trigger.pk)
    client.get(url)
    with count_queries() as one:
        client.get(url)
    with cast.acting():
        for _number in range(4):
            factories.account(renewal_date=dt.date(2026, 4, 1))
    with count_queries() as five:
        assert "5 accounts would start." in client.get(url).content.decode()
    assert len(one) == len(five)


def test_starts_at_once_and_lists_what_it_decided(cast: Cast, version: PlaybookVersion) -> None:
    trigger = renewing(cast, version)
    client = browser(cast.leader)
    client.post(address(Trigger, "fire", trigger.pk), {"_form_submitted": "True"})
    with cast.acting():
        assert Run.objects.get().cause == "trigger"
    page = client.get(address(TriggerFiring, "changelist")).content.decode()
    assert "Due 0" in page
    assert "Started" in page


def test_of_another_organization_is_not_there(
    cast: Cast, version: PlaybookVersion, outsiders: Cast
) -> None:
    trigger = renewing(cast, version)
    answer = browser(outsiders.leader).get(address(Trigger, "dry_run", trigger.pk))
    assert answer.status_code == 404
