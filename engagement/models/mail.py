"""Mails in copy, and what became of each."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from engagement.choices import MailResult
from engagement.models.meeting import Meeting
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel


class IncomingMail(TenantModel):
    """A mail that was sent in copy to an account's address: its headers, never its body.

    The same Message-ID counts once.
    """

    account = TenantForeignKey(
        Account,
        models.CASCADE,
        related_name="incoming_mails",
        verbose_name=_("account"),
        indexed=False,
    )
    message_id = models.CharField(_("Message-ID"), max_length=255)
    sender = models.CharField(_("from"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    result = models.CharField(_("result"), max_length=20, choices=MailResult.choices)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    meeting = TenantForeignKey(
        Meeting, models.SET_NULL, null=True, related_name="mails", verbose_name=_("meeting")
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account", "message_id"],
                name="engagement_incomingmail_once",
            ),
        ]
        indexes = [
            # What became of the mails about an account, the newest first.
            models.Index(
                fields=["organization", "account", "received_at"],
                name="engagement_mail_by_account",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id
