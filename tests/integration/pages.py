"""Rows for the tests of pages: tasks on the very day that a test needs."""

import datetime as dt
from typing import Any

from accounts.models import Account
from engagement.models import Enrolment, MarketPass, Task
from playbooks.models import Cadence
from tests import factories


def a_cadence(**values: Any) -> Cadence:
    """Make a cadence that holds for no account of a test, so that planning adds nothing."""
    return factories.cadence(**{"tier": "tier_3", "stage": "renewal"} | values)


def a_task(account: Account, due: str, **values: Any) -> Task:
    """Make a task that is due on a local day of the account's market."""
    day = dt.date.fromisoformat(due)
    cadence = values.pop("cadence", None) or Cadence.objects.first() or a_cadence()
    enrolment, _ = Enrolment.objects.get_or_create(
        account=account,
        defaults={"market": account.market, "cadence": cadence, "origin": day},
    )
    defaults = {
        "nominal_date": day,
        "due_date": day,
        "due_at": dt.datetime(day.year, day.month, day.day, 16, tzinfo=dt.UTC),
        "owner": account.owner,
    }
    return Task.objects.create(
        account=account,
        enrolment=enrolment,
        cadence=cadence,
        planned_by=MarketPass.objects.create(market=account.market, trigger="command", today=day),
        **defaults | values,
    )
