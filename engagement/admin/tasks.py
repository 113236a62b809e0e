"""Tasks and enrolments, to look at: they are worked on in the pages of CSMs."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.found_by_account import FoundByAccountAdmin
from engagement.models import Enrolment, Task
from tenants.admin import site


@admin.register(Task, site=site)
class TaskAdmin(FoundByAccountAdmin[Task]):
    """The check-ins that planning made, the tasks of runs, and those by hand."""

    list_display = ("due_date", "account", "work", "owner", "status", "needs_stand_in")
    list_display_links = ("account",)
    list_select_related = ("account__market", "cadence", "step", "run", "owner", "closed_by")
    list_filter = ("status", "account__market", "needs_stand_in", "is_flagged")
    ordering = ("due_date", "id")
    fields = (
        ("account", "owner"),
        ("cadence", "run"),
        ("title", "benefit"),
        ("nominal_date", "due_date", "due_at"),
        ("status", "outcome", "sentiment"),
        ("needs_stand_in", "is_flagged"),
        ("closed_at", "closed_by"),
        ("reason", "note"),
    )
    export_fields = (
        *("due_date", "account", "market", "work", "owner", "status", "outcome"),
        "sentiment",
        *("needs_stand_in", "is_flagged", "nominal_date", "closed_at", "closed_by"),
        *("reason", "note"),
    )
    empty_text = _("No task fits. Tasks come from planning, once there are accounts and cadences.")

    @admin.display(description=_("what"))
    def work(self, task: Task) -> str:
        """Return what is to be done."""
        return task.work.title

    @admin.display(description=_("market"))
    def market(self, task: Task) -> str:
        """Return where the account is."""
        return str(task.account.market)


@admin.register(Enrolment, site=site)
class EnrolmentAdmin(FoundByAccountAdmin[Enrolment]):
    """Which cadence each account is in, and where it stands."""

    list_display = ("account", "cadence", "market", "next_nominal", "last_contact", "is_active")
    list_select_related = ("account", "cadence", "market")
    list_filter = ("market", "is_active")
    ordering = ("-id",)
    fields = (
        ("account", "market"),
        "cadence",
        ("origin", "last_contact"),
        ("next_nominal", "next_due"),
        "is_active",
    )
    empty_text = _("No account is in a cadence yet.")
