"""Who wants to be written by a machine, and how we know."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import ConsentSource, ConsentState
from accounts.models.account import Account
from accounts.querysets import ContactConsentQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel
from tenants.querysets import TenantManager

ContactConsentManager = TenantManager.from_queryset(ContactConsentQuerySet)


class ContactConsent(TenantModel):
    """That a person gave or withdrew her consent to automatic messages; the latest one holds.

    It is about her address, in lower case, over all accounts of the organization: who is removed
    and entered again stays as she was, and who gets another address is asked anew.
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="consents", verbose_name=_("account")
    )
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=200)
    state = models.CharField(_("consent"), max_length=10, choices=ConsentState.choices)
    source = models.CharField(_("known through"), max_length=10, choices=ConsentSource.choices)
    how = models.CharField(_("how"), max_length=300, blank=True)
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    noted_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        indexed=False,
        verbose_name=_("noted by"),
    )

    objects = ContactConsentManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(TenantModel.Meta):
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-noted_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(source=ConsentSource.LINK) | ~models.Q(how=""),
                name="accounts_contactconsent_how",
                violation_error_message=_("Say how the person told you."),
            ),
        ]
        indexes = [
            # The latest of an address.
            models.Index(
                fields=["organization", "email", "-noted_at", "-id"],
                name="accounts_consent_latest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_state_display()}"
