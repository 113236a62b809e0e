"""What we and one customer agreed on how to work together, and what is agreed no longer."""

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
from tenants.models import TenantModel, VersionedTenantModel
from toolkit.fields import MinutesField


class WorkingAgreement(VersionedTenantModel):
    """What one customer agreed with us: it beats the market, and planning obeys it.

    An empty part was not agreed: there the cadence and the market hold.
    """

    account = TenantForeignKey(
        Account, models.CASCADE, related_name="agreements", verbose_name=_("account")
    )
    every = models.PositiveSmallIntegerField(
        _("every"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(520)],
        help_text=_(
            "How many units between two contacts, instead of what the cadence says; empty: the "
            "cadence holds."
        ),
    )
    unit = models.CharField(
        _("unit"),
        max_length=10,
        choices=RhythmUnit.choices,
        blank=True,
        help_text=_("What the number counts. Number and unit come together or not at all."),
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        default=list,
        blank=True,
        verbose_name=_("weekdays"),
        help_text=_("The days on which the customer wants to hear from us; empty: any."),
    )
    channel = models.CharField(
        _("channel"),
        max_length=10,
        choices=Channel.choices,
        blank=True,
        help_text=_("How this customer wants to be reached; empty: as the cadence says."),
    )
    hours_from = MinutesField(
        _("from"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1439)],
        help_text=_("Minutes since midnight, the customer's local time."),
    )
    hours_to = MinutesField(
        _("until"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("Minutes since midnight, the customer's local time."),
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        validators=[validate_language_tag],
        help_text=_("BCP 47, such as ja-JP: what you write and speak to this customer in."),
    )
    decides = models.CharField(
        _("who decides"), max_length=300, blank=True, help_text=_("In words of the customer.")
    )
    escalation = models.CharField(
        _("how to escalate"),
        max_length=300,
        blank=True,
        help_text=_(
            "Whom to turn to and how, if something goes wrong: a call first, or a mail to both "
            "sides."
        ),
    )
    agreed_with = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("agreed with"),
        help_text=_("The person on the customer's side who said yes to it."),
    )
    agreed_on = models.DateField(
        _("agreed on"),
        null=True,
        blank=True,
        help_text=_("The day of the talk; agreements that are old are worth asking about."),
    )

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


class RemovedAgreement(TenantModel):
    """A working agreement that was removed; the audit trail knows under its id what it said.

    The database itself writes it, whoever removes the agreement. The trail cannot be asked for an
    account: row security keeps an index on what its entries hold from being used.
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="removed_agreements", verbose_name=_("account")
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("removed agreement")
        verbose_name_plural = _("removed agreements")
