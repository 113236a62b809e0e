"""What starts playbooks by itself, and what came of it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Stage, Tier
from accounts.models import Account
from engagement.choices import FiringResult, TriggerFact
from engagement.models.run import Run
from engagement.silence import USUAL_PERCENT
from engagement.trigger_rules import COUNTS_DAYS, Rule, TriggerKind
from playbooks.models import Playbook
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel, VersionedTenantModel

STAGES = [choice for choice in Stage.choices if choice[0] != Stage.CHURNED]
DATED = tuple(sorted(kind.value for kind in COUNTS_DAYS))


class Trigger(VersionedTenantModel):
    """A fact on which a playbook starts for an account; every morning it is asked anew."""

    name = models.CharField(
        _("name"), max_length=200, help_text=_("What leaders call it, such as “90 days to go”.")
    )
    playbook = TenantForeignKey(
        Playbook,
        models.PROTECT,
        related_name="triggers",
        verbose_name=_("playbook"),
        help_text=_("What it starts, in the edition of the account's market."),
    )
    kind = models.CharField(
        _("starts it"),
        max_length=20,
        choices=TriggerFact.choices,
        help_text=_(
            "Changes and dates are looked at each morning, after the market's daily planning. By "
            "hand and by the API: at once, and at no other time."
        ),
    )
    days = models.PositiveSmallIntegerField(
        _("days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3650)],
        help_text=_("How many calendar days before the renewal, or after the start; else empty."),
    )
    percent = models.PositiveSmallIntegerField(
        _("percent of the rhythm"),
        null=True,
        blank=True,
        validators=[MinValueValidator(100), MaxValueValidator(1000)],
        help_text=_(
            "For silence: from how much of the agreed rhythm, or of the cadence's, silence is "
            "unusual, in working days of the market. Empty: 200, two contacts that failed."
        ),
    )
    stage = models.CharField(
        _("lifecycle stage"),
        max_length=20,
        choices=STAGES,
        blank=True,
        help_text=_("The stage that is entered; for others, only accounts in it. Empty: any."),
    )
    tier = models.CharField(
        _("tier"),
        max_length=10,
        choices=Tier.choices,
        blank=True,
        help_text=_("The tier that is come into; for others, only accounts of it. Empty: any."),
    )
    market = TenantForeignKey(
        Market,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="triggers",
        verbose_name=_("market"),
        help_text=_("The market that is moved to; for others, only accounts there. Empty: any."),
    )
    cool_down_days = models.PositiveSmallIntegerField(
        _("cool-down (days)"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("For so many days after it started for an account, it does not again."),
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace (days)"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "For so many days a date or a change that was missed still starts it, once: after a "
            "failure, or when the trigger is new."
        ),
    )
    is_active = models.BooleanField(
        _("active"),
        default=False,
        help_text=_("Look at the dry run before you switch it on."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=DATED, days__isnull=False) | ~Q(kind__in=DATED) & Q(days=None),
                name="engagement_trigger_days",
                violation_error_message=_(
                    "Days are needed before a renewal and after a start, and only there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(kind=TriggerKind.SILENT.value),
                name="engagement_trigger_percent",
                violation_error_message=_("A percentage belongs to silence, and only there."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=TriggerKind.STAGE_ENTERED.value) | ~Q(stage=""),
                name="engagement_trigger_stage",
                violation_error_message=_("Name the stage that is entered."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """What of it decides on days."""
        return Rule(
            kind=TriggerKind(self.kind),
            days=self.days or 0,
            grace_days=self.grace_days,
            cool_down_days=self.cool_down_days,
        )

    @property
    def silence_percent(self) -> int:
        """From how much of the rhythm silence is unusual."""
        return self.percent or USUAL_PERCENT


class TriggerFiring(TenantModel):
    """What a trigger decided for an account on one occasion; it never changes, nor comes twice.

    ``occasion`` is the date, the change or the name given from outside that it is about,
    ``due_on`` the account's local day from which it was due, ``day`` the one of the decision.
    """

    trigger = TenantForeignKey(
        Trigger,
        models.PROTECT,
        related_name="firings",
        verbose_name=_("trigger"),
        indexed=False,
    )
    account = TenantForeignKey(
        Account,
        models.PROTECT,
        related_name="firings",
        verbose_name=_("account"),
        indexed=False,
    )
    occasion = models.CharField(_("occasion"), max_length=100, editable=False)
    due_on = models.DateField(_("due"), editable=False)
    day = models.DateField(_("day"), editable=False)
    result = models.CharField(
        _("result"), max_length=20, choices=FiringResult.choices, editable=False
    )
    detail = models.CharField(_("detail"), max_length=500, blank=True, editable=False)
    run = TenantForeignKey(
        Run,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="firings",
        verbose_name=_("run"),
    )
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("firing of a trigger")
        verbose_name_plural = _("firings of triggers")
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "trigger", "account", "occasion"],
                name="engagement_triggerfiring_once",
                violation_error_message=_("This occasion was decided."),
            ),
            models.CheckConstraint(
                condition=Q(result=FiringResult.STARTED.value) ^ Q(run=None),
                name="engagement_triggerfiring_run",
                violation_error_message=_("What started has a run, and only that."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "account", "id"], name="engagement_firing_of_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.occasion}"
