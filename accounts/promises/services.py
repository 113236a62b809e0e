"""Every write on promises. Each expects an open one; the second of two is told."""

import datetime as dt

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import events
from accounts.choices import PromiseStatus
from accounts.days import reason_against
from accounts.models import Account, Contact, Promise, PromiseChange
from accounts.services import require_in_use
from regions.working_time import working_time
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput, require_reason
from toolkit.storage import StaleVersion, store

UNDO_WITHIN = dt.timedelta(minutes=10)
SETTLED_SHOWN = 5
"""How many settled promises the page of an account shows."""


class AlreadySettled(DomainError):
    """Somebody kept or broke the promise before."""

    def __init__(self, promise: Promise) -> None:
        self.promise = promise
        at = timezone.localtime(promise.settled_at)
        known = {
            "name": promise.settled_by or _("Somebody"),
            "when": f"{formats.date_format(at, 'SHORT_DATETIME_FORMAT')} ({at.tzname()})",
        }
        said = (
            _("%(name)s marked this promise as kept on %(when)s.")
            if promise.status == PromiseStatus.KEPT
            else _("%(name)s marked this promise as broken on %(when)s.")
        )
        super().__init__(said % known)


class NothingToReopen(DomainError):
    """The promise is open, or was settled too long ago."""


def first_day_for(account: Account, at: dt.datetime) -> dt.date:
    """Return the first day that something may be promised for: today where the customer is."""
    return working_time(account.market).today(at)


def make_promise(
    *,
    account: Account,
    what: str,
    due_date: dt.date,
    by: Membership,
    at: dt.datetime,
    contact: Contact | None = None,
    owner: Membership | None = None,
) -> Promise:
    """Note what a customer is promised by a local day of its market.

    Who owns it sees to it: whoever looks after the account unless told otherwise, else ``by``.

    :raises AccountArchived: for an account that nobody works with.
    :raises InvalidInput: for a day that is over there, another account's contact, or an owner
        who is not active.
    """
    promise = Promise(account=account, contact=contact, what=what, due_date=due_date, made_by=by)
    promise.owner = owner or account.owner or by
    return save_promise(promise, at=at)


@transaction.atomic
def save_promise(promise: Promise, *, at: dt.datetime) -> Promise:
    """Save a new promise, or another wording, contact or owner of an open one.

    :raises AccountArchived: for an account that nobody works with.
    :raises AlreadySettled: if it was kept or broken.
    :raises InvalidInput: for a day that is over, another account's contact, or an owner who is
        not active.
    """
    require_in_use(promise.account)
    creating = promise._state.adding
    if not creating:
        _refuse_settled(promise)
    _check_parts(promise)
    store(promise)
    if creating:
        _check_day(promise.account, promise.due_date, at)
        events.tell_of_promise("promise.made", promise)
    return promise


@transaction.atomic
def keep_promise(promise: Promise, *, by: Membership, at: dt.datetime) -> Promise:
    """Mark a promise as kept. ``at`` is UTC.

    :raises AlreadySettled: if somebody was faster.
    :raises StaleVersion: if it was changed meanwhile.
    """
    return _settle(promise, PromiseStatus.KEPT, by, at)


@transaction.atomic
def break_promise(promise: Promise, *, by: Membership, at: dt.datetime, reason: str) -> Promise:
    """Mark a promise as broken, with what kept us from keeping it. ``at`` is UTC.

    :raises AlreadySettled: if somebody was faster.
    :raises StaleVersion: if it was changed meanwhile.
    :raises InvalidInput: without a reason.
    """
    require_reason(reason)
    return _settle(promise, PromiseStatus.BROKEN, by, at, reason=reason)


@transaction.atomic
def renegotiate_promise(
    promise: Promise, *, due_date: dt.date, reason: str, by: Membership, at: dt.datetime
) -> Promise:
    """Give a promise another day, agreed with the customer; it stays open. ``at`` is UTC.

    :raises AlreadySettled: if it was kept or broken.
    :raises StaleVersion: if it was changed meanwhile.
    :raises AccountArchived: for an account that nobody works with.
    :raises InvalidInput: without a reason, for the same day, or for one that is over there.
    """
    require_reason(reason)
    require_in_use(promise.account)
    _lock(promise)
    if due_date == promise.due_date:
        raise InvalidInput({"due_date": _("It is promised for this day already.")})
    _check_day(promise.account, due_date, at)
    change = PromiseChange(promise=promise, old_date=promise.due_date, new_date=due_date)
    change.reason, change.changed_by, change.changed_at = reason, by, at
    promise.due_date = due_date
    store(promise)
    store(change)
    promise.__dict__.pop("_prefetched_objects_cache", None)
    events.tell_of_promise("promise.renegotiated", promise)
    return promise


@transaction.atomic
def reopen_promise(promise: Promise, *, at: dt.datetime) -> Promise:
    """Take back that a promise was kept or broken, within ten minutes.

    :raises NothingToReopen: if it is open, or it is too late.
    :raises StaleVersion: if it was changed meanwhile.
    """
    if promise.settled_at is None or at - promise.settled_at > UNDO_WITHIN:
        raise NothingToReopen(
            _("There is nothing to undo: an action can be taken back for ten minutes.")
        )
    promise.status, promise.reason = PromiseStatus.OPEN.value, ""
    promise.settled_at = promise.settled_by = None
    return store(promise)


def _settle(
    promise: Promise, status: PromiseStatus, by: Membership, at: dt.datetime, *, reason: str = ""
) -> Promise:
    _lock(promise)
    promise.status, promise.reason = status.value, reason
    promise.settled_at, promise.settled_by = at, by
    store(promise)
    events.tell_of_promise(f"promise.{status.value}", promise)
    return promise


def _lock(promise: Promise) -> None:
    """Let one at a time settle or move a promise.

    :raises AlreadySettled: if it was kept or broken.
    :raises StaleVersion: if it was changed meanwhile.
    """
    locked = _refuse_settled(promise)
    if locked.version != promise.version:
        raise StaleVersion(promise)


def _refuse_settled(promise: Promise) -> Promise:
    rows = Promise.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("settled_by").get(pk=promise.pk)
    if locked.status != PromiseStatus.OPEN:
        raise AlreadySettled(locked)
    return locked


def _check_parts(promise: Promise) -> None:
    contact = promise.contact
    if contact is not None and contact.account_id != promise.account_id:
        raise InvalidInput({"contact": _("This contact belongs to another account.")})
    if not promise.owner.is_active:
        raise InvalidInput({"owner": _("%(name)s is not active.") % {"name": promise.owner}})


def _check_day(account: Account, day: dt.date, at: dt.datetime) -> None:
    if reason := reason_against(day):
        raise InvalidInput({"due_date": reason})
    if day < first_day_for(account, at):
        raise InvalidInput({"due_date": _("This day is over where the customer is.")})
