"""Promises: made for a day there, kept, broken, renegotiated, and told of; by two at once."""

import datetime as dt
from typing import Any

import pytest

from accounts import promises
from accounts import services as accounts_services
from accounts.choices import PromiseStatus
from accounts.models import Account, Promise, PromiseChange
from engagement import services
from engagement.choices import TaskStatus
from engagement.models import Task, TaskPromise
from outbox import webhooks
from outbox.models import WebhookDelivery, WebhookEndpoint
from tests import factories
from tests.conftest import Cast, day
from tests.integration.pages import a_task
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def account(acting: Cast) -> Account:
    return factories.account(owner=acting.csm)


def promise(account: Account, cast: Cast, by: str = "2026-11-30", **values: Any) -> Promise:
    made: dict[str, Any] = {
        "what": "The new prices",
        "due_date": day(by),
        "by": cast.leader,
        "at": NOW,
    }
    return promises.make_promise(account=account, **made | values)


class TestMaking:
    def test_is_owed_by_who_looks_after_the_account(self, acting: Cast, account: Account) -> None:
        made = promise(account, acting)
        assert (made.status, made.owner, made.made_by) == ("open", acting.csm, acting.leader)
        account.owner = None
        assert promise(account, acting).owner == acting.leader

    def test_counts_days_where_the_customer_is(self, acting: Cast) -> None:
        """In Tokyo the 25th has begun, in France and in the Americas it has not."""
        evening = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)
        japan = factories.account(market=factories.market("JP"))
        with pytest.raises(InvalidInput, match="over where the customer is"):
            promise(japan, acting, "2026-11-24", at=evening)
        assert promise(factories.account(), acting, "2026-11-24", at=evening).pk

    def test_counts_by_the_clock_there_when_it_changes(self, acting: Cast) -> None:
        """On 25 October France leaves summer time: 22:30 UTC is still that day there."""
        account = factories.account()
        at = dt.datetime(2026, 10, 25, 22, 30, tzinfo=dt.UTC)
        assert promise(account, acting, "2026-10-25", at=at).pk
        day_before = dt.datetime(2026, 10, 24, 22, 30, tzinfo=dt.UTC)
        with pytest.raises(InvalidInput):
            promise(account, acting, "2026-10-24", at=day_before)

    def test_may_be_for_any_day_that_there_is(self, acting: Cast, account: Account) -> None:
        """A customer may name a Sunday, and 29 February."""
        assert promise(account, acting, "2026-11-29").pk
        assert promise(account, acting, "2028-02-29").pk
        with pytest.raises(InvalidInput, match="year"):
            promise(account, acting, "2300-01-01")

    def test_is_to_a_person_of_that_customer(self, acting: Cast, account: Account) -> None:
        contact = factories.contact(account=account)
        made = promise(account, acting, contact=contact)
        accounts_services.remove_contact(contact)
        made.refresh_from_db()
        assert (made.contact, made.version) == (None, 2)
        with pytest.raises(InvalidInput, match="another account"):
            promise(account, acting, contact=factories.contact())

    def test_an_archived_account_is_promised_nothing(self, acting: Cast, account: Account) -> None:
        made = promise(account, acting)
        accounts_services.archive_account(account, at=NOW)
        with pytest.raises(accounts_services.AccountArchived):
            promise(account, acting)
        made.account.refresh_from_db()
        with pytest.raises(accounts_services.AccountArchived):
            promises.renegotiate_promise(
                made, due_date=day("2026-12-01"), reason="x", by=acting.csm, at=NOW
            )
        # What is open can still be brought to its end.
        assert promises.keep_promise(made, by=acting.csm, at=NOW).status == "kept"


class TestSettling:
    def test_keeps_who_and_when(self, acting: Cast, account: Account) -> None:
        kept = promises.keep_promise(promise(account, acting), by=acting.csm, at=NOW)
        kept.refresh_from_db()
        assert (kept.status, kept.settled_at, kept.settled_by) == ("kept", NOW, acting.csm)

    def test_a_broken_one_says_why(self, acting: Cast, account: Account) -> None:
        made = promise(account, acting)
        with pytest.raises(InvalidInput, match="Say why"):
            promises.break_promise(made, by=acting.csm, at=NOW, reason=" ")
        promises.break_promise(made, by=acting.csm, at=NOW, reason="Legal said no")
        made.refresh_from_db()
        assert (made.status, made.reason) == (PromiseStatus.BROKEN, "Legal said no")

    def test_the_second_of_two_is_told_who_was_first(self, acting: Cast, account: Account) -> None:
        made = promise(account, acting)
        other = Promise.objects.get(pk=made.pk)
        promises.keep_promise(made, by=acting.csm, at=NOW)
        with pytest.raises(promises.AlreadySettled, match="CSM of Alder marked .* as kept"):
            promises.break_promise(other, by=acting.leader, at=NOW, reason="x")

    def test_one_that_moved_meanwhile_is_not_settled_unseen(
        self, acting: Cast, account: Account
    ) -> None:
        made = promise(account, acting)
        other = Promise.objects.get(pk=made.pk)
        promises.renegotiate_promise(
            made, due_date=day("2026-12-04"), reason="Asked for", by=acting.csm, at=NOW
        )
        with pytest.raises(StaleVersion):
            promises.keep_promise(other, by=acting.leader, at=NOW)

    def test_is_taken_back_for_ten_minutes(self, acting: Cast, account: Account) -> None:
        made = promises.break_promise(
            promise(account, acting), by=acting.csm, at=NOW, reason="Wrong line"
        )
        later = NOW + dt.timedelta(minutes=10)
        opened = promises.reopen_promise(made, at=later)
        assert (opened.status, opened.settled_by, opened.reason) == ("open", None, "")
        with pytest.raises(promises.NothingToReopen):
            promises.reopen_promise(opened, at=later)
        promises.keep_promise(opened, by=acting.csm, at=NOW)
        with pytest.raises(promises.NothingToReopen):
            promises.reopen_promise(opened, at=later + dt.timedelta(seconds=1))


class TestRenegotiating:
    def test_keeps_every_day_that_was_promised(self, acting: Cast, account: Account) -> None:
        made = promise(account, acting)
        for text, reason in (("2026-12-04", "Their budget"), ("2026-12-11", "Ours")):
            promises.renegotiate_promise(
                made, due_date=day(text), reason=reason, by=acting.csm, at=NOW
            )
        made.refresh_from_db()
        assert (made.status, made.due_date) == ("open", day("2026-12-11"))
        assert list(made.changes.values_list("old_date", "new_date", "reason")) == [
            (day("2026-11-30"), day("2026-12-04"), "Their budget"),
            (day("2026-12-04"), day("2026-12-11"), "Ours"),
        ]

    @pytest.mark.parametrize(
        ("until", "reason"), [("2026-11-30", "same"), ("2026-11-23", "over"), ("2026-12-01", "")]
    )
    def test_asks_for_another_day_to_come_and_a_reason(
        self, acting: Cast, account: Account, until: str, reason: str
    ) -> None:
        made = promise(account, acting)
        with pytest.raises(InvalidInput):
            promises.renegotiate_promise(
                made, due_date=day(until), reason=reason, by=acting.csm, at=NOW
            )
        assert not PromiseChange.objects.exists()


class TestEvents:
    def test_tell_of_each_turn(self, acting: Cast, account: Account) -> None:
        webhooks.create_endpoint(WebhookEndpoint(url="https://crm.example/", description="CRM"))
        made = promise(account, acting)
        promises.renegotiate_promise(
            made, due_date=day("2026-12-04"), reason="x", by=acting.csm, at=NOW
        )
        promises.keep_promise(made, by=acting.csm, at=NOW)
        promises.break_promise(promise(account, acting), by=acting.csm, at=NOW, reason="x")
        told = WebhookDelivery.objects.order_by("pk").values_list("event_type", flat=True)
        assert list(told) == [
            "promise.made",
            "promise.renegotiated",
            "promise.kept",
            "promise.made",
            "promise.broken",
        ]


class TestFromATask:
    def test_the_task_stays_whatever_is_planned(self, acting: Cast, account: Account) -> None:
        task = a_task(account, "2026-11-25")
        made = services.promise_from_task(
            task=task, what="x", due_date=day("2026-11-30"), by=acting.csm, at=NOW
        )
        account.tier = "tier_3"
        accounts_services.save_account(account)
        link = TaskPromise.objects.get(promise=made)
        assert link.task == task
        assert Task.objects.get(pk=task.pk).version == 2  # flagged, not removed

    def test_an_undo_keeps_it_there(self, acting: Cast, account: Account) -> None:
        task = a_task(account, "2026-11-25")
        services.complete_task(task=task, by=acting.csm, at=NOW)
        services.promise_from_task(
            task=task, what="x", due_date=day("2026-11-30"), by=acting.csm, at=NOW
        )
        undone = services.undo_task(task=task, by=acting.csm, at=NOW)
        assert (undone.status, undone.touched_at) == (TaskStatus.OPEN, NOW)

    def test_of_a_task_that_is_gone_nothing_is_promised(
        self, acting: Cast, account: Account
    ) -> None:
        task = a_task(account, "2026-11-25")
        Task.objects.filter(pk=task.pk).delete()
        with pytest.raises(services.TaskGone):
            services.promise_from_task(
                task=task, what="x", due_date=day("2026-11-30"), by=acting.csm, at=NOW
            )
        assert not Promise.objects.exists()
