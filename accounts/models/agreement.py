"""What we and one customer agreed on how to work together."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel, RhythmUnit
from accounts.models.account import Account, Contact
from regions.choices import Weekday
from regions.validators import validate_language_tag
from tenants.fields import TenantForeignKey
from tenants.models import VersionedTenantModel


class WorkingAgreement(VersionedTenantModel):
    """What one customer agreed with us: it beats the market, and planning obeys it.

    An empty part was not agreed: there the cadence and the market hold.
    """

    account = TenantForeignKey(
        Account, models.CASCADE, related_name="agreements", verbose_name=_("account")
    )
    every = models.PositiveSmallIntegerField(
        _("every"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(520)]
    )
    unit = models.CharField(_("unit"), max_length=10, choices=RhythmUnit.choices, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        default=list,
        blank=True,
        verbose_name=_("weekdays"),
        help_text=_("The days on which the customer wants to hear from us; empty: any."),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, blank=True)
    hours_from = models.PositiveSmallIntegerField(
        _("from"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1439)],
        help_text=_("Minutes since midnight, the customer's local time."),
    )
    hours_to = models.PositiveSmallIntegerField(
        _("until"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("Minutes since midnight, the customer's local time."),
    )
    language = models.CharField(
        _("language"), max_length=20, blank=True, validators=[validate_language_tag]
    )
    decides = models.CharField(
        _("who decides"), max_length=300, blank=True, help_text=_("In words of the customer.")
    )
    escalation = models.CharField(_("how to escalate"), max_length=300, blank=True)
    agreed_with = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("agreed with"),
    )
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("working agreement")
        verbose_name_plural = _("working agreements")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account"],
                name="accounts_workingagreement_one",
                violation_error_message=_("This account has an agreement already."),
            ),
            models.CheckConstraint(
                condition=Q(every=None, unit="") | Q(every__isnull=False) & ~Q(unit=""),
                name="accounts_workingagreement_rhythm",
                violation_error_message=_("A rhythm needs a number and a unit."),
            ),
            models.CheckConstraint(
                condition=Q(hours_from=None, hours_to=None)
                | Q(hours_from__isnull=False, hours_to__gt=models.F("hours_from")),
                name="accounts_workingagreement_hours",
                violation_error_message=_("Give both ends of the hours, the later one last."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}"
