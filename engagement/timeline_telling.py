"""From the rows of a timeline to entries: what happened, who did it, and what was said of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import Changed, PromiseStatus, ProposalStatus, Stage, Tier
from accounts.models import (
    AccountChange,
    AgreementLink,
    AgreementProposal,
    Promise,
    PromiseChange,
)
from engagement.choices import (
    FiringResult,
    MoveKind,
    RunStatus,
    Sentiment,
    TaskStatus,
    TimelineKind,
)
from engagement.models import Meeting, Run, RunMove, SentMessage, Task, TriggerFiring
from engagement.timeline_agreements import said_in
from engagement.timeline_sources import SOURCES
from engagement.timeline_words import Fact, Happening, changes, sentence
from playbooks.models import Edition, EditionStep
from regions.models import Market
from tenants.choices import AuditAction
from tenants.models import AuditEntry, Membership

_TASKS: Mapping[str, Happening] = {
    TaskStatus.DONE: Happening.TASK_DONE,
    TaskStatus.NOT_APPLICABLE: Happening.TASK_NOT_APPLICABLE,
    TaskStatus.MISSED: Happening.TASK_MISSED,
    TaskStatus.SKIPPED: Happening.TASK_SKIPPED,
    TaskStatus.MERGED: Happening.TASK_MERGED,
}
_MOVES: Mapping[str, Happening] = {
    MoveKind.EDITION: Happening.RUN_TO_EDITION,
    MoveKind.MARKET: Happening.RUN_TO_MARKET,
    MoveKind.ANCHOR: Happening.RUN_ANCHOR_MOVED,
}
_AGREEMENTS: Mapping[str, Happening] = {
    AuditAction.INSERT: Happening.AGREEMENT_NOTED,
    AuditAction.UPDATE: Happening.AGREEMENT_CHANGED,
    AuditAction.DELETE: Happening.AGREEMENT_REMOVED,
}
_CHANGED: Mapping[str, Fact] = {
    Changed.STAGE: gettext_lazy("Stage"),
    Changed.TIER: gettext_lazy("Tier"),
    Changed.MARKET: gettext_lazy("Market"),
}
_DECISIONS: Mapping[str, Happening] = {
    ProposalStatus.ACCEPTED: Happening.PROPOSAL_ACCEPTED,
    ProposalStatus.DECLINED: Happening.PROPOSAL_DECLINED,
    ProposalStatus.REPLACED: Happening.PROPOSAL_REPLACED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened at an instant (UTC); ``by`` is empty where nobody is known.

    ``outcome`` is what became of it, or what was agreed, in words of ours; ``said`` is what a
    person wrote. The title is that of ``step`` or ``edition`` where there is one, so that a page
    can say it in the reader's language.
    """

    source: str
    pk: UUID | int
    at: dt.datetime
    kind: TimelineKind
    what: Happening
    by: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    outcome: str = ""
    said: str = ""
    step: EditionStep | None = None
    edition: Edition | None = None
    run: UUID | None = None

    @property
    def text(self) -> str:
        """What happened, in one sentence."""
        return sentence(self.what, self.facts)

    def text_with(self, title: str) -> str:
        """Return the sentence with the title in other words."""
        return sentence(self.what, {**self.facts, "title": title})


class Teller:
    """Tells of the rows of one page; what they point to is read once for all of them."""

    def __init__(self, rows: Mapping[tuple[str, UUID | int], Any]) -> None:
        self._rows = rows

    def entry(self, source: str, row: Any) -> Entry:
        """Return what a row of ``source`` tells."""
        told: dict[str, Any] = getattr(self, f"_tell_{source}")(row)
        return Entry(
            source=source, pk=row.pk, at=row.happened_at, kind=SOURCES[source].kind, **told
        )

    def _tell_task(self, task: Task) -> dict[str, Any]:
        outcome = str(task.get_outcome_display()) if task.outcome else ""
        if task.sentiment:
            outcome = f"{outcome} ({Sentiment(task.sentiment).label})".strip()
        return {
            "what": _TASKS[task.status],
            "by": _name(task.closed_by),
            "facts": {"title": task.work.title, "day": task.due_date},
            "outcome": outcome,
            "said": task.note or task.reason,
            "step": task.step,
        }

    def _tell_message(self, message: SentMessage) -> dict[str, Any]:
        return {
            "what": Happening.MESSAGE_SENT,
            "facts": {"title": message.task.work.title, "name": message.contact_name},
            "outcome": _("It could not be delivered.") if message.letter.parked_at else "",
            "step": message.task.step,
        }

    def _tell_task_action(self, entry: AuditEntry) -> dict[str, Any]:
        before, after = _sides(entry)
        task = self._tasks.get(entry.row_id)
        facts: dict[str, Fact] = {"title": task.work.title if task else ""}
        what = Happening.TASK_TAKEN_BACK
        if after.get("undo", before) is not None:  # An undo empties what it went by.
            if "owner_id" in after:
                what = Happening.TASK_HANDED_OVER
                facts["name"] = self._member(after["owner_id"])
            else:
                what = Happening.TASK_MOVED
                facts |= {"before": _day(before["due_date"]), "after": _day(after["due_date"])}
        taken_back = what is Happening.TASK_TAKEN_BACK
        return {
            "what": what,
            "by": _actor(entry),
            "facts": facts,
            "said": "" if taken_back else str(after.get("reason") or ""),
            "step": task.step if task else None,
        }

    def _tell_run(self, run: Run) -> dict[str, Any]:
        return {"what": Happening.RUN_STARTED, "by": _name(run.started_by), **_of_run(run)}

    def _tell_run_ended(self, run: Run) -> dict[str, Any]:
        done = run.status == RunStatus.DONE
        what = Happening.RUN_DONE if done else Happening.RUN_CANCELLED
        return {"what": what, "said": run.reason, **_of_run(run)}

    def _tell_run_state(self, entry: AuditEntry) -> dict[str, Any]:
        _before, after = _sides(entry)
        paused = after["status"] == RunStatus.PAUSED
        return {
            "what": Happening.RUN_PAUSED if paused else Happening.RUN_RESUMED,
            "by": _actor(entry),
            "said": str(after.get("reason") or ""),
            **_of_run(self._runs[entry.row_id]),
        }

    def _tell_run_moved(self, move: RunMove) -> dict[str, Any]:
        told = _of_run(move.run)
        told["facts"]["market"] = move.to_market.name
        return {"what": _MOVES[move.kind], "by": _name(move.moved_by), **told}

    def _tell_firing(self, firing: TriggerFiring) -> dict[str, Any]:
        if firing.run is not None:
            told = _of_run(firing.run)
            told["facts"]["trigger"] = firing.trigger.name
            return {"what": Happening.TRIGGER_STARTED, **told}
        why = FiringResult(firing.result).label
        facts = {"trigger": firing.trigger.name, "why": why}
        return {"what": Happening.TRIGGER_HELD_BACK, "facts": facts}

    def _tell_promise(self, promise: Promise) -> dict[str, Any]:
        facts = {"title": promise.what, "day": promise.due_date}
        # What was renegotiated since was promised for another day.
        first = self._first_days.get(promise.pk)
        return {
            "what": Happening.PROMISE_MADE,
            "by": _name(promise.made_by),
            "facts": {**facts, "day": first} if first else facts,
        }

    def _tell_promise_settled(self, promise: Promise) -> dict[str, Any]:
        kept = promise.status == PromiseStatus.KEPT
        return {
            "what": Happening.PROMISE_KEPT if kept else Happening.PROMISE_BROKEN,
            "by": _name(promise.settled_by),
            "facts": {"title": promise.what},
            "said": promise.reason,
        }

    def _tell_promise_moved(self, change: PromiseChange) -> dict[str, Any]:
        days = {"before": change.old_date, "after": change.new_date}
        return {
            "what": Happening.PROMISE_MOVED,
            "by": _name(change.changed_by),
            "facts": {"title": change.promise.what, **days},
            "said": change.reason,
        }

    def _tell_meeting(self, meeting: Meeting) -> dict[str, Any]:
        facts: dict[str, Fact] = {
            "day": meeting.held_on,
            "channel": meeting.get_channel_display(),
            "name": meeting.contact.name if meeting.contact else "",
        }
        return {
            "what": Happening.MEETING_WITH if meeting.contact else Happening.MEETING_HELD,
            "by": _name(meeting.logged_by),
            "facts": facts,
            "outcome": _("Counted as the check-in.") if meeting.task_id else "",
            "said": meeting.note,
        }

    def _tell_agreement(self, entry: AuditEntry) -> dict[str, Any]:
        what = _AGREEMENTS[entry.action]
        return {"what": what, "by": _actor(entry), "outcome": self._agreed[entry.pk]}

    def _tell_link(self, link: AgreementLink) -> dict[str, Any]:
        facts = {"name": link.contact_name}
        return {"what": Happening.AGREEMENT_SHARED, "by": _name(link.made_by), "facts": facts}

    def _tell_proposal(self, proposal: AgreementProposal) -> dict[str, Any]:
        facts = {"name": proposal.proposed_by}
        return {"what": Happening.PROPOSAL_MADE, "facts": facts, "said": proposal.remark}

    def _tell_proposal_decided(self, proposal: AgreementProposal) -> dict[str, Any]:
        return {
            "what": _DECISIONS[proposal.status],
            "by": _name(proposal.decided_by),
            "facts": {"name": proposal.proposed_by},
            "said": proposal.reason,
        }

    def _tell_account(self, entry: AuditEntry) -> dict[str, Any]:
        before, after = _sides(entry)
        if "archived_at" in after:
            gone = after["archived_at"] is not None
            what = Happening.ACCOUNT_ARCHIVED if gone else Happening.ACCOUNT_RESTORED
            return {"what": what, "by": _actor(entry)}
        changed: list[tuple[Fact, Fact, Fact]] = []
        if "owner_id" in after:
            names = (self._member(before["owner_id"]), self._member(after["owner_id"]))
            changed.append((_("Owner"), *names))
        for name, title in (
            ("renewal_date", _("Renewal")),
            ("notice_deadline", _("Notice deadline")),
        ):
            if name in after:
                changed.append((title, _day(before[name]), _day(after[name])))
        facts = {"changes": changes(changed)}
        return {"what": Happening.ACCOUNT_CHANGED, "by": _actor(entry), "facts": facts}

    def _tell_account_change(self, change: AccountChange) -> dict[str, Any]:
        by = change.actor_name or ""  # type: ignore[attr-defined]  # annotated
        if not change.before:
            return {"what": Happening.ACCOUNT_ADDED, "by": by}
        sides = (self._value(change, change.before), self._value(change, change.after))
        facts = {"changes": changes([(_CHANGED[change.what], *sides)])}
        return {"what": Happening.ACCOUNT_CHANGED, "by": by, "facts": facts}

    def _value(self, change: AccountChange, value: str) -> Fact:
        match change.what:
            case Changed.STAGE:
                return Stage(value).label
            case Changed.TIER:
                return Tier(value).label
            case _:
                return self._markets.get(UUID(value), "")

    def _member(self, pk: str | None) -> str:
        return self._members.get(UUID(pk), "") if pk else _("Nobody")

    @cached_property
    def _members(self) -> dict[UUID, str]:
        entries = (*self._of("task_action"), *self._of("account"))
        owners = (side.get("owner_id") for entry in entries for side in _sides(entry))
        found = Membership.objects.filter(pk__in={owner for owner in owners if owner})
        return dict(found.values_list("pk", "name"))

    @cached_property
    def _markets(self) -> dict[UUID, str]:
        return dict(Market.objects.values_list("pk", "name"))

    @cached_property
    def _tasks(self) -> dict[UUID, Task]:
        ids = [row.row_id for row in self._of("task_action")]
        tasks = Task.objects.select_related("cadence", "step")
        return tasks.in_bulk(ids)

    @cached_property
    def _runs(self) -> dict[UUID, Run]:
        ids = [row.row_id for row in self._of("run_state")]
        return Run.objects.select_related("edition").in_bulk(ids)

    @cached_property
    def _agreed(self) -> dict[int, str]:
        return said_in(list(self._of("agreement")))

    @cached_property
    def _first_days(self) -> dict[UUID, dt.date]:
        ids = [row.pk for row in self._of("promise")]
        moved = PromiseChange.objects.filter(promise__in=ids).order_by("-pk")
        return dict(moved.values_list("promise", "old_date"))

    def _of(self, source: str) -> Iterable[Any]:
        return (row for (name, _pk), row in self._rows.items() if name == source)


def _of_run(run: Run) -> dict[str, Any]:
    return {"facts": {"title": run.name}, "edition": run.edition, "run": run.pk}


def _sides(entry: AuditEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changed columns of an update, before and after."""
    return entry.before or {}, entry.after or {}


def _day(text: str | None) -> Fact:
    return dt.date.fromisoformat(text) if text else ""


def _name(member: Membership | None) -> str:
    return member.name if member else ""


def _actor(entry: AuditEntry) -> str:
    """Return who it was; empty for what the system did."""
    return getattr(entry, "actor_name", None) or ""
