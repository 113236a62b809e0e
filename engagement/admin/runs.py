"""Runs, to look at: they are started, held and ended in the pages of CSMs and by the API."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from engagement.admin.tasks import of_account_named
from engagement.models import Run
from engagement.standing import left_out_of
from tenants.admin import TenantAdmin, site


@admin.register(Run, site=site)
class RunAdmin(TenantAdmin[Run]):
    """The playbooks on their way for accounts, the newest first."""

    list_display = ("account", "playbook", "market", "status", "start_date", "started_by")
    list_display_links = ("account",)
    list_select_related = ("account__market", "playbook", "edition", "started_by")
    list_filter = ("status", "account__market", "playbook", "cause")
    search_fields = ("account__search_name",)
    search_help_text = _("The beginning of the account's name.")
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        ("account", "playbook"),
        ("status", "reason"),
        ("start_date", "paused_on", "ended_at"),
        ("cause", "started_by", "started_at"),
        "without_task",
    )
    readonly_fields = ("without_task",)
    export_fields = (
        *("account", "market", "playbook", "status", "start_date", "cause", "started_by"),
        *("started_at", "paused_on", "ended_at", "reason"),
    )
    empty_text = _("No run fits. A playbook is started on the page of an account, or by the API.")

    @admin.display(description=_("market"))
    def market(self, run: Run) -> str:
        """Return where the account is."""
        return str(run.account.market)

    @admin.display(description=_("steps left out"))
    def without_task(self, run: Run) -> str:
        """Return the steps that became no task, each with the reason."""
        found = ((each.title, each.text) for each in left_out_of(run))
        return format_html_join("", "<p>{}: {}</p>", found) or str(_("None"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find runs by the beginning of the account's name."""
        return of_account_named(queryset, search_term), False
