"""A member's calendar feed, and what it has told so far."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel


class CalendarFeed(VersionedTenantModel):
    """The secret address at which calendar programs read a member's work.

    Of the secret only the hash is stored: the address is shown once.
    """

    membership = TenantForeignKey(
        Membership,
        models.CASCADE,
        related_name="calendar_feeds",
        verbose_name=_("member"),
        help_text=_("Whose work it tells; she alone makes and replaces its address."),
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    renewed_at = models.DateTimeField(_("address made"), editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership"],
                name="engagement_calendarfeed_one",
                violation_error_message=_("This member has a calendar feed already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership)


class CalendarEntry(TenantModel):
    """What a feed last told of one task, so that a change or an end is told as such.

    The task is named, not pointed to: planning may take it back meanwhile.
    """

    feed = TenantForeignKey(
        CalendarFeed,
        models.CASCADE,
        related_name="entries",
        verbose_name=_("feed"),
        indexed=False,
    )
    uid = models.CharField(_("UID"), max_length=100)
    task = models.UUIDField(_("task"))
    day = models.DateField(_("day"))
    said = models.JSONField(_("what it says"))
    sequence = models.PositiveIntegerField(_("revision"), default=0)
    changed_at = models.DateTimeField(_("changed"))
    is_cancelled = models.BooleanField(_("cancelled"), default=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "feed", "uid"], name="engagement_calendarentry_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.uid}"
