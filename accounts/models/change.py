"""What changed about accounts, and when."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Changed
from accounts.models.account import Account
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel


class AccountChange(TenantModel):
    """A stage, tier or market that an account came into.

    The database itself writes it, whichever way the account is changed, and never changes it. The
    stage that an account is created in counts as entered; ``before`` is empty then. Markets are
    written by their id.
    """

    account = TenantForeignKey(
        Account, models.PROTECT, related_name="changes", indexed=False, verbose_name=_("account")
    )
    what = models.CharField(_("what"), max_length=10, choices=Changed.choices, editable=False)
    before = models.CharField(_("before"), max_length=40, blank=True, editable=False)
    after = models.CharField(_("after"), max_length=40, editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("change of an account")
        verbose_name_plural = _("changes of accounts")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["organization", "account", "what", "at"],
                name="accounts_change_of_account",
            ),
            # What happened lately, for triggers.
            models.Index(fields=["organization", "what", "at"], name="accounts_change_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.before} → {self.after}"
