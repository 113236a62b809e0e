"""Promises as a CSM reads them: by when, to whom, how often moved, and what became of them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Account, Promise, PromiseChange
from accounts.promises import SETTLED_SHOWN, UNDO_WITHIN
from regions.working_time import prepare_working_times, working_time
from workspace import formats

OWED_SHOWN = 50
"""How many open promises Today shows at most, those due first."""


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise in a list; ``is_late`` and ``is_due`` are seen from where the customer is."""

    promise: Promise
    changes: list[PromiseChange]
    is_late: bool
    is_due: bool
    can_undo: bool

    @property
    def is_open(self) -> bool:
        """Whether it is neither kept nor broken."""
        return self.promise.settled_at is None

    @property
    def moved(self) -> list[tuple[str, str]]:
        """From which day it was moved to which, each time with the reason."""
        return [
            (
                _("Moved from %(old)s to %(new)s:")
                % {"old": formats.day(each.old_date), "new": formats.day(each.new_date)},
                each.reason,
            )
            for each in self.changes
        ]


def lines(promises: Iterable[Promise], *, now: dt.datetime) -> list[PromiseLine]:
    """Return promises as lines, in their order; reads only what ``for_list`` loads."""
    found = list(promises)
    prepare_working_times(each.account.market for each in found)
    return [line_of(each, now=now) for each in found]


def line_of(promise: Promise, *, now: dt.datetime) -> PromiseLine:
    """Return one promise as a line."""
    today = working_time(promise.account.market).today(now)
    is_open = promise.settled_at is None
    return PromiseLine(
        promise=promise,
        changes=list(promise.changes.all()),
        is_late=is_open and promise.due_date < today,
        is_due=is_open and promise.due_date == today,
        can_undo=promise.settled_at is not None and now - promise.settled_at <= UNDO_WITHIN,
    )


def owed_by(membership_id: UUID, *, now: dt.datetime) -> list[PromiseLine]:
    """Return what a member still owes customers, what is due first on top."""
    owed = Promise.objects.open().owned_by(membership_id).for_list()
    return lines(owed.order_by("due_date", "pk")[:OWED_SHOWN], now=now)


def lines_of(account: Account, *, now: dt.datetime) -> list[PromiseLine]:
    """Return the promises to a customer: those open, then those settled last."""
    promises = Promise.objects.filter(account=account).for_list()
    settled = promises.exclude(settled_at=None).order_by("-settled_at", "-pk")[:SETTLED_SHOWN]
    return lines([*promises.open().order_by("due_date", "pk"), *settled], now=now)
