"""What customer and CSM had to do with each other, whoever says so."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel
from accounts.models import Account, Contact
from engagement.choices import MeetingSource
from engagement.models.task import Task
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel


class Meeting(VersionedTenantModel):
    """A talk with a customer that was held; ``held_on`` is the customer's local day.

    ``task`` is the check-in that it counts as. Taken back within ten minutes, it is gone.
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="meetings", verbose_name=_("account"), indexed=False
    )
    held_on = models.DateField(
        _("held on"), help_text=_("The day where the customer is; not one that is still to come.")
    )
    channel = models.CharField(
        _("channel"),
        max_length=10,
        choices=Channel.choices,
        help_text=_("How you were in touch."),
    )
    contact = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("with"),
        help_text=_("The person on the customer's side; empty if none of the known ones."),
    )
    participants = models.CharField(
        _("who else was there"),
        max_length=500,
        blank=True,
        help_text=_("Names, on both sides, as you want to read them later."),
    )
    note = models.TextField(
        _("note"), blank=True, max_length=5000, help_text=_("What came of it, for your colleagues.")
    )
    source = models.CharField(
        _("source"), max_length=10, choices=MeetingSource.choices, editable=False
    )
    external_id = models.CharField(  # noqa: DJ001  # several meetings may have none
        _("external id"),
        max_length=255,
        null=True,
        blank=True,
        help_text=_("Its id where it comes from; the same one sent twice is one meeting."),
    )
    task = TenantForeignKey(
        Task,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="meetings",
        verbose_name=_("counts as"),
    )
    logged_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("logged by"),
        indexed=False,
    )
    logged_at = models.DateTimeField(_("logged"), db_default=Now(), editable=False)
    undo = models.JSONField(null=True, editable=False, encoder=DjangoJSONEncoder)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                name="engagement_meeting_external_id",
                violation_error_message=_("There is a meeting with this external id."),
            ),
        ]
        indexes = [
            # An account's meetings, the latest first.
            models.Index(
                fields=["organization", "account", "held_on", "id"],
                name="engagement_meeting_by_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.held_on})"
