"""What we told a customer we would do, and what became of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import PromiseStatus
from accounts.models.account import Account, Contact
from accounts.querysets import PromiseQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel
from tenants.querysets import TenantManager

PromiseManager = TenantManager.from_queryset(PromiseQuerySet)


class Promise(VersionedTenantModel):
    """What was promised to a customer, by which local day of its market; open until settled."""

    account = TenantForeignKey(
        Account,
        models.PROTECT,
        related_name="promises",
        verbose_name=_("account"),
        indexed=False,
        help_text=_("The customer who was promised something."),
    )
    contact = TenantForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="promises",
        verbose_name=_("to whom"),
        help_text=_("The person there who heard it; empty: the customer as a whole."),
    )
    what = models.CharField(
        _("what"), max_length=300, help_text=_("What will be done, as the customer understood it.")
    )
    due_date = models.DateField(
        _("by"), help_text=_("The last day on which it counts as kept, where the customer is.")
    )
    owner = TenantForeignKey(
        Membership,
        models.PROTECT,
        related_name="promises",
        verbose_name=_("owner"),
        indexed=False,
        help_text=_("Who sees to it that it is kept."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=PromiseStatus.choices,
        default=PromiseStatus.OPEN.value,
        editable=False,
    )
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    made_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
        indexed=False,
    )
    settled_at = models.DateTimeField(_("settled"), null=True, editable=False)
    settled_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("settled by"),
        indexed=False,
    )
    reason = models.CharField(
        _("why it was broken"),
        max_length=500,
        blank=True,
        editable=False,
    )

    objects = PromiseManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["due_date", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(status=PromiseStatus.OPEN, settled_at=None)
                | ~Q(status=PromiseStatus.OPEN) & Q(settled_at__isnull=False),
                name="accounts_promise_settled_at",
                violation_error_message=_("A settled promise needs the time it was settled."),
            ),
            models.CheckConstraint(
                condition=~Q(status=PromiseStatus.BROKEN) | ~Q(reason=""),
                name="accounts_promise_reason",
                violation_error_message=_("A broken promise needs a reason."),
            ),
        ]
        indexes = [
            # What a member still owes, by day: settled ones stay out of it.
            models.Index(
                fields=["organization", "owner", "due_date", "id"],
                name="accounts_promise_open_by_owner",
                condition=Q(status=PromiseStatus.OPEN),
            ),
            models.Index(
                fields=["organization", "account", "due_date", "id"],
                name="accounts_promise_by_account",
            ),
            models.Index(fields=["organization", "due_date", "id"], name="accounts_promise_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.due_date})"


class PromiseChange(TenantModel):
    """That a promise was renegotiated: from which day to which, why, and by whom."""

    promise = TenantForeignKey(
        Promise, models.PROTECT, related_name="changes", verbose_name=_("promise")
    )
    old_date = models.DateField(_("from"))
    new_date = models.DateField(_("to"))
    reason = models.CharField(_("reason"), max_length=500)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    changed_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
        indexed=False,
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("renegotiation")
        verbose_name_plural = _("renegotiations")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.old_date} – {self.new_date}"
