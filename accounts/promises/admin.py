"""Promises, to look at: they are made and settled in the pages of CSMs and by the API."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.found_by_account import FoundByAccountAdmin
from accounts.models import Promise
from tenants.admin import site


@admin.register(Promise, site=site)
class PromiseAdmin(FoundByAccountAdmin[Promise]):
    """What customers were promised, by the day by which it is owed."""

    list_display = ("due_date", "account", "what", "owner", "status")
    list_display_links = ("what",)
    list_select_related = ("account__market", "contact", "owner", "made_by", "settled_by")
    list_filter = ("status", "account__market", "owner")
    ordering = ("due_date", "id")
    fields = (
        ("account", "contact"),
        "what",
        ("due_date", "owner"),
        ("status", "reason"),
        ("made_at", "made_by"),
        ("settled_at", "settled_by"),
        "renegotiations",
    )
    readonly_fields = ("renegotiations",)
    export_fields = (
        *("due_date", "account", "market", "contact", "what", "owner", "status"),
        *("made_at", "made_by", "settled_at", "settled_by", "reason"),
    )
    empty_text = _("No promise fits. Promises are made on the page of an account, or by the API.")

    @admin.display(description=_("market"))
    def market(self, promise: Promise) -> str:
        """Return where the account is."""
        return str(promise.account.market)

    @admin.display(description=_("renegotiated"))
    def renegotiations(self, promise: Promise) -> str:
        """Return from which day it was moved to which, each time with the reason."""
        found = ((each.old_date, each.new_date, each.reason) for each in promise.changes.all())
        return format_html_join("", "<p>{} → {}: {}</p>", found) or str(_("Never"))
