"""A few promises of the demo, so that Today and an account show what is owed."""

import datetime as dt

from accounts import promises
from accounts.models import Account
from engagement import services as engagement_services
from engagement.choices import Sentiment
from engagement.models import OutcomeRule
from playbooks.models import Playbook

PROMISED = (
    ("Send the comparison of both plans", 0),
    ("Come back with a date for the missing export", 2),
    ("Introduce the new head of support", 6),
)
"""What is promised, and how many days after today it is due where the customer is."""


def promise_things(*, now: dt.datetime) -> None:
    """Promise something to the first customers by name; the last promise was renegotiated."""
    accounts = Account.objects.filter(owner__isnull=False, archived_at=None)
    chosen = accounts.select_related("market", "owner").order_by("search_name")[: len(PROMISED)]
    promise = None
    for account, (what, days) in zip(chosen, PROMISED, strict=False):
        assert account.owner is not None
        promise = promises.make_promise(
            account=account,
            what=what,
            due_date=promises.first_day_for(account, now) + dt.timedelta(days=days),
            contact=account.contacts.first(),
            by=account.owner,
            at=now,
        )
    if promise is not None:
        promises.renegotiate_promise(
            promise,
            due_date=promise.due_date + dt.timedelta(days=7),
            reason="She starts a week later than planned.",
            by=promise.owner,
            at=now,
        )


def propose_escalation() -> None:
    """Propose the playbook for escalations where a customer was left unhappy."""
    for playbook in Playbook.objects.filter(key="escalation"):
        engagement_services.save_outcome_rule(
            OutcomeRule(sentiment=Sentiment.NEGATIVE, playbook=playbook)
        )
