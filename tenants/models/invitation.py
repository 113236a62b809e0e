"""How a person becomes a member."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import TenantForeignKey
from tenants.models.base import TenantModel
from tenants.models.identity import Membership


class Invitation(TenantModel):
    """The invitation of a member who has not joined yet; sent again, it is the same row.

    Of the link only the hash of its secret is stored, so that the newest link alone works.
    """

    membership = TenantForeignKey(
        Membership,
        models.CASCADE,
        related_name="invitations",
        verbose_name=_("member"),
        indexed=False,
    )
    sent_by = TenantForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("sent by")
    )
    language = models.CharField(_("language"), max_length=20)
    nonce_hash = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership"], name="tenants_invitation_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}"
