"""The leaders' pages on triggers: what starts playbooks, who would start today, what came of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.found_by_account import FoundByAccountAdmin
from accounts.models import Account
from engagement import services
from engagement.models import Trigger, TriggerFiring
from engagement.services import HeldBack
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from tenants.admin import object_action, site
from tenants.admin.filters import ArchivedFilter
from tenants.permissions import Right, member_of

MOST_SHOWN = 50
"""How many accounts a dry run names for each reason; counts are of all."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why accounts do not start, with the first of them."""

    text: str
    count: int
    accounts: list[Account]


@admin.register(Trigger, site=site)
class TriggerAdmin(InPlaceAdmin[Trigger]):
    """The facts on which playbooks start by themselves."""

    store = staticmethod(services.save_trigger)
    list_display = ("name", "playbook", "kind", "place", "is_active")
    list_select_related = ("playbook", "market")
    list_filter = ("is_active", "kind", "playbook", ArchivedFilter)
    search_fields = ("^name",)
    ordering = ("name", "id")
    readonly_fields = ("archived_at",)
    actions_detail = ("fire", "archive")
    change_form_template = "admin/engagement/trigger/change_form.html"
    export_fields = (
        *("name", "playbook", "kind", "days", "percent", "stage", "tier", "market"),
        *("cool_down_days", "grace_days", "is_active", "archived_at"),
    )
    empty_text = _("No trigger fits. Without one, people start every playbook by hand.")
    fieldsets = (
        (None, {"fields": ("name", "playbook", ("is_active", "archived_at"))}),
        (_("What starts it"), {"fields": ("kind", ("days", "percent"))}),
        (_("For which accounts"), {"fields": (("stage", "tier"), "market")}),
        (_("How often, and how late"), {"fields": (("cool_down_days", "grace_days"),)}),
    )

    def place_of(self, obj: Trigger) -> Place:
        """Return where it holds; one for everywhere concerns the whole organization."""
        return obj.market

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the page that tells who would start."""
        return (
            ("<uuid:object_id>/dry-run/", "engagement_trigger_dry_run", self.dry_run_view),
            *super().get_custom_urls(),
        )

    @admin.display(description=_("holds in"))
    def place(self, trigger: Trigger) -> str:
        """Return where it holds, in words."""
        return str(trigger.market or _("Everywhere"))

    def dry_run_view(self, request: HttpRequest, model_admin: Any, object_id: UUID) -> HttpResponse:
        """Show who would start now, and why others would not.

        :raises PermissionDenied: if the role may not read triggers.
        :raises Http404: for a trigger that is not there.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        trigger = self.get_object(request, str(object_id))
        if trigger is None:
            raise Http404
        fired = services.dry_run(trigger, now=timezone.now(), market=None)
        groups = _by_text(fired.held_back)
        shown = [*fired.accounts[:MOST_SHOWN]]
        shown += [pk for found in groups.values() for pk in found[:MOST_SHOWN]]
        accounts = Account.objects.select_related("market").in_bulk(shown)
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Who would start today: %(trigger)s") % {"trigger": trigger},
            "opts": self.opts,
            "media": self.media,
            "object": trigger,
            "fired": fired,
            "starting": _named(fired.accounts, accounts),
            "reasons": [
                Reason(text, len(found), _named(found, accounts)) for text, found in groups.items()
            ],
        }
        return TemplateResponse(request, "admin/engagement/trigger/dry_run.html", context)

    @object_action(
        description=_("Start now"),
        question=_(
            "All accounts that it watches are looked at now; for those of the dry run the playbook "
            "starts."
        ),
        done=_("Done. What was decided stands under “Firings of triggers”."),
        icon="play_arrow",
        available=lambda trigger: trigger.is_active,
    )
    def fire(self, request: HttpRequest, trigger: Trigger) -> None:
        """Look at once at all accounts of the trigger."""
        services.fire_trigger(trigger, by=member_of(request), at=timezone.now())

    @object_action(
        description=_("Archive"),
        question=_("It starts nothing any more; what it started goes on."),
        done=_("The trigger is archived."),
        icon="archive",
        available=lambda trigger: trigger.archived_at is None,
    )
    def archive(self, request: HttpRequest, trigger: Trigger) -> None:
        """Switch the trigger off for good."""
        services.archive_trigger(trigger, at=timezone.now())


@admin.register(TriggerFiring, site=site)
class TriggerFiringAdmin(FoundByAccountAdmin[TriggerFiring]):
    """What triggers started, and what they did not and why. Nobody changes it."""

    menu_right = Right.EDIT_STRUCTURE
    list_display = ("day", "trigger", "account", "market", "result", "detail")
    list_display_links = ("account",)
    list_select_related = ("trigger", "account__market", "run__edition")
    list_filter = ("result", "trigger", "account__market")
    ordering = ("-id",)
    fields = (
        ("trigger", "account"),
        ("occasion", "due_on"),
        ("day", "at"),
        ("result", "detail"),
        "run",
    )
    export_fields = (
        *("day", "trigger", "account", "market", "occasion", "due_on", "result", "detail"),
    )
    empty_text = _("No firing fits. Triggers are asked each morning, after the daily planning.")

    @admin.display(description=_("market"))
    def market(self, firing: TriggerFiring) -> str:
        """Return where the account is."""
        return str(firing.account.market)


def _by_text(held_back: Iterable[HeldBack]) -> dict[str, list[UUID]]:
    """Return the accounts that are held back by why, the most frequent reason first."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for each in held_back:
        found[each.text].append(each.account_id)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _named(ids: list[UUID], accounts: dict[UUID, Account]) -> list[Account]:
    return [accounts[pk] for pk in ids[:MOST_SHOWN] if pk in accounts]
