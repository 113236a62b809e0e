"""Mails in copy to the addresses of accounts, to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.found_by_account import FoundByAccountAdmin
from engagement.models import IncomingMail
from tenants.admin import site
from tenants.permissions import Right


@admin.register(IncomingMail, site=site)
class IncomingMailAdmin(FoundByAccountAdmin[IncomingMail]):
    """What became of each mail in copy, the newest first: its headers, never its body."""

    menu_right = Right.EDIT_ACCOUNTS
    list_display = ("received_at", "account", "sender", "subject", "result")
    list_display_links = ("account",)
    list_select_related = ("account__market", "meeting__account")
    list_filter = ("result", "account__market")
    ordering = ("-id",)
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
