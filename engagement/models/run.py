"""One edition carried out for one account."""

import datetime as dt
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from engagement.choices import UNDER_WAY, MoveKind, RunCause, RunStatus
from engagement.querysets import RunQuerySet
from playbooks.models import Edition, Playbook
from playbooks.schedule import Anchor
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel
from tenants.querysets import TenantManager

RunManager = TenantManager.from_queryset(RunQuerySet)


class Run(VersionedTenantModel):
    """An edition on its way for an account; its tasks keep the words of that edition.

    ``anchors`` are the local dates that its steps count from, by the anchor's name. ``left_out``
    says of each step that became no task why, as (reason, detail).
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="runs", verbose_name=_("account"), indexed=False
    )
    playbook = TenantForeignKey(
        Playbook, models.PROTECT, related_name="runs", verbose_name=_("playbook")
    )
    edition = TenantForeignKey(
        Edition, models.PROTECT, related_name="runs", verbose_name=_("edition")
    )
    market = TenantForeignKey(
        Market,
        models.PROTECT,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("market"),
        help_text=_("Whose calendar, hours and zone decide when its tasks fall due."),
    )
    stays = models.BooleanField(
        _("finishes there"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("It goes by this market to its end, though the account moved to another."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=RunStatus.choices,
        default=RunStatus.ACTIVE.value,
        editable=False,
    )
    cause = models.CharField(
        _("started by"),
        max_length=10,
        choices=RunCause.choices,
        default=RunCause.HAND.value,
        editable=False,
    )
    start_date = models.DateField(_("start"), editable=False)
    beside_others = models.BooleanField(
        _("may stand beside others"), default=False, db_default=False, editable=False
    )
    """Whether its playbook allowed several for an account when it was started."""
    anchors = models.JSONField(_("dates that steps count from"), default=dict, editable=False)
    anchors_by_hand = models.JSONField(
        _("dates given by hand"), default=list, db_default=[], editable=False
    )
    """The anchors that a person gave: they do not follow the account."""
    left_out = models.JSONField(_("steps left out"), default=dict, editable=False)
    started_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started"), db_default=Now(), editable=False)
    paused_on = models.DateField(_("paused on"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why it was paused or cancelled; who looks after the account reads it."),
    )

    objects = RunManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-started_at", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account", "playbook"],
                condition=Q(status__in=UNDER_WAY, beside_others=False),
                name="engagement_run_one_under_way",
                violation_error_message=_("This playbook is under way for the account already."),
            ),
            # Where several are allowed, one still begins on a day.
            models.UniqueConstraint(
                fields=["organization", "account", "playbook", "start_date"],
                condition=Q(status__in=UNDER_WAY, beside_others=True),
                name="engagement_run_one_a_day",
                violation_error_message=_("This playbook is under way for the account already."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNDER_WAY) ^ Q(ended_at__isnull=False),
                name="engagement_run_ended_at",
                violation_error_message=_("A run that ended needs the time it ended."),
            ),
        ]
        indexes = [
            # An account's runs, and the newest first over all.
            models.Index(
                fields=["organization", "account", "id"], name="engagement_run_by_account"
            ),
            models.Index(fields=["organization", "started_at", "id"], name="engagement_run_latest"),
        ]

    @property
    def anchor_dates(self) -> dict[Anchor, dt.date]:
        """The local dates that its steps count from."""
        return {Anchor(name): dt.date.fromisoformat(day) for name, day in self.anchors.items()}

    def __str__(self) -> str:
        return f"{self.name}, {self.start_date}"

    @property
    def newer_edition_id(self) -> UUID | None:
        """The edition to which it may move; of runs read ``with_edition_in_force`` only."""
        in_force: UUID | None = getattr(self, "in_force_id", None)
        if self.status not in UNDER_WAY or in_force == self.edition_id:
            return None
        return in_force

    @property
    def name(self) -> str:
        """What the playbook is called in the edition that is carried out."""
        return str(self.edition.header["fields"]["name"])


class RunMove(TenantModel):
    """What once moved in a run: to another edition or market, or with a date it counts from.

    ``changes`` say what became of its tasks, by the keys of steps: how many were ``frozen``, which
    ``moved`` (key, day before, day after), were ``kept`` (key, day), ``added`` (key, day) and
    ``dropped`` (key, day, reason, detail). ``anchors`` hold (before, after) by name, ``refused``
    the reason and detail for which it did not start anew.
    """

    run = TenantForeignKey(
        Run, models.PROTECT, related_name="moves", verbose_name=_("run"), indexed=False
    )
    kind = models.CharField(_("what moved"), max_length=10, choices=MoveKind.choices)
    from_edition = TenantForeignKey(
        Edition, models.PROTECT, related_name="+", verbose_name=_("edition before"), indexed=False
    )
    to_edition = TenantForeignKey(
        Edition, models.PROTECT, related_name="+", verbose_name=_("edition after"), indexed=False
    )
    from_market = TenantForeignKey(
        Market, models.PROTECT, related_name="+", verbose_name=_("market before"), indexed=False
    )
    to_market = TenantForeignKey(
        Market, models.PROTECT, related_name="+", verbose_name=_("market after"), indexed=False
    )
    changes = models.JSONField(_("changes"), default=dict)
    moved_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        related_name="+",
        indexed=False,
        verbose_name=_("moved by"),
    )
    moved_at = models.DateTimeField(_("moved at"))

    class Meta(TenantModel.Meta):
        verbose_name = _("move of a run")
        verbose_name_plural = _("moves of runs")
        ordering = ["-moved_at", "-id"]
        indexes = [
            models.Index(fields=["organization", "run", "id"], name="engagement_runmove_by_run"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.moved_at:%Y-%m-%d}"
