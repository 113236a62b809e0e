"""An account's place in a cadence, and the work that comes of it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Promise
from engagement.choices import MessageHold, Outcome, Sentiment, TaskStatus
from engagement.models.planning import MarketPass
from engagement.models.run import Run
from engagement.querysets import TaskQuerySet
from engagement.work import Work, work_by_hand, work_of_cadence, work_of_step
from playbooks.messages import sends_itself
from playbooks.models import Cadence, EditionStep
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel
from tenants.querysets import TenantManager

TaskManager = TenantManager.from_queryset(TaskQuerySet)


class Enrolment(TenantModel):
    """An account's place in a cadence: narrow, because every planning pass rewrites it.

    ``next_nominal`` is the first nominal date that is not planned yet and ``next_due`` the day
    that the horizon has to reach for it. Both are empty while an elastic cadence waits for its
    open check-in, and once the enrolment has ended.
    """

    account = TenantForeignKey(
        Account,
        models.CASCADE,
        related_name="enrolments",
        verbose_name=_("account"),
        indexed=False,
    )
    market = TenantForeignKey(
        Market, models.PROTECT, related_name="+", verbose_name=_("market"), indexed=False
    )
    # A cadence that goes takes its place in the enrolment with it; its tasks keep their text.
    cadence = TenantForeignKey(
        Cadence, models.PROTECT, related_name="enrolments", verbose_name=_("cadence")
    )
    origin = models.DateField(_("counted from"))
    next_nominal = models.DateField(_("next nominal date"), null=True)
    next_due = models.DateField(_("planned when the horizon reaches"), null=True)
    last_contact = models.DateField(
        _("last contact"), null=True, help_text=_("Local date of the last two-way contact.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account"], name="engagement_enrolment_one"
            ),
        ]
        indexes = [
            # A pass counts and compares the accounts of a market without reading the rows.
            models.Index(
                fields=["organization", "market", "account"],
                include=["is_active"],
                name="engagement_enrolment_market",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.cadence}"


class Task(VersionedTenantModel):
    """One dated piece of work; ``due_date`` is the local day of ``due_market``, ``due_at`` UTC.

    It is a check-in, whose identity is (enrolment, nominal date), or carries out a step of a run,
    whose identity is (run, step); everything else may change. A third kind is made by hand and
    brings its own words.
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="tasks", verbose_name=_("account"), indexed=False
    )
    enrolment = TenantForeignKey(
        Enrolment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("enrolment"),
        indexed=False,
    )
    cadence = TenantForeignKey(
        Cadence,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("cadence"),
        indexed=False,
    )
    run = TenantForeignKey(
        Run,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("run"),
        indexed=False,
    )
    step = TenantForeignKey(
        EditionStep,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("step"),
        indexed=False,
    )
    owner = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("owner"),
        indexed=False,
    )
    planned_by = TenantForeignKey(
        MarketPass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("pass"),
        indexed=False,
    )
    title = models.CharField(
        _("title"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("What is to be done; the words of cadence or step hold where it has one."),
    )
    benefit = models.CharField(
        _("benefit"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("What the customer gains by it; empty: internal work."),
    )
    nominal_date = models.DateField(_("nominal date"))
    due_date = models.DateField(_("due on"))
    due_at = models.DateTimeField(_("due at"))
    status = models.CharField(
        _("status"), max_length=20, choices=TaskStatus.choices, default=TaskStatus.OPEN.value
    )
    moves = models.JSONField(
        _("why this day"),
        null=True,
        blank=True,
        help_text=_("Each step away from the nominal date."),
    )
    hold = models.CharField(
        _("why it is not sent"),
        max_length=20,
        choices=MessageHold.choices,
        blank=True,
        default="",
        db_default="",
        help_text=_("For digital steps: what keeps the message from going out by itself."),
    )
    needs_stand_in = models.BooleanField(_("needs a stand-in"), default=False)
    is_flagged = models.BooleanField(
        _("plan changed"),
        default=False,
        help_text=_("Somebody worked on it before its plan changed."),
    )
    touched_at = models.DateTimeField(_("touched"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
        indexed=False,
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    sentiment = models.CharField(
        _("sentiment"),
        max_length=10,
        choices=Sentiment.choices,
        blank=True,
        default="",
        db_default="",
    )
    note = models.TextField(_("note"), blank=True, max_length=5000)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    undo = models.JSONField(
        _("state before"), null=True, blank=True, editable=False, encoder=DjangoJSONEncoder
    )

    objects = TaskManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "enrolment", "nominal_date"],
                name="engagement_task_check_in",
            ),
            models.UniqueConstraint(
                fields=["organization", "run", "step"],
                condition=Q(run__isnull=False),
                name="engagement_task_of_run",
            ),
            models.CheckConstraint(
                condition=Q(
                    enrolment__isnull=False, cadence__isnull=False, run=None, step=None, title=""
                )
                | Q(enrolment=None, cadence=None, run__isnull=False, step__isnull=False, title="")
                | Q(enrolment=None, cadence=None, run=None, step=None) & ~Q(title=""),
                name="engagement_task_one_kind",
                violation_error_message=_(
                    "A task is a check-in, a step of a run, or has a title of its own."
                ),
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False)
                | ~Q(status__in=[TaskStatus.DONE, TaskStatus.NOT_APPLICABLE]),
                name="engagement_task_closed_at",
                violation_error_message=_("A closed task needs the time it was closed."),
            ),
        ]
        indexes = [
            # A CSM's list: closed tasks stay out of it.
            models.Index(
                fields=["organization", "owner", "due_date", "id"],
                name="engagement_task_open_by_owner",
                condition=Q(status__in=[TaskStatus.OPEN, TaskStatus.SNOOZED]),
            ),
            # Today over a region or the whole organization.
            models.Index(
                fields=["organization", "due_date", "id"],
                name="engagement_task_open_by_day",
                condition=Q(status__in=[TaskStatus.OPEN, TaskStatus.SNOOZED]),
            ),
            # An account's upcoming and past.
            models.Index(
                fields=["organization", "account", "due_date", "id"],
                name="engagement_task_by_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work.title} ({self.due_date})"

    @property
    def work(self) -> Work:
        """What is done, and what the customer gains: the words of step or cadence, or its own."""
        if self.step is not None:
            return work_of_step(self.step)
        if self.cadence is not None:
            return work_of_cadence(self.cadence)
        return work_by_hand(self.title, self.benefit)

    @property
    def due_market(self) -> Market:
        """By whose day it is due: that of its run, which may finish where the account was.

        What many tasks go by is said by ``engagement.due``.
        """
        return self.run.market if self.run else self.account.market

    @property
    def sends_itself(self) -> bool:
        """Whether nobody has to carry it out; ``TaskQuerySet.digital`` keeps such ones of many."""
        return self.step is not None and sends_itself(self.step.fields)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person made it, so that no plan knows of it."""
        return self.enrolment_id is None and self.run_id is None


class TaskPromise(TenantModel):
    """That a promise was made on the occasion of a task; such a task stays, whatever is planned."""

    task = TenantForeignKey(Task, models.PROTECT, related_name="promises", verbose_name=_("task"))
    promise = TenantForeignKey(
        Promise, models.PROTECT, related_name="+", verbose_name=_("promise"), indexed=False
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("promise of a task")
        verbose_name_plural = _("promises of tasks")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "promise"], name="engagement_taskpromise_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promise_id}"
