"""The leaders' pages on cadences."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import RhythmUnit
from playbooks import services
from playbooks.admin.revisions import revisions_of
from playbooks.models import Cadence
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from tenants.admin import object_action, site
from tenants.admin.filters import ArchivedFilter


@admin.register(Cadence, site=site)
class CadenceAdmin(InPlaceAdmin[Cadence]):
    """Rhythms of contact, by tier and stage; the most specific one holds."""

    previews_changes = True
    store = staticmethod(services.save_cadence)
    list_display = ("tier", "stage", "place", "title", "rhythm", "mode", "channel")
    list_display_links = ("title",)
    list_select_related = ("region", "market")
    list_filter = ("tier", "stage", "region", "market", ArchivedFilter)
    search_fields = ("^title",)
    ordering = ("tier", "stage", "region", "market", "id")
    readonly_fields = ("archived_at",)
    actions_detail = ("archive",)
    change_form_template = "admin/playbooks/cadence/change_form.html"
    export_fields = (
        *("tier", "stage", "place", "title", "benefit", "every", "unit", "weekdays"),
        *("working_day", "mode", "tolerance_days", "channel", "duration_minutes", "reason"),
        *("source", "archived_at"),
    )
    empty_text = _("No cadence fits. Without one, nothing is planned for a tier and stage.")
    fieldsets = (
        (_("For whom"), {"fields": (("tier", "stage"), ("region", "market"), "reason", "source")}),
        (
            _("How often"),
            {
                "fields": (
                    ("every", "unit"),
                    "weekdays",
                    ("working_day", "mode"),
                    "tolerance_days",
                )
            },
        ),
        (
            _("What"),
            {"fields": ("title", "benefit", ("channel", "duration_minutes"), "archived_at")},
        ),
    )

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the versions, and what two of them say otherwise."""
        cadence = kwargs.get("obj")
        if cadence is not None:
            context |= revisions_of(cadence, request.GET)
        return super().render_change_form(request, context, *args, **kwargs)

    def place_of(self, obj: Cadence) -> Place:
        """Return where it holds; a global one concerns the whole organization."""
        return obj.market or obj.region

    @admin.display(description=_("holds in"))
    def place(self, cadence: Cadence) -> str:
        """Return where it holds, in words."""
        return str(cadence.market or cadence.region or _("Everywhere"))

    @admin.display(description=_("rhythm"))
    def rhythm(self, cadence: Cadence) -> str:
        """Return how often, in words."""
        match cadence.unit:
            case RhythmUnit.DAYS:
                said = ngettext("every day", "every %(count)d days", cadence.every)
            case RhythmUnit.WEEKS:
                said = ngettext("every week", "every %(count)d weeks", cadence.every)
            case _:
                said = ngettext("every month", "every %(count)d months", cadence.every)
        return said % {"count": cadence.every}

    @object_action(
        description=_("Archive"),
        question=_("Check-ins that nobody touched are planned by the next wider cadence instead."),
        done=_("The cadence is archived."),
        icon="archive",
        available=lambda cadence: cadence.archived_at is None,
    )
    def archive(self, request: HttpRequest, cadence: Cadence) -> None:
        """Stop planning by the cadence."""
        services.archive_cadence(cadence, at=timezone.now())
