"""Every write on triggers themselves."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from engagement.models import Trigger
from engagement.trigger_rules import COUNTS_DAYS, TriggerKind
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store


class TriggerArchived(DomainError):
    """An archived trigger stays as it was."""


@transaction.atomic
def save_trigger(trigger: Trigger) -> Trigger:
    """Save a new or changed trigger.

    :raises InvalidInput: for what its kind needs, or has no use for, by field.
    """
    refused: dict[str, object] = {}
    counts = trigger.kind in COUNTS_DAYS
    if counts is (trigger.days is None):
        refused["days"] = _("Days are needed before a renewal and after a start, and only there.")
    if trigger.percent is not None and trigger.kind != TriggerKind.SILENT:
        refused["percent"] = _("A percentage belongs to silence, and only there.")
    if trigger.kind == TriggerKind.STAGE_ENTERED and not trigger.stage:
        refused["stage"] = _("Name the stage that is entered.")
    if refused:
        raise InvalidInput(refused)
    return store(trigger)


@transaction.atomic
def archive_trigger(trigger: Trigger, *, at: dt.datetime) -> Trigger:
    """Switch a trigger off for good; what it started goes on, and what it decided is kept.

    :raises TriggerArchived: if it is archived already.
    """
    if trigger.archived_at is not None:
        raise TriggerArchived(_("%(trigger)s is archived already.") % {"trigger": trigger})
    trigger.archived_at, trigger.is_active = at, False
    return store(trigger)
