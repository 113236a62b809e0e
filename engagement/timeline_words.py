"""What happened with an account, in one sentence each. Knows neither rows nor the clock."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toolkit import formats

Fact: TypeAlias = "str | dt.date | Promise"


class Happening(StrEnum):
    """What can happen."""

    TASK_DONE = "task_done"
    TASK_NOT_APPLICABLE = "task_not_applicable"
    TASK_MISSED = "task_missed"
    TASK_SKIPPED = "task_skipped"
    TASK_MERGED = "task_merged"
    MESSAGE_SENT = "message_sent"
    TASK_MOVED = "task_moved"
    TASK_HANDED_OVER = "task_handed_over"
    TASK_TAKEN_BACK = "task_taken_back"
    RUN_STARTED = "run_started"
    RUN_PAUSED = "run_paused"
    RUN_RESUMED = "run_resumed"
    RUN_DONE = "run_done"
    RUN_CANCELLED = "run_cancelled"
    RUN_TO_EDITION = "run_to_edition"
    RUN_TO_MARKET = "run_to_market"
    RUN_ANCHOR_MOVED = "run_anchor_moved"
    TRIGGER_STARTED = "trigger_started"
    TRIGGER_HELD_BACK = "trigger_held_back"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_MOVED = "promise_moved"
    MEETING_HELD = "meeting_held"
    MEETING_WITH = "meeting_with"
    AGREEMENT_NOTED = "agreement_noted"
    AGREEMENT_CHANGED = "agreement_changed"
    AGREEMENT_REMOVED = "agreement_removed"
    AGREEMENT_SHARED = "agreement_shared"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_ACCEPTED = "proposal_accepted"
    PROPOSAL_DECLINED = "proposal_declined"
    PROPOSAL_REPLACED = "proposal_replaced"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_ARCHIVED = "account_archived"
    ACCOUNT_RESTORED = "account_restored"


_SENTENCES: Mapping[Happening, Promise] = {
    Happening.TASK_DONE: gettext_lazy("Done: %(title)s"),
    Happening.TASK_NOT_APPLICABLE: gettext_lazy("Not applicable this time: %(title)s"),
    Happening.TASK_MISSED: gettext_lazy("Missed on %(day)s: %(title)s"),
    Happening.TASK_SKIPPED: gettext_lazy(
        "Skipped on %(day)s, as customers there are left in peace: %(title)s"
    ),
    Happening.TASK_MERGED: gettext_lazy("Merged into a later one, from %(day)s: %(title)s"),
    Happening.MESSAGE_SENT: gettext_lazy("Sent to %(name)s: %(title)s"),
    Happening.TASK_MOVED: gettext_lazy("Moved from %(before)s to %(after)s: %(title)s"),
    Happening.TASK_HANDED_OVER: gettext_lazy("Handed over to %(name)s: %(title)s"),
    Happening.TASK_TAKEN_BACK: gettext_lazy("The last action was taken back: %(title)s"),
    Happening.RUN_STARTED: gettext_lazy("Playbook started: %(title)s"),
    Happening.RUN_PAUSED: gettext_lazy("Playbook paused: %(title)s"),
    Happening.RUN_RESUMED: gettext_lazy("Playbook goes on: %(title)s"),
    Happening.RUN_DONE: gettext_lazy("Playbook finished: %(title)s"),
    Happening.RUN_CANCELLED: gettext_lazy("Playbook cancelled: %(title)s"),
    Happening.RUN_TO_EDITION: gettext_lazy("Playbook moved to another edition: %(title)s"),
    Happening.RUN_TO_MARKET: gettext_lazy("Playbook moved to %(market)s: %(title)s"),
    Happening.RUN_ANCHOR_MOVED: gettext_lazy(
        "A date that the playbook counts from moved: %(title)s"
    ),
    Happening.TRIGGER_STARTED: gettext_lazy("“%(trigger)s” started the playbook: %(title)s"),
    Happening.TRIGGER_HELD_BACK: gettext_lazy("“%(trigger)s” started nothing: %(why)s"),
    Happening.PROMISE_MADE: gettext_lazy("Promised by %(day)s: %(title)s"),
    Happening.PROMISE_KEPT: gettext_lazy("Promise kept: %(title)s"),
    Happening.PROMISE_BROKEN: gettext_lazy("Promise broken: %(title)s"),
    Happening.PROMISE_MOVED: gettext_lazy(
        "Promise renegotiated from %(before)s to %(after)s: %(title)s"
    ),
    Happening.MEETING_HELD: gettext_lazy("Meeting on %(day)s: %(channel)s"),
    Happening.MEETING_WITH: gettext_lazy("Meeting with %(name)s on %(day)s: %(channel)s"),
    Happening.AGREEMENT_NOTED: gettext_lazy("A working agreement was noted"),
    Happening.AGREEMENT_CHANGED: gettext_lazy("The working agreement changed"),
    Happening.AGREEMENT_REMOVED: gettext_lazy("The working agreement was removed"),
    Happening.AGREEMENT_SHARED: gettext_lazy("The working agreement was shared with %(name)s"),
    Happening.PROPOSAL_MADE: gettext_lazy("%(name)s proposed a correction of the agreement"),
    Happening.PROPOSAL_ACCEPTED: gettext_lazy("The correction by %(name)s was accepted"),
    Happening.PROPOSAL_DECLINED: gettext_lazy("The correction by %(name)s was declined"),
    Happening.PROPOSAL_REPLACED: gettext_lazy(
        "The correction by %(name)s was replaced by a later one"
    ),
    Happening.ACCOUNT_ADDED: gettext_lazy("The account was added"),
    Happening.ACCOUNT_CHANGED: gettext_lazy("Changed: %(changes)s"),
    Happening.ACCOUNT_ARCHIVED: gettext_lazy("The account was archived"),
    Happening.ACCOUNT_RESTORED: gettext_lazy("The account was restored"),
}


def sentence(what: Happening, facts: Mapping[str, Fact]) -> str:
    """Return what happened, in the reader's language; days are written with their year."""
    return str(_SENTENCES[what]) % {name: _said(fact) for name, fact in facts.items()}


def changes(changed: Iterable[tuple[Fact, Fact, Fact]]) -> str:
    """Return what changed from what to what; an empty value is not known."""
    return formats.listed(
        [
            _("%(what)s: from %(before)s to %(after)s")
            % {
                "what": _said(what),
                "before": _said(before) or _("nothing"),
                "after": _said(after) or _("nothing"),
            }
            for what, before, after in changed
        ]
    )


def _said(fact: Fact) -> str:
    return formats.full_day(fact) if isinstance(fact, dt.date) else str(fact)
