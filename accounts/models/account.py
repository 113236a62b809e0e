"""A customer company and its people."""

from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel, Complexity, Stage, Tier
from accounts.names import search_form
from accounts.querysets import AccountQuerySet
from regions.models import Market
from regions.validators import validate_language_tag
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel
from tenants.querysets import TenantManager

AccountManager = TenantManager.from_queryset(AccountQuerySet)


CONTRACT_DATES = ("renewal_date", "notice_deadline")
"""The columns of an account that say when its contract ends."""


class Account(VersionedTenantModel):
    """A customer company in one market."""

    market = TenantForeignKey(
        Market,
        models.PROTECT,
        related_name="accounts",
        verbose_name=_("market"),
        indexed=False,
        help_text=_(
            "Its calendar, hours and zone decide when check-ins fall due; who works there may "
            "change the account."
        ),
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As the customer writes it."))
    search_name = models.CharField(max_length=400, editable=False, db_collation="C")
    external_id = models.CharField(  # noqa: DJ001  # several accounts may have none
        _("external id"),
        max_length=100,
        null=True,
        blank=True,
        help_text=_("Its id in your CRM; unique in the organization."),
    )
    tier = models.CharField(
        _("tier"),
        max_length=10,
        choices=Tier.choices,
        help_text=_("Decides, with the stage, which cadence holds."),
    )
    stage = models.CharField(
        _("lifecycle stage"),
        max_length=20,
        choices=Stage.choices,
        default=Stage.ONBOARDING.value,
        help_text=_(
            "Decides, with the tier, which cadence holds; nothing is planned for a churned "
            "customer."
        ),
    )
    owner = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("owner"),
        help_text=_("The CSM who looks after it."),
    )
    city = models.CharField(
        _("city"),
        max_length=100,
        blank=True,
        help_text=_("Helps to tell offices apart, and to plan a visit."),
    )
    start_date = models.DateField(
        _("customer since"), help_text=_("The first day as a customer: rhythms count from it.")
    )
    renewal_date = models.DateField(
        _("renewal date"),
        null=True,
        blank=True,
        help_text=_("The day on which the contract ends or renews."),
    )
    notice_deadline = models.DateField(
        _("notice deadline"),
        null=True,
        blank=True,
        help_text=_("The last day on which the customer can give notice."),
    )
    arr = models.DecimalField(
        _("ARR"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Annual recurring revenue, in the account's currency."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters of ISO 4217."))],
        help_text=_("ISO 4217, such as EUR: what the ARR is in."),
    )
    complexity = models.CharField(
        _("product complexity"),
        max_length=10,
        choices=Complexity.choices,
        blank=True,
        default="",
        db_default="",
        help_text=_("How demanding the part of the product is that the customer uses."),
    )
    attributes = models.JSONField(
        _("attributes"),
        blank=True,
        default=dict,
        db_default={},
        help_text=_("What else is known: a value for each declared attribute, by its key."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = AccountManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                name="accounts_account_external_id",
                violation_error_message=_("There is an account with this external id."),
            ),
        ]
        indexes = [
            # The accounts of a market, for planning to find those that are not enrolled yet.
            models.Index(fields=["organization", "market", "id"], name="accounts_account_market"),
            # The list by name, and its search by prefix.
            models.Index(
                fields=["organization", "search_name", "id"], name="accounts_account_by_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        """Keep the searchable form of the name beside it."""
        self.search_name = search_form(self.name)
        super().save(**kwargs)


class Contact(VersionedTenantModel):
    """A person at a customer company."""

    account = TenantForeignKey(
        Account, models.CASCADE, related_name="contacts", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As the person writes it."))
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Where the person reads what you write.")
    )
    phone = models.CharField(
        _("phone"),
        max_length=40,
        blank=True,
        help_text=_("With the country's code, such as +33 1 23 45 67 89."),
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        validators=[validate_language_tag],
        help_text=_("BCP 47, such as ja-JP."),
    )
    role = models.CharField(
        _("role"), max_length=100, blank=True, help_text=_("What the person does there.")
    )
    preferred_channel = models.CharField(
        _("preferred channel"),
        max_length=10,
        choices=Channel.choices,
        blank=True,
        help_text=_("Beats what the agreement and the cadence say."),
    )
    is_primary = models.BooleanField(
        _("first to turn to"),
        default=False,
        help_text=_(
            "Check-ins are with this person, on her preferred channel; there is one at most."
        ),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_primary", "name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "account"],
                condition=models.Q(is_primary=True),
                name="accounts_contact_one_primary",
                violation_error_message=_("Another contact is the first to turn to."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
