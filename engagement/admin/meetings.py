"""Meetings, to look at: they are logged in the pages of CSMs, by the API and by mail."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.found_by_account import FoundByAccountAdmin
from engagement.models import Meeting
from tenants.admin import site


@admin.register(Meeting, site=site)
class MeetingAdmin(FoundByAccountAdmin[Meeting]):
    """The meetings with customers, the latest first."""

    list_display = ("held_on", "account", "channel", "contact", "source", "logged_by")
    list_display_links = ("account",)
    list_select_related = ("account", "contact", "logged_by", "task__cadence", "task__step")
    list_filter = ("source", "channel", "account__market")
    ordering = ("-held_on", "-id")
    fields = (
        ("account", "held_on"),
        ("channel", "contact"),
        ("participants", "note"),
        ("source", "external_id"),
        ("task", "logged_by", "logged_at"),
    )
    export_fields = (
        *("held_on", "account", "channel", "contact", "participants", "note", "source"),
        *("external_id", "logged_by", "logged_at"),
    )
    empty_text = _("No meeting fits. One is logged on the page of an account, or by the API.")
