"""Mails in copy to the addresses of accounts, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.querysets import of_account_named
from engagement.models import IncomingMail
from tenants.admin import TenantAdmin, site
from tenants.permissions import Right


@admin.register(IncomingMail, site=site)
class IncomingMailAdmin(TenantAdmin[IncomingMail]):
    """What became of each mail in copy, the newest first: its headers, never its body."""

    menu_right = Right.EDIT_ACCOUNTS
    list_display = ("received_at", "account", "sender", "subject", "result")
    list_display_links = ("account",)
    list_select_related = ("account__market", "meeting__account")
    list_filter = ("result", "account__market")
    search_fields = ("account__search_name",)
    search_help_text = _("The beginning of the account's name.")
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        ("account", "message_id"),
        ("sender", "subject"),
        ("sent_at", "received_at"),
        ("result", "reason"),
        "meeting",
    )
    export_fields = (
        *("received_at", "account", "sender", "subject", "sent_at", "result", "reason"),
        "message_id",
    )
    empty_text = _("No mail fits. Mails arrive in copy at the address on an account's page.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find mails by the beginning of the account's name."""
        return of_account_named(queryset, search_term), False
