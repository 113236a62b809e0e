"""An agreement shown to the customer it is with, and what the customer wants to change in it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import ProposalStatus
from accounts.models.account import Account, Contact
from accounts.querysets import AgreementLinkQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel
from tenants.querysets import TenantManager

AgreementLinkManager = TenantManager.from_queryset(AgreementLinkQuerySet)


class AgreementLink(VersionedTenantModel):
    """A link by which one contact sees the agreement of her account, without an account here.

    Of the link only the hash of its secret is stored. It ends with the contact, whose name stays.
    """

    account = TenantForeignKey(
        Account, models.CASCADE, related_name="agreement_links", verbose_name=_("account")
    )
    contact = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        related_name="agreement_links",
        verbose_name=_("contact"),
    )
    contact_name = models.CharField(_("shared with"), max_length=200, editable=False)
    nonce_hash = models.CharField(max_length=64, editable=False)
    made_by = TenantForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("made by"), indexed=False
    )
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = AgreementLinkManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("agreement link")
        verbose_name_plural = _("agreement links")

    def __str__(self) -> str:
        return self.contact_name


class AgreementProposal(VersionedTenantModel):
    """What a customer wants to be agreed otherwise; ``changes`` has the fields of an agreement.

    ``based_on`` is the version of the agreement that the customer saw, 0 if there was none.
    """

    account = TenantForeignKey(
        Account, models.CASCADE, related_name="agreement_proposals", verbose_name=_("account")
    )
    contact = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        related_name="agreement_proposals",
        verbose_name=_("contact"),
    )
    proposed_by = models.CharField(_("proposed by"), max_length=200, editable=False)
    proposed_at = models.DateTimeField(_("proposed"), db_default=Now(), editable=False)
    based_on = models.PositiveIntegerField(_("version seen"), default=0, editable=False)
    changes = models.JSONField(_("changes"), default=dict, editable=False, blank=True)
    remark = models.TextField(_("remark"), blank=True, max_length=2000, editable=False)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ProposalStatus.choices,
        default=ProposalStatus.OPEN.value,
        editable=False,
    )
    accepted = models.JSONField(_("accepted parts"), default=list, editable=False, blank=True)
    decided_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
        indexed=False,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("agreement proposal")
        verbose_name_plural = _("agreement proposals")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account", "contact"],
                condition=Q(status=ProposalStatus.OPEN),
                name="accounts_agreementproposal_one_open",
            ),
        ]
        indexes = [
            # What waits for a decision.
            models.Index(
                fields=["organization", "proposed_at"],
                name="accounts_proposal_open",
                condition=Q(status=ProposalStatus.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.proposed_by})"
