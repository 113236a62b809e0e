"""Meetings, to look at: they are logged in the pages of CSMs, by the API and by mail."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.querysets import of_account_named
from engagement.models import Meeting
from tenants.admin import TenantAdmin, site


@admin.register(Meeting, site=site)
class MeetingAdmin(TenantAdmin[Meeting]):
    """The meetings with customers, the latest first."""

    list_display = ("held_on", "account", "channel", "contact", "source", "logged_by")
    list_display_links = ("account",)
    list_select_related = ("account", "contact", "logged_by", "task__cadence", "task__step")
    list_filter = ("source", "channel", "account__market")
    search_fields = ("account__search_name",)
    search_help_text = _("The beginning of the account's name.")
    ordering = ("-held_on", "-id")
    paginator = InfinitePaginator
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find meetings by the beginning of the account's name."""
        return of_account_named(queryset, search_term), False
