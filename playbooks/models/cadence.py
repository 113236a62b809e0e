"""A rhythm of contact, and its earlier versions."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel, RhythmUnit, Stage, Tier
from playbooks.choices import CadenceMode, WorkingDayOfMonth
from regions.choices import Weekday
from regions.models import Market, Region
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel


class Cadence(VersionedTenantModel):
    """A rhythm of contact for a tier and stage: global, per region or per market.

    The most specific one wins: market before region before global.
    """

    tier = models.CharField(
        _("tier"),
        max_length=10,
        choices=Tier.choices,
        help_text=_("It holds for accounts of this tier."),
    )
    stage = models.CharField(
        _("lifecycle stage"),
        max_length=20,
        choices=[choice for choice in Stage.choices if choice[0] != Stage.CHURNED],
        help_text=_("It holds while an account is in this stage of its life with you."),
    )
    region = TenantForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="cadences",
        verbose_name=_("region"),
        help_text=_("It holds in this region only, and beats the one for everywhere."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="cadences",
        verbose_name=_("market"),
        help_text=_("It holds in this market only, and beats the one of its region."),
    )
    title = models.CharField(
        _("title"), max_length=200, help_text=_("What the CSM does; the task is called so.")
    )
    benefit = models.CharField(
        _("what the customer gains"),
        max_length=300,
        blank=True,
        help_text=_("Empty: the check-in is internal, and nobody is contacted."),
    )
    every = models.PositiveSmallIntegerField(
        _("every"),
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("How many units lie between two check-ins: 2 with weeks is every second week."),
    )
    unit = models.CharField(
        _("unit"),
        max_length=10,
        choices=RhythmUnit.choices,
        help_text=_(
            "Months count from the account's start day; a month that is too short takes its last "
            "day."
        ),
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        default=list,
        blank=True,
        verbose_name=_("on weekdays"),
        help_text=_("Empty: any day."),
    )
    working_day = models.CharField(
        _("working day of the month"),
        max_length=10,
        choices=WorkingDayOfMonth.choices,
        blank=True,
        help_text=_("For rhythms in months, instead of weekdays."),
    )
    mode = models.CharField(
        _("counts"),
        max_length=10,
        choices=CadenceMode.choices,
        default=CadenceMode.ELASTIC.value,
        help_text=_(
            "From the last contact: an early talk moves the next one. From the start: the dates "
            "stay, whatever happens."
        ),
    )
    channel = models.CharField(
        _("channel"),
        max_length=10,
        choices=Channel.choices,
        default=Channel.CALL.value,
        help_text=_("How the CSM is in touch, unless contact or agreement say otherwise."),
    )
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration (minutes)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
        help_text=_("How much of the CSM's day one check-in takes."),
    )
    tolerance_days = models.PositiveSmallIntegerField(
        _("tolerance (working days)"),
        default=3,
        validators=[MaxValueValidator(20)],
        help_text=_("How far a contact may move to a day on which its owner works, too."),
    )
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("Why it differs here; needed for a region or market.")
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where the rhythm comes from: a study, a customer, your own experience."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("cadence")
        verbose_name_plural = _("cadences")
        ordering = ["tier", "stage", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(region=None) | Q(market=None),
                name="playbooks_cadence_one_place",
                violation_error_message=_("Choose a region or a market, not both."),
            ),
            models.UniqueConstraint(
                fields=["organization", "tier", "stage", "region", "market"],
                condition=Q(archived_at=None),
                nulls_distinct=False,
                name="playbooks_cadence_once",
                violation_error_message=_("There is a cadence for this tier and stage here."),
            ),
            models.CheckConstraint(
                condition=Q(region=None, market=None) | ~Q(reason=""),
                name="playbooks_cadence_reason",
                violation_error_message=_("Say why it differs from the global cadence."),
            ),
            models.CheckConstraint(
                condition=Q(working_day="") | Q(unit=RhythmUnit.MONTHS, weekdays=[]),
                name="playbooks_cadence_working_day",
                violation_error_message=_(
                    "A working day of the month needs a rhythm in months and no weekdays."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_contact(self) -> bool:
        """Whether the customer is contacted: an internal check-in promises nothing."""
        return bool(self.benefit)


class CadenceRevision(TenantModel):
    """What a cadence said from a version on; it never changes, so that any two can be compared."""

    cadence = TenantForeignKey(
        Cadence, models.CASCADE, related_name="revisions", verbose_name=_("cadence")
    )
    number = models.PositiveIntegerField(_("version"), editable=False)
    content = models.JSONField(_("what it said"), default=dict, editable=False)
    author = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("version of a cadence")
        verbose_name_plural = _("versions of cadences")
        ordering = ["number", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "cadence", "number"],
                name="playbooks_cadencerevision_number",
                violation_error_message=_("The cadence has a version of this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadence} {self.number}"
