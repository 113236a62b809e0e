"""Filters of tasks, and of what people keep of them."""

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery

from accounts.models import Contact, WorkingAgreement
from accounts.names import prefix_range
from engagement.choices import UNDER_WAY, TaskStatus, Visibility
from governance.vocabulary import StepKind
from playbooks.choices import VersionStatus
from playbooks.messages import MAIL
from playbooks.models import Edition, PlaybookVersion
from regions.access import EVERYWHERE
from regions.models import Assignment, Market

if TYPE_CHECKING:
    from engagement.models import Run, SavedView, Task, TaskBatch

TO_DO = (TaskStatus.OPEN, TaskStatus.SNOOZED)
CLOSED = (TaskStatus.DONE, TaskStatus.NOT_APPLICABLE)
UNDONE = (TaskStatus.WAITING, *TO_DO, TaskStatus.PAUSED)
"""The tasks of a run that nobody closed."""
SETTLED = (*CLOSED, TaskStatus.CANCELLED)
"""What no other task of a run waits for any more."""


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of the organization in force."""

    def to_do(self) -> "TaskQuerySet":
        """Keep what still has to be done."""
        return self.filter(status__in=TO_DO)

    def closed(self) -> "TaskQuerySet":
        """Keep what somebody closed."""
        return self.filter(status__in=CLOSED)

    def check_ins(self) -> "TaskQuerySet":
        """Keep what a cadence plans, without the tasks of runs and those by hand."""
        return self.filter(enrolment__isnull=False)

    def owned_by(self, membership_id: UUID) -> "TaskQuerySet":
        """Keep the tasks of one member."""
        return self.filter(owner_id=membership_id)

    def unowned(self) -> "TaskQuerySet":
        """Keep the tasks that nobody owns."""
        return self.filter(owner=None)

    def where_works(self, membership_id: UUID) -> "TaskQuerySet":
        """Keep the tasks of the markets and regions in which a member works."""
        assignments = Assignment.objects.filter(membership_id=membership_id).filter(
            Q(market=OuterRef("account__market")) | Q(region=OuterRef("account__market__region"))
        )
        return self.filter(Exists(assignments))

    def for_account_named(self, text: str) -> "TaskQuerySet":
        """Keep the tasks of accounts whose name begins with ``text``."""
        start, end = prefix_range(text)
        return self.filter(account__search_name__gte=start, account__search_name__lt=end)

    def for_letters(self) -> "TaskQuerySet":
        """Load all that a letter says of a task, in one query."""
        return self.select_related(
            "account__market", "cadence", "step", "run__market", "planned_by"
        )

    def digital(self) -> "TaskQuerySet":
        """Keep the steps that are mails with words of their own, which nobody has to carry out."""
        return self.filter(
            step__fields__kind=StepKind.DIGITAL.value, step__fields__channel=MAIL
        ).exclude(step__fields__message="")

    def for_messages(self) -> "TaskQuerySet":
        """Load all that a message says, in three queries: tasks, contacts, agreements."""
        return self.select_related(
            "account__market", "account__owner", "owner", "step", "run"
        ).prefetch_related("account__contacts", "account__agreements")

    def for_list(self) -> "TaskQuerySet":
        """Load all that a list shows, in three queries: tasks, contacts, agreements."""
        return self.select_related(
            "account__market__region",
            "cadence",
            "enrolment",
            "step",
            "run__edition",
            "run__market",
            "owner",
            "closed_by",
        ).prefetch_related(
            Prefetch("account__contacts", queryset=Contact.objects.all()),
            Prefetch("account__agreements", queryset=WorkingAgreement.objects.all()),
        )


class RunQuerySet(models.QuerySet["Run"]):
    """Runs of the organization in force."""

    def under_way(self) -> "RunQuerySet":
        """Keep those that have not ended."""
        return self.filter(status__in=UNDER_WAY)

    def with_edition_in_force(self) -> "RunQuerySet":
        """Find the edition in force where the account is; none of a playbook out of use."""
        editions = Edition.objects.filter(
            Exists(
                PlaybookVersion.objects.filter(
                    playbook=OuterRef("playbook"), status=VersionStatus.PUBLISHED
                )
            ),
            playbook=OuterRef("playbook"),
            playbook__archived_at=None,
            market=OuterRef("account__market"),
        ).order_by("-number")
        return self.annotate(in_force_id=Subquery(editions.values("pk")[:1]))

    def left_behind(self) -> "RunQuerySet":
        """Keep those under way that another edition is in force for."""
        return (
            self.under_way()
            .with_edition_in_force()
            .exclude(in_force_id=None)  # type: ignore[misc]  # annotated
            .exclude(in_force_id=F("edition_id"))
        )

    def for_list(self) -> "RunQuerySet":
        """Load all that a list shows, in three queries: runs, tasks, steps."""
        return (
            self.with_edition_in_force()
            .select_related(
                "account__market", "account__owner", "market", "playbook", "edition", "started_by"
            )
            .prefetch_related("tasks__step")
        )


class TaskBatchQuerySet(models.QuerySet["TaskBatch"]):
    """Batches of the organization in force."""

    def forgettable(self, *, made_by: UUID, before: dt.datetime) -> "TaskBatchQuerySet":
        """Keep those of a member that nobody asks for any more."""
        return self.filter(made_by=made_by, made_at__lt=before)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views of the organization in force."""

    def seen_by(self, membership_id: UUID, *, works_everywhere: bool) -> "SavedViewQuerySet":
        """Keep her own, those shared with everybody, and those of people she works with."""
        seen = Q(owner=membership_id) | Q(visibility=Visibility.SHARED)
        team = Q(visibility=Visibility.TEAM)
        if works_everywhere:
            return self.filter(seen | team)
        everywhere = Q(owner__role__in=EVERYWHERE)
        return self.filter(seen | (team & (everywhere | Exists(_together(membership_id)))))


def _together(membership_id: UUID) -> models.QuerySet[Market]:
    """Return the markets in which a member works together with the owner of a view."""

    def of(whom: "UUID | OuterRef") -> Exists:
        here = Q(market=OuterRef("pk")) | Q(region=OuterRef("region"))
        return Exists(Assignment.objects.filter(here, membership=whom))

    return Market.objects.filter(of(membership_id), of(OuterRef(OuterRef("owner"))))
