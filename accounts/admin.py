"""The leaders' pages on accounts, and on what is to be known of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts import services
from accounts.attribute_forms import LinesField, account_form, field_name
from accounts.attributes import declared, in_words
from accounts.models import CONTRACT_DATES, Account, AccountAttribute, Contact, WorkingAgreement
from accounts.names import prefix_range
from accounts.promises.admin import PromiseAdmin
from accounts.sharing.admin import AgreementLinkAdmin, AgreementProposalAdmin
from regions.access import Place, works_there
from regions.admin.access import InPlaceAdmin
from tenants.admin import (
    TenantStackedInline,
    TenantTabularInline,
    object_action,
    parent_id,
    site,
)
from tenants.admin.filters import ArchivedFilter
from tenants.permissions import Right

__all__ = [
    "AccountAdmin",
    "AccountAttributeAdmin",
    "AgreementLinkAdmin",
    "AgreementProposalAdmin",
    "PromiseAdmin",
]


class ContactInline(TenantTabularInline[Contact]):
    """The people there."""

    model = Contact
    right = Right.EDIT_ACCOUNTS
    store = staticmethod(services.save_contact)
    remove = staticmethod(services.remove_contact)
    fields = ("name", "role", "email", "phone", "language", "preferred_channel", "is_primary")


class WorkingAgreementInline(TenantStackedInline[WorkingAgreement]):
    """What was agreed with the customer."""

    model = WorkingAgreement
    right = Right.EDIT_ACCOUNTS
    store = staticmethod(services.save_agreement)
    remove = staticmethod(services.remove_agreement)
    max_num = 1
    form_help = {
        "hours_from": _("From when the customer wants to be called; HH:MM, their local time."),
        "hours_to": _("Until when; HH:MM, their local time, and 24:00 is the next midnight."),
    }
    fields = (
        ("every", "unit"),
        "weekdays",
        ("hours_from", "hours_to"),
        ("channel", "language"),
        "decides",
        "escalation",
        ("agreed_with", "agreed_on"),
    )

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer the contacts of this account only."""
        if db_field.name == "agreed_with":
            kwargs["queryset"] = Contact.objects.filter(account=parent_id(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Account, site=site)
class AccountAdmin(InPlaceAdmin[Account]):
    """Customer companies. One that leaves is archived; its history stays."""

    right = Right.EDIT_ACCOUNTS
    previews_changes = True
    store = staticmethod(services.save_account)
    list_display = ("name", "market", "tier", "stage", "owner", "city", "start_date")
    list_select_related = ("market", "owner")
    list_filter = ("market", "tier", "stage", "complexity", "owner", ArchivedFilter)
    search_fields = ("search_name",)
    search_help_text = _("The beginning of the name, in any case and with or without accents.")
    ordering = ("search_name", "id")
    paginator = InfinitePaginator
    inlines = (ContactInline, WorkingAgreementInline)
    autocomplete_fields = ("owner",)
    readonly_fields = ("attributes_in_words", "archived_at", "created_at")
    actions_detail = ("archive", "restore")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "market"),
                    ("tier", "stage"),
                    ("owner", "city"),
                    ("start_date", "external_id"),
                    CONTRACT_DATES,
                    ("arr", "currency"),
                    "complexity",
                    ("created_at", "archived_at"),
                )
            },
        ),
    )
    empty_text = _("No account fits. The search looks for the beginning of a name.")

    def get_form(
        self, request: HttpRequest, obj: Account | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, with a field for each declared attribute."""
        kwargs["form"] = account_form(_declared(request))
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        """Show the declared attributes; who only reads sees what is known."""
        fieldsets = super().get_fieldsets(request, obj)
        attributes = _declared(request)
        if not attributes:
            return fieldsets
        fields = [field_name(attribute) for attribute in attributes]
        if obj is not None and not self.has_change_permission(request, obj):
            fields = ["attributes_in_words"]
        return [*fieldsets, (_("Attributes"), {"fields": fields})]

    @admin.display(description=_("attributes"), empty_value="—")
    def attributes_in_words(self, account: Account) -> str | None:
        """Return what is known, each value with its name."""
        return "; ".join(in_words(account.attributes, declared())) or None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find accounts by the beginning of their name, by index."""
        if not search_term:
            return queryset, False
        start, end = prefix_range(search_term)
        return queryset.filter(search_name__gte=start, search_name__lt=end), False

    @object_action(
        description=_("Archive"),
        question=_("Nothing is planned for an archived account. Its history stays."),
        done=_("The account is archived."),
        icon="archive",
        available=lambda account: account.archived_at is None,
    )
    def archive(self, request: HttpRequest, account: Account) -> None:
        """Stop working on the account."""
        services.archive_account(account, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("The account is planned again, from today on."),
        done=_("The account is in use again."),
        icon="unarchive",
        available=lambda account: account.archived_at is not None,
    )
    def restore(self, request: HttpRequest, account: Account) -> None:
        """Work on the account again."""
        services.restore_account(account)


@admin.register(AccountAttribute, site=site)
class AccountAttributeAdmin(InPlaceAdmin[AccountAttribute]):
    """What accounts may say beyond our own fields. An attribute that is given up is archived."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_attribute)
    list_display = ("name", "key", "kind", "choices_in_words")
    list_filter = ("kind", ArchivedFilter)
    search_fields = ("^name", "^key")
    ordering = ("name", "id")
    fields = (("name", "key"), "kind", "choices", "archived_at")
    actions_detail = ("archive", "restore")
    export_fields = ("key", "name", "kind", "choices", "archived_at")
    empty_text = _("No attribute fits. Add one, and every account has a field for it.")

    def place_of(self, obj: AccountAttribute) -> Place:
        """Return the whole organization: all its accounts have the same attributes."""
        return None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member answers for the whole organization."""
        return super().has_add_permission(request) and works_there(request, lambda: None)

    def get_readonly_fields(
        self, request: HttpRequest, obj: AccountAttribute | None = None
    ) -> tuple[str, ...]:
        """Keep key and kind of an attribute that is there: accounts have values of it."""
        return ("key", "kind", "archived_at") if obj else ("archived_at",)

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Ask for one choice on each line."""
        if db_field.name != "choices":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return LinesField(
            label=_("Choices"),
            required=False,
            help_text=f"{db_field.help_text} {_('One on each line.')}",
        )

    @admin.display(description=_("choices"), empty_value="—")
    def choices_in_words(self, attribute: AccountAttribute) -> str | None:
        """Return what may be chosen."""
        return ", ".join(attribute.choices) or None

    @object_action(
        description=_("Archive"),
        question=_("Nobody is asked for it any more. Accounts keep what they say of it."),
        done=_("The attribute is archived."),
        icon="archive",
        available=lambda attribute: attribute.archived_at is None,
    )
    def archive(self, request: HttpRequest, attribute: AccountAttribute) -> None:
        """Ask for the attribute no longer."""
        services.archive_attribute(attribute, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("Accounts have a field for it again, with what they said of it before."),
        done=_("The attribute is in use again."),
        icon="unarchive",
        available=lambda attribute: attribute.archived_at is not None,
    )
    def restore(self, request: HttpRequest, attribute: AccountAttribute) -> None:
        """Ask for the attribute again."""
        services.restore_attribute(attribute)


def _declared(request: HttpRequest) -> list[AccountAttribute]:
    """Return the attributes in use, loaded once a request."""
    known: dict[str, Any] = request.__dict__
    if "_declared" not in known:
        known["_declared"] = declared()
    found: list[AccountAttribute] = known["_declared"]
    return found
