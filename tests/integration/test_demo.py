"""What leaves the demo by itself: mails to those who want them, and nothing to a chat."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import Account
from cs_platform.demo import messages
from engagement import services
from engagement.models import Run, SentMessage, Task
from governance import services as governance
from outbox.models import Letter, WebhookDelivery
from outbox.webhooks import EndpointInactive
from playbooks import services as playbooks
from playbooks.models import PlaybookVersion
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

# A Wednesday, 10:00 in Berlin; two weeks before, the runs begin.
NOW = dt.datetime(2026, 5, 13, 8, tzinfo=dt.UTC)
BEGAN = NOW - dt.timedelta(weeks=2)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def customers(cast: Cast, *names: str, **values: object) -> None:
    """Make small customers in Germany who came on board three weeks ago, each with a contact."""
    new = {"tier": "tier_3", "stage": "onboarding", "start_date": NOW.date() - 3 * messages.A_WEEK}
    for name in names:
        account = factories.account(
            name=name, owner=cast.csm, market=factories.market("DE"), **new | values
        )
        factories.contact(
            account=account,
            name="Katharina Albrecht",
            email=f"albrecht@{name.lower()}.example",
            language="de-DE",
            is_primary=True,
        )


def play(cast: Cast) -> None:
    """Start the playbook two weeks ago, and send what was due by now."""
    messages.publish_mails(by=cast.leader, at=BEGAN)
    messages.start_mails(by=cast.leader, at=BEGAN)
    messages.send_mails(Task.objects.to_do().digital().filter(due_at__lt=NOW))


class TestThePlaybook:
    def test_breaks_no_rule_of_the_organization(self, acting: Cast) -> None:
        factories.market("DE")
        governance.adopt_starting_set(by=acting.leader, at=NOW)
        messages.publish_mails(by=acting.leader, at=NOW)
        version = PlaybookVersion.objects.get(playbook__key=messages.MAILS)
        assert version.status == "published"
        assert playbooks.check_version(version, at=NOW) == []


class TestItsMails:
    def test_went_out_in_time_and_the_next_one_is_still_to_come(self, acting: Cast) -> None:
        customers(acting, "Ahorn")
        play(acting)
        first, second = SentMessage.objects.order_by("sent_at")
        # An hour before offices close: 16:00 in Berlin.
        assert [str(each.sent_at) for each in (first, second)] == [
            "2026-04-30 14:00:00+00:00",
            "2026-05-08 14:00:00+00:00",
        ]
        assert first.letter.subject == f"Willkommen bei {acting.organization.name}"
        assert Run.objects.get().status == "active"
        last = Task.objects.to_do().digital().get()
        assert (last.step and last.step.key, last.hold) == ("last-hour", "")

    def test_go_to_those_who_want_them_and_the_page_says_why_not_to_others(
        self, acting: Cast
    ) -> None:
        customers(acting, "Ahorn", "Birke", "Distel", "Erle", "Fichte")
        play(acting)
        assert set(SentMessage.objects.values_list("task__account__name", flat=True)) == {
            *("Ahorn", "Birke", "Erle"),
        }
        held = Task.objects.exclude(hold="").values_list("account__name", "hold")
        assert set(held) == {("Distel", "opted_out"), ("Fichte", "no_consent")}

    def test_are_for_small_customers_who_are_new(self, acting: Cast) -> None:
        customers(acting, "Ahorn")
        customers(acting, "Birke", tier="tier_2")
        customers(acting, "Distel", stage="value")
        customers(acting, "Erle", start_date=BEGAN.date() - 5 * messages.A_WEEK)
        play(acting)
        assert [run.account for run in Run.objects.all()] == [Account.objects.get(name="Ahorn")]


class TestTheChat:
    def test_is_off_and_nothing_is_posted_there(self, acting: Cast) -> None:
        region = factories.market("DE").region
        channel = messages.prepare_channel(region)
        customers(acting, "Ahorn")
        play(acting)
        services.write_due_summaries(now=NOW)
        with pytest.raises(EndpointInactive):
            services.try_channel(channel)
        assert not WebhookDelivery.objects.exists()
        assert "secret" not in channel.endpoint.url
        assert Letter.objects.exists()
