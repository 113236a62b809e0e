"""Regions and the markets they hold."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.choices import MarketStatus
from regions.validators import validate_country, validate_language_tag, validate_zone
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel
from toolkit.uuid7 import uuid7


class Region(VersionedTenantModel):
    """A group of markets that is planned and led together, such as EMEA."""

    code = models.SlugField(
        _("code"),
        max_length=30,
        help_text=_("Short and stable, such as emea: imports and programs name the region by it."),
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("As leaders know it, such as EMEA; reports and filters show it."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "code"],
                name="regions_region_code",
                violation_error_message=_("There is a region with this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Market(VersionedTenantModel):
    """A country, or a part of one, with its own working calendar and way of working."""

    region = TenantForeignKey(
        Region,
        models.PROTECT,
        related_name="markets",
        verbose_name=_("region"),
        help_text=_("It is planned and led together with the other markets of this region."),
    )
    code = models.CharField(
        _("code"),
        max_length=20,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Capital letters and digits."))],
        help_text=_("Short and stable, such as FR or US-WEST: imports and programs name it so."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("As your people know it, such as France.")
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        validators=[validate_country],
        help_text=_("ISO 3166-1, such as FR; its public holidays are taken."),
    )
    subdivision = models.CharField(
        _("subdivision"),
        max_length=10,
        blank=True,
        help_text=_("Where holidays differ inside the country, such as ENG or NSW."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        validators=[validate_zone],
        help_text=_(
            "Of the IANA database, such as Europe/Paris; all days and hours here are in it."
        ),
    )
    languages = ArrayField(
        models.CharField(max_length=20, validators=[validate_language_tag]),
        verbose_name=_("languages"),
        help_text=_("BCP 47, the main one first, such as fr-FR; holidays are named in them, too."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters of ISO 4217."))],
        help_text=_("ISO 4217, such as EUR: what accounts here are invoiced in."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=MarketStatus.choices,
        default=MarketStatus.OPEN.value,
        help_text=_("Check-ins are planned in open markets only."),
    )
    is_home = models.BooleanField(
        _("home market"),
        default=False,
        help_text=_("The market the organization comes from; there is one at most."),
    )
    library_code = models.CharField(
        _("from the library"), max_length=10, blank=True, editable=False
    )
    confirmed_through = models.DateField(
        _("lunar holidays confirmed through"),
        null=True,
        blank=True,
        help_text=_("Lunar holidays after this day are marked as estimated."),
    )
    holidays_note = models.TextField(
        _("note on the holidays"),
        blank=True,
        help_text=_(
            "What people should know of the dates: who confirms them, what differs locally."
        ),
    )
    reply_within_hours = models.PositiveSmallIntegerField(
        _("we reply within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        help_text=_("How soon customers here expect an answer. Empty: the neutral default."),
    )
    gone_dark_after_days = models.PositiveSmallIntegerField(
        _("silence means something after (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("How long a customer here may be silent. Empty: the neutral default."),
    )
    needs_consent = models.BooleanField(
        _("messages need consent"),
        default=True,
        db_default=True,
        help_text=_(
            "Whether contacts here are sent automatic messages only once they said yes. Switch it "
            "off only where you know that nobody has to be asked."
        ),
    )
    consent_source = models.CharField(
        _("on what that rests"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "The rule and who checked it. Empty: our cautious default, which asks everywhere."
        ),
    )
    calendar_revision = models.UUIDField(default=uuid7, editable=False)
    """Changes with every edit that may move a working day, so that calendars can be cached."""

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "code"],
                name="regions_market_code",
                violation_error_message=_("There is a market with this code."),
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(is_home=True),
                name="regions_market_one_home",
                violation_error_message=_("Another market is the home market already."),
            ),
            models.CheckConstraint(
                condition=models.Q(needs_consent=True) | ~models.Q(consent_source=""),
                name="regions_market_consent_source",
                violation_error_message=_("Say on what it rests that nobody has to be asked."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(VersionedTenantModel):
    """Where a regional manager or CSM works: a whole region, or one market of it."""

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="assignments", verbose_name=_("member")
    )
    region = TenantForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("region"),
        help_text=_("She may change what belongs to this region and to all its markets."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("market"),
        help_text=_("She may change what belongs to this market."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(region=None) ^ models.Q(market=None),
                name="regions_assignment_region_or_market",
                violation_error_message=_("Choose a region or a market."),
            ),
            models.UniqueConstraint(
                fields=["organization", "membership", "region", "market"],
                nulls_distinct=False,
                name="regions_assignment_once",
                violation_error_message=_("This member works there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.region or self.market}"
