"""What requests with an ``Idempotency-Key`` were answered."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tenants.fields import TenantForeignKey
from tenants.models.base import TenantModel
from tenants.models.identity import ApiKey, Membership


class KeptAnswer(TenantModel):
    """The answer to a request, kept for a day so that the same request has one effect.

    Each API key has idempotency keys of its own, and so has each member who uses none.
    """

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="+", indexed=False, verbose_name=_("member")
    )
    api_key = TenantForeignKey(
        ApiKey,
        models.CASCADE,
        null=True,
        related_name="+",
        indexed=False,
        verbose_name=_("API key"),
    )
    key = models.CharField(_("idempotency key"), max_length=255)
    fingerprint = models.CharField(max_length=64)
    """Of method, address and body: another request with the same key is a mistake."""
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    """None for an answer that held a secret: that is not kept."""
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership", "api_key", "key"],
                nulls_distinct=False,
                name="tenants_keptanswer_once",
            ),
        ]
        indexes = [
            # Read by the clean-up only, for all organizations at once.
            models.Index(fields=["created_at"], name="tenants_keptanswer_age"),
        ]

    def __str__(self) -> str:
        return self.key
