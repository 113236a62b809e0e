"""Which roles there are, and when the people work who look after accounts."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.models import Market
from talent.choices import Level
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel


class Role(VersionedTenantModel):
    """A part that somebody plays for customers; steps of playbooks name it by its code."""

    code = models.SlugField(
        _("code"),
        max_length=50,
        help_text=_(
            "Short, such as local_csm: steps of playbooks name the role by it, so it stays as it "
            "is."
        ),
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("As your people say it; playbooks show it beside each step."),
    )
    level = models.CharField(
        _("level"),
        max_length=10,
        choices=Level.choices,
        default=Level.LOCAL.value,
        help_text=_("Whether somebody in the market, in its region or at headquarters fills it."),
    )
    description = models.TextField(
        _("description"),
        max_length=1000,
        blank=True,
        help_text=_("One sentence: what the role does for a customer, and where it ends."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "code"],
                name="talent_role_code",
                violation_error_message=_("There is a role with this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


FULL_DAY_MINUTES = 6 * 60
"""Planned work of six hours fills a day: the rest goes into preparing it. Ours."""


class WorkProfile(VersionedTenantModel):
    """A member's home market: its calendar and zone are the member's own.

    ``minutes_a_day`` is how much planned work fills one of her working days.
    """

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="work_profiles", verbose_name=_("member")
    )
    home_market = TenantForeignKey(
        Market,
        models.PROTECT,
        related_name="residents",
        verbose_name=_("home market"),
        help_text=_(
            "Where she lives: its calendar and time zone are hers, and contacts fall on days on "
            "which she works, too."
        ),
    )
    minutes_a_day = models.PositiveSmallIntegerField(
        _("planned work a day (minutes)"),
        default=FULL_DAY_MINUTES,
        validators=[MinValueValidator(30), MaxValueValidator(720)],
        help_text=_(
            "How much planned work fills one of her working days; six hours of eight leave time "
            "to prepare it. Less for who works part of the day."
        ),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("work profile")
        verbose_name_plural = _("work profiles")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership"],
                name="talent_workprofile_one",
                violation_error_message=_("This member has a home market already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.home_market}"


class Leave(VersionedTenantModel):
    """Days on which a member is away, both ends included."""

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="leaves", verbose_name=_("member")
    )
    start = models.DateField(
        _("first day"),
        help_text=_("The first day away. Contacts that she owns move within their tolerance."),
    )
    end = models.DateField(
        _("last day"),
        help_text=_("The last day away. What cannot move far enough asks for a stand-in."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("leave")
        verbose_name_plural = _("leave")
        ordering = ["start", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(end__gte=models.F("start")),
                name="talent_leave_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.start} – {self.end}"
