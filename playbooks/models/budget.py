"""How often a customer may be touched."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from governance.choices import SEVERITIES
from governance.vocabulary import Severity
from regions.models import Market, Region
from tenants.fields import TenantForeignKey
from tenants.models import VersionedTenantModel


class ContactBudget(VersionedTenantModel):
    """How often a customer of a tier may be touched in a period, over cadences and playbooks.

    The most specific one holds: market before region before global.
    """

    tier = models.CharField(
        _("tier"),
        max_length=10,
        choices=Tier.choices,
        help_text=_("It holds for customers of this tier."),
    )
    region = TenantForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="contact_budgets",
        verbose_name=_("region"),
        help_text=_("It holds in this region only, and beats the one for everywhere."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="contact_budgets",
        verbose_name=_("market"),
        help_text=_("It holds in this market only, and beats the one of its region."),
    )
    most_touches = models.PositiveSmallIntegerField(
        _("touches at most"),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Calls, visits, mails, messages, surveys and digital steps count alike."),
    )
    period_days = models.PositiveSmallIntegerField(
        _("in (days)"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("Any so many days in a row, not calendar months."),
    )
    severity = models.CharField(
        _("when it is exceeded"),
        max_length=10,
        choices=SEVERITIES,
        default=Severity.WARNING.value,
        help_text=_("Whether a playbook that exceeds it can still be published."),
    )
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("Why it differs here; needed for a region or market.")
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("contact budget")
        verbose_name_plural = _("contact budgets")
        ordering = ["tier", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(region=None) | Q(market=None),
                name="playbooks_contactbudget_one_place",
                violation_error_message=_("Choose a region or a market, not both."),
            ),
            models.UniqueConstraint(
                fields=["organization", "tier", "region", "market"],
                nulls_distinct=False,
                name="playbooks_contactbudget_once",
                violation_error_message=_("There is a contact budget for this tier here."),
            ),
            models.CheckConstraint(
                condition=Q(region=None, market=None) | ~Q(reason=""),
                name="playbooks_contactbudget_reason",
                violation_error_message=_("Say why it differs from the global budget."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()}: {self.most_touches} / {self.period_days}"
