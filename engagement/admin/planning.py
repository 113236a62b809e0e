"""Planning: when each region is planned, how it went, and planning at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from engagement import services
from engagement.admin.next_dates import MOVE_REASONS, next_dates_view
from engagement.choices import PassTrigger
from engagement.models import MarketPass, RegionPlanning
from engagement.overview import latest_passes
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from regions.hours import load_zone
from tenants.admin import TenantAdmin, object_action, site
from tenants.permissions import Right


def save_planning(planning: RegionPlanning) -> RegionPlanning:
    """Save the daily time; the next planning follows from it."""
    return services.save_region_planning(planning, now=timezone.now())


@admin.register(RegionPlanning, site=site)
class RegionPlanningAdmin(InPlaceAdmin[RegionPlanning]):
    """A region's daily planning. It comes with the region's first market."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(save_planning)
    list_display = ("region", "daily", "next_planning", "last_planning", "result")
    list_select_related = ("region",)
    ordering = ("region__name", "id")
    readonly_fields = ("region", "next_planning", "last_planning", "result")
    actions_detail = ("plan_now",)
    change_form_template = "admin/engagement/regionplanning/change_form.html"
    empty_text = _("No region is planned yet. Its planning begins with its first market.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "region",
                    ("local_time", "time_zone"),
                    ("last_planning", "next_planning"),
                    "result",
                )
            },
        ),
    )

    def place_of(self, obj: RegionPlanning) -> Place:
        """Return the region that is planned."""
        return obj.region

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the region's first market makes it."""
        return False

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the page that a cadence's preview asks for its dates."""
        return (
            *super().get_custom_urls(),
            ("next-dates/", "engagement_next_dates", next_dates_view),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add how the last pass over each market went."""
        planning = kwargs.get("obj")
        if planning is not None:
            context["passes"] = latest_passes(region=planning.region)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("daily at"))
    def daily(self, planning: RegionPlanning) -> str:
        """Return the daily time with its zone."""
        return f"{time_format(planning.local_time)} ({planning.time_zone})"

    @admin.display(description=_("next planning"), ordering="next_at")
    def next_planning(self, planning: RegionPlanning) -> str:
        """Return the next instant, in the region's zone."""
        return _local(planning, planning.next_at)

    @admin.display(description=_("last planning"), ordering="finished_at")
    def last_planning(self, planning: RegionPlanning) -> str:
        """Return when the last planning ended, in the region's zone."""
        return _local(planning, planning.finished_at)

    @admin.display(description=_("result"))
    def result(self, planning: RegionPlanning) -> str:
        """Return how the last planning ended."""
        if planning.failure:
            return str(_("Failed: %(why)s") % {"why": planning.failure})
        return str(_("Done") if planning.finished_at else _("Not planned yet"))

    @object_action(
        description=_("Plan now"),
        question=_(
            "All open markets of the region are planned at once, beside the daily planning."
        ),
        done=_("The region is planned. The table below says what was done."),
        icon="play_arrow",
    )
    def plan_now(self, request: HttpRequest, planning: RegionPlanning) -> None:
        """Plan the region's markets at once."""
        with services.within_known_days():
            services.plan_region_now(
                region=planning.region, now=timezone.now(), trigger=PassTrigger.ADMIN
            )


@admin.register(MarketPass, site=site)
class MarketPassAdmin(TenantAdmin[MarketPass]):
    """What each planning pass did. Nobody changes it."""

    menu_right = Right.EDIT_STRUCTURE
    list_display = (
        "at",
        "market",
        "trigger",
        "state",
        "considered",
        "planned",
        "moved",
        "late",
        "recorded",
    )
    list_select_related = ("market",)
    list_filter = ("market", "state", "trigger")
    ordering = ("-at", "-id")
    paginator = InfinitePaginator
    fields = (
        ("market", "today"),
        ("at", "trigger"),
        "state",
        ("considered", "planned"),
        ("moved", "late", "recorded"),
        "why_moved",
        "failure",
    )
    readonly_fields = ("why_moved",)
    empty_text = _("No market has been planned yet.")

    @admin.display(description=_("why they moved"))
    def why_moved(self, record: MarketPass) -> str:
        """Return how many moved for each reason."""
        return reasons_in_words(record)


def reasons_in_words(record: MarketPass) -> str:
    """Return how many check-ins a pass moved for each reason."""
    return ", ".join(
        f"{MOVE_REASONS.get(reason, reason)}: {count}"
        for reason, count in sorted(record.reasons.items())
    )


def _local(planning: RegionPlanning, at: Any) -> str:
    if at is None:
        return "–"
    local = at.astimezone(load_zone(planning.time_zone))
    return f"{date_format(local, 'DATETIME_FORMAT')} ({planning.time_zone})"
