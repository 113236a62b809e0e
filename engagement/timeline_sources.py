"""From where the timeline of an account is read: rows, and the audit trail of what rows forget."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.choices import Changed, PromiseStatus, ProposalStatus
from accounts.models import (
    CONTRACT_DATES,
    Account,
    AccountChange,
    AgreementLink,
    AgreementProposal,
    Promise,
    PromiseChange,
    RemovedAgreement,
    WorkingAgreement,
)
from engagement.choices import Outcome, RunStatus, TaskStatus, TimelineKind
from engagement.models import Meeting, Run, RunMove, SentMessage, Task, TriggerFiring
from engagement.querysets import CLOSED
from tenants.audit_trail import with_names
from tenants.choices import AuditAction
from tenants.models import AuditEntry, Membership

NOT_CARRIED_OUT = (TaskStatus.MISSED, TaskStatus.SKIPPED, TaskStatus.MERGED)

ACCOUNT_COLUMNS = ("owner_id", *CONTRACT_DATES, "archived_at")
AGREEMENT_COLUMNS = (
    *("every", "unit", "weekdays", "channel", "hours_from", "hours_to"),
    *("language", "decides", "escalation", "agreed_with_id", "agreed_on"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which account a reader wants to know, and what; ``now`` is UTC."""

    account: Account
    kinds: frozenset[str]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that tell what happened, each at its ``happened_at`` (UTC, never empty)."""

    kind: TimelineKind
    rows: Callable[[Asked], QuerySet[Any]]
    is_audited: bool = False


def _tasks(asked: Asked) -> QuerySet[Task]:
    """Return what was closed, and what planning let go; its day counts as the time of it."""
    tasks = (
        Task.objects.filter(account=asked.account)
        .filter(Q(status__in=CLOSED) | Q(status__in=NOT_CARRIED_OUT, due_at__lte=asked.now))
        .select_related("cadence", "step", "closed_by")
        .annotate(happened_at=Coalesce("closed_at", "due_at"))
    )
    # What a message carried out is told by the message.
    by_message = Exists(SentMessage.objects.filter(task=OuterRef("pk")))
    tasks = tasks.exclude(by_message, outcome=Outcome.SENT)
    if TimelineKind.MEETING in asked.kinds:
        # A meeting that counts as a check-in says so itself.
        tasks = tasks.exclude(Exists(Meeting.objects.filter(task=OuterRef("pk"))))
    return tasks


def _messages(asked: Asked) -> QuerySet[SentMessage]:
    return (
        SentMessage.objects.filter(task__account=asked.account)
        .select_related("task__step", "letter")
        .annotate(happened_at=F("sent_at"))
    )


def _task_actions(asked: Asked) -> QuerySet[AuditEntry]:
    """Return what people did with tasks and no row remembers: planning touches none of them."""
    moved = Q(after__has_any_keys=["due_date", "owner_id"])
    taken_back = Q(after__undo=None)
    entries = _audited(Task, Task.objects.filter(account=asked.account).values("pk"))
    return entries.filter(after__has_key="touched_at").filter(moved | taken_back)


def _runs_started(asked: Asked) -> QuerySet[Run]:
    """Return the runs that were started; one by a trigger is told by its firing."""
    return (
        Run.objects.filter(account=asked.account)
        .exclude(Exists(TriggerFiring.objects.filter(run=OuterRef("pk"))))
        .select_related("edition", "started_by")
        .annotate(happened_at=F("started_at"))
    )


def _runs_ended(asked: Asked) -> QuerySet[Run]:
    return (
        Run.objects.filter(account=asked.account, ended_at__isnull=False)
        .select_related("edition")
        .annotate(happened_at=F("ended_at"))
    )


def _run_states(asked: Asked) -> QuerySet[AuditEntry]:
    entries = _audited(Run, Run.objects.filter(account=asked.account).values("pk"))
    return entries.filter(after__status__in=[RunStatus.PAUSED.value, RunStatus.ACTIVE.value])


def _run_moves(asked: Asked) -> QuerySet[RunMove]:
    return (
        RunMove.objects.filter(run__account=asked.account)
        .select_related("run__edition", "to_edition", "to_market", "moved_by")
        .annotate(happened_at=F("moved_at"))
    )


def _firings(asked: Asked) -> QuerySet[TriggerFiring]:
    return (
        TriggerFiring.objects.filter(account=asked.account)
        .select_related("trigger", "run__edition")
        .annotate(happened_at=F("at"))
    )


def _promises_made(asked: Asked) -> QuerySet[Promise]:
    return (
        Promise.objects.filter(account=asked.account)
        .select_related("made_by")
        .annotate(happened_at=F("made_at"))
    )


def _promises_settled(asked: Asked) -> QuerySet[Promise]:
    return (
        Promise.objects.filter(account=asked.account)
        .exclude(status=PromiseStatus.OPEN)
        .select_related("settled_by")
        .annotate(happened_at=F("settled_at"))
    )


def _promises_moved(asked: Asked) -> QuerySet[PromiseChange]:
    return (
        PromiseChange.objects.filter(promise__account=asked.account)
        .select_related("promise", "changed_by")
        .annotate(happened_at=F("changed_at"))
    )


def _meetings(asked: Asked) -> QuerySet[Meeting]:
    return (
        Meeting.objects.filter(account=asked.account)
        .select_related("contact", "logged_by")
        .annotate(happened_at=F("logged_at"))
    )


def _agreements(asked: Asked) -> QuerySet[AuditEntry]:
    """Return how agreements came, changed and went, those included that are no more.

    An account has few: their ids are read first, so that the trail is asked for nothing else.
    """
    held = WorkingAgreement.objects.filter(account=asked.account).values_list("pk")
    removed = RemovedAgreement.objects.filter(account=asked.account).values_list("pk")
    ids = [pk for (pk,) in held.union(removed, all=True)]
    entries = _audited(WorkingAgreement, ids, actions=AuditAction)
    # What is new has a value for every column.
    changed = Q(after__has_any_keys=list(AGREEMENT_COLUMNS))
    return entries.filter(changed | Q(action=AuditAction.DELETE))


def _links(asked: Asked) -> QuerySet[AgreementLink]:
    return (
        AgreementLink.objects.filter(account=asked.account)
        .select_related("made_by")
        .annotate(happened_at=F("made_at"))
    )


def _proposals_made(asked: Asked) -> QuerySet[AgreementProposal]:
    return AgreementProposal.objects.filter(account=asked.account).annotate(
        happened_at=F("proposed_at")
    )


def _proposals_decided(asked: Asked) -> QuerySet[AgreementProposal]:
    return (
        AgreementProposal.objects.filter(account=asked.account, decided_at__isnull=False)
        .exclude(status=ProposalStatus.OPEN)
        .select_related("decided_by")
        .annotate(happened_at=F("decided_at"))
    )


def _account_changes(asked: Asked) -> QuerySet[AccountChange]:
    """Return what the database noted, with who did it: that stands in the trail, if anywhere."""
    entries = AuditEntry.objects.filter(
        table=Account._meta.db_table, row_id=OuterRef("account_id"), at=OuterRef("at")
    )
    name = Membership.objects.filter(pk=OuterRef("actor_id")).values("name")
    actor = entries.annotate(name=Subquery(name)).values("name")
    return (
        AccountChange.objects.filter(account=asked.account)
        .exclude(before="", what__in=[Changed.TIER, Changed.MARKET])
        .annotate(happened_at=F("at"), actor_name=Subquery(actor[:1]))
    )


def _account(asked: Asked) -> QuerySet[AuditEntry]:
    return _audited(Account, [asked.account.pk]).filter(after__has_any_keys=list(ACCOUNT_COLUMNS))


def _audited(
    model: type[Model],
    ids: Collection[UUID] | QuerySet[Any, Any],
    *,
    actions: Collection[str] = (AuditAction.UPDATE,),
) -> QuerySet[AuditEntry]:
    """Return what was done with rows, with the name of who did it."""
    entries = AuditEntry.objects.filter(
        table=model._meta.db_table, row_id__in=ids, action__in=actions
    )
    return with_names(entries).annotate(happened_at=F("at"))


SOURCES: Mapping[str, Source] = {
    "account": Source(TimelineKind.ACCOUNT, _account, is_audited=True),
    "account_change": Source(TimelineKind.ACCOUNT, _account_changes),
    "agreement": Source(TimelineKind.AGREEMENT, _agreements, is_audited=True),
    "link": Source(TimelineKind.AGREEMENT, _links),
    "proposal": Source(TimelineKind.AGREEMENT, _proposals_made),
    "proposal_decided": Source(TimelineKind.AGREEMENT, _proposals_decided),
    "meeting": Source(TimelineKind.MEETING, _meetings),
    "message": Source(TimelineKind.TASK, _messages),
    "promise": Source(TimelineKind.PROMISE, _promises_made),
    "promise_moved": Source(TimelineKind.PROMISE, _promises_moved),
    "promise_settled": Source(TimelineKind.PROMISE, _promises_settled),
    "firing": Source(TimelineKind.RUN, _firings),
    "run": Source(TimelineKind.RUN, _runs_started),
    "run_ended": Source(TimelineKind.RUN, _runs_ended),
    "run_moved": Source(TimelineKind.RUN, _run_moves),
    "run_state": Source(TimelineKind.RUN, _run_states, is_audited=True),
    "task": Source(TimelineKind.TASK, _tasks),
    "task_action": Source(TimelineKind.TASK, _task_actions, is_audited=True),
}
"""By name, which sorts what happened at the same instant."""
