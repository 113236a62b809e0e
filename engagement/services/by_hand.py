"""Tasks that people make themselves, and promises made on the occasion of a task."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import promises
from accounts.models import Account, Contact, Promise
from accounts.services import require_in_use
from engagement.models import Task, TaskPromise
from engagement.timing import agreed_with, reason_against
from regions.calendars import CalendarRangeError
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.working_time import working_time
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store


class TaskGone(DomainError):
    """The task was planned anew meanwhile."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next, by a local day of the customer's market; without one, soon."""

    title: str
    due_date: dt.date | None = None


@transaction.atomic
def make_task(
    *,
    account: Account,
    title: str,
    by: Membership,
    at: dt.datetime,
    due_date: dt.date | None = None,
    benefit: str = "",
    owner: Membership | None = None,
) -> Task:
    """Make a task by hand: planning leaves it alone. ``at`` is UTC.

    Without a day it is due on the next one on which the customer works; without an owner it is
    whose the account is. It follows the account to a new owner unless it was given to another.

    :raises AccountArchived: for an account that nobody works with.
    :raises InvalidInput: for a day that is over, not known or not worked there, and for an owner
        who is not active.
    """
    require_in_use(account)
    if owner is not None and not owner.is_active:
        raise InvalidInput({"owner": _("%(name)s is not active.") % {"name": owner}})
    market = agreed_with(account).applied_to_market(working_time(account.market))
    day = due_date or _next_working_day(market, at)
    if reason := reason_against(day, market, at):
        raise InvalidInput({"due_date": reason})
    owner = owner or account.owner or by
    return store(
        Task(
            account=account,
            title=title,
            benefit=benefit,
            owner=owner,
            nominal_date=day,
            due_date=day,
            due_at=due_at(day, market.hours, market.zone),
            touched_at=None if owner.pk == account.owner_id else at,
        )
    )


@transaction.atomic
def promise_from_task(
    *,
    task: Task,
    what: str,
    due_date: dt.date,
    by: Membership,
    at: dt.datetime,
    contact: Contact | None = None,
) -> Promise:
    """Note what a customer was promised on the occasion of a task, which stays from now on.

    :raises TaskGone: if the task was planned anew meanwhile.
    :raises DomainError: as ``make_promise`` does.
    """
    locked = Task.objects.select_for_update(of=("self",)).filter(pk=task.pk).first()
    if locked is None:
        raise TaskGone(_("This is not open any more: it was planned anew."))
    promise = promises.make_promise(
        account=task.account, what=what, due_date=due_date, by=by, at=at, contact=contact
    )
    store(TaskPromise(task=locked, promise=promise))
    # Kept as its reader saw it: this is no change that anybody has to look at.
    Task.objects.filter(pk=task.pk, touched_at=None).update(touched_at=at)
    return promise


def _next_working_day(market: MarketTime, at: dt.datetime) -> dt.date:
    try:
        return market.calendar.next_working_day(market.today(at))
    except CalendarRangeError as error:
        raise InvalidInput({"due_date": _("The holidays of that year are not known.")}) from error
