"""What digital steps sent."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from engagement.models.task import Task
from outbox.models import Letter
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel


class SentMessage(TenantModel):
    """The letter that carried out a digital step; there is one at most, whatever becomes of it."""

    task = TenantForeignKey(
        Task, models.PROTECT, related_name="messages", verbose_name=_("task"), indexed=False
    )
    letter = TenantForeignKey(Letter, models.PROTECT, related_name="+", verbose_name=_("letter"))
    to = models.EmailField(_("to"))
    contact_name = models.CharField(_("contact"), max_length=200)
    language = models.CharField(_("language"), max_length=20)
    sent_at = models.DateTimeField(_("sent"), db_default=Now())

    class Meta(TenantModel.Meta):
        verbose_name = _("message of a digital step")
        verbose_name_plural = _("messages of digital steps")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "task"], name="engagement_sentmessage_one"
            ),
        ]
        indexes = [
            # What is on its way to an address, for who wants no more of it.
            models.Index(fields=["organization", "to"], name="engagement_sentmessage_to"),
        ]

    def __str__(self) -> str:
        return f"{self.to}, {self.sent_at}"
