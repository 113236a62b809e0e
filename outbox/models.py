"""What waits to be sent, and what became of it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbox.querysets import LetterQuerySet
from tenants.models import TenantModel
from tenants.querysets import TenantManager

LetterManager = TenantManager.from_queryset(LetterQuerySet)


class Letter(TenantModel):
    """A mail to one person, written in the transaction of what caused it.

    It is sent at least once, each time with the same Message-ID. What holds a secret loses its
    body when nobody will send it any more.
    """

    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=20)
    has_secret = models.BooleanField(_("holds a secret"), default=False)
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("to be sent at"), db_default=Now(), editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    lease_token = models.BigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    parked_at = models.DateTimeField(_("given up"), null=True, editable=False)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)

    objects = LetterManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(TenantModel.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            # Read by the sweep and the readiness probe, for all organizations at once.
            models.Index(
                fields=["due_at"],
                name="outbox_letter_waiting",
                condition=models.Q(sent_at=None, parked_at=None),
            ),
            # What became of the letters to a person, the newest last.
            models.Index(fields=["organization", "to", "id"], name="outbox_letter_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
