"""When each region is planned, and how it went."""

import datetime as dt

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from engagement.choices import PassState, PassTrigger
from regions.models import Market, Region
from regions.validators import validate_zone
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel, VersionedTenantModel


class RegionPlanning(VersionedTenantModel):
    """The daily planning of a region: its local time, its lease and its last result."""

    region = TenantForeignKey(
        Region, models.CASCADE, related_name="plannings", verbose_name=_("region")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        validators=[validate_zone],
        help_text=_("The zone of the daily time, such as Europe/Paris."),
    )
    local_time = models.TimeField(
        _("daily at"), default=dt.time(5, 0), help_text=_("In the region's time zone.")
    )
    next_at = models.DateTimeField(_("next planning"), editable=False)
    lease_token = models.BigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(_("last planning began"), null=True, editable=False)
    finished_at = models.DateTimeField(_("last planning ended"), null=True, editable=False)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("region planning")
        verbose_name_plural = _("planning")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "region"], name="engagement_regionplanning_one"
            ),
        ]
        indexes = [
            # Read by the tick only, for all organizations at once.
            models.Index(fields=["next_at"], name="engagement_planning_due"),
        ]

    def __str__(self) -> str:
        return f"{self.region}"


class MarketPass(TenantModel):
    """One planning pass over one market; it stands in the audit trail for the rows it made."""

    market = TenantForeignKey(
        Market, models.CASCADE, related_name="passes", verbose_name=_("market")
    )
    trigger = models.CharField(_("started by"), max_length=10, choices=PassTrigger.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=PassState.choices, default=PassState.DONE.value
    )
    today = models.DateField(_("the market's today"))
    at = models.DateTimeField(_("when"), db_default=Now())
    considered = models.PositiveIntegerField(_("accounts considered"), default=0)
    planned = models.PositiveIntegerField(_("planned"), default=0)
    moved = models.PositiveIntegerField(
        _("moved"), default=0, help_text=_("Planned on another day than the rhythm's own.")
    )
    late = models.PositiveIntegerField(
        _("late"), default=0, help_text=_("Due before the day of planning.")
    )
    recorded = models.PositiveIntegerField(
        _("not planned"), default=0, help_text=_("Merged, missed or skipped.")
    )
    reasons = models.JSONField(
        _("why they moved"),
        default=dict,
        blank=True,
        help_text=_("How many moved for each reason."),
    )
    failure = models.TextField(_("why it failed"), blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("planning pass")
        verbose_name_plural = _("planning passes")
        indexes = [
            models.Index(fields=["organization", "at", "id"], name="engagement_pass_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.market} {self.today}"
