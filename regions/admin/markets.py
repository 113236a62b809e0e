"""Regions and markets."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from regions import services
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from regions.admin.calendar_pages import CalendarPages
from regions.admin.exports import MARKET_EXPORTS
from regions.admin.inlines import MARKET_INLINES
from regions.library import load_library
from regions.models import Market, Region
from tenants.admin import list_action, object_action, site
from tenants.admin.exports import Export
from tenants.admin.forms import Refused, refusals
from tenants.permissions import Right


@admin.register(Region, site=site)
class RegionAdmin(InPlaceAdmin[Region]):
    """Groups of markets that are planned and led together."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_region)
    remove = staticmethod(services.remove_region)
    list_display = ("name", "code", "market_count")
    search_fields = ("^name", "^code")
    fields = ("name", "code")
    ordering = ("name", "id")
    empty_text = _("There is no region yet. Adopting a market from the library makes its region.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        """Count the markets of each region in the same query."""
        return super().get_queryset(request).annotate(market_count=Count("markets"))

    def place_of(self, obj: Region) -> Place:
        """Return the region itself."""
        return obj

    @admin.display(description=_("markets"), ordering="market_count")
    def market_count(self, region: Region) -> int:
        """Return how many markets the region holds."""
        return getattr(region, "market_count", 0)


@admin.register(Market, site=site)
class MarketAdmin(CalendarPages):
    """A market: what it is, when it works, and what is reported of it."""

    previews_changes = True
    store = staticmethod(services.save_market)
    list_display = ("name", "code", "region", "country", "time_zone", "status", "is_home")
    list_filter = ("region", "status")
    list_select_related = ("region",)
    search_fields = ("^name", "^code")
    ordering = ("name", "id")
    inlines = MARKET_INLINES
    readonly_fields = ("is_home", "library_code")
    actions_list = ("adopt",)
    actions_detail = ("make_home",)
    change_form_template = "admin/regions/market/change_form.html"
    export_fields = (
        *("code", "name", "region", "country", "subdivision", "time_zone", "languages"),
        *("currency", "status", "is_home", "confirmed_through", "holidays_note"),
        *("reply_within_hours", "gone_dark_after_days", "needs_consent", "consent_source"),
    )
    empty_text = _("There is no market yet. Adopt one from the library, or add one by hand.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "code"),
                    ("region", "status"),
                    ("country", "subdivision"),
                    ("time_zone", "languages"),
                    ("currency", "is_home"),
                    "library_code",
                )
            },
        ),
        (_("Holidays"), {"fields": ("confirmed_through", "holidays_note")}),
        (_("Two clocks"), {"fields": (("reply_within_hours", "gone_dark_after_days"),)}),
        (_("Automatic messages"), {"fields": ("needs_consent", "consent_source")}),
    )

    def place_of(self, obj: Market) -> Place:
        """Return the market itself."""
        return obj

    def get_inlines(self, request: HttpRequest, obj: Market | None) -> Any:
        """Edit the calendar of a market that is there: a new one gets a neutral one."""
        return self.inlines if obj else ()

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the pages beside the usual ones."""
        return (
            ("adopt-from-library/", "regions_market_library", self.library_view),
            *super().get_custom_urls(),
        )

    def exports(self) -> tuple[Export, ...]:
        """Return the markets, their calendars and a year of theirs."""
        return (*super().exports(), *MARKET_EXPORTS)

    def library_view(self, request: HttpRequest, model_admin: Any) -> HttpResponse:
        """List the library's markets that the organization lacks; adopt one by POST.

        :raises PermissionDenied: if the role may not add markets.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._adopt(request, request.POST.get("code", ""))
        own = set(Market.objects.values_list("code", flat=True))
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Adopt from the library"),
            "opts": self.opts,
            "markets": [market for market in load_library().values() if market.code not in own],
        }
        return TemplateResponse(request, "admin/regions/market/library.html", context)

    @list_action(description=_("Adopt from the library"), icon="library_add")
    def adopt(self, request: HttpRequest) -> HttpResponse:
        """Go to the library."""
        return HttpResponseRedirect(reverse("admin:regions_market_library"))

    @object_action(
        description=_("Make it the home market"),
        question=_("The organization comes from this market. Another one stops being it."),
        done=_("This is the home market now."),
        icon="home",
        available=lambda market: not market.is_home,
    )
    def make_home(self, request: HttpRequest, market: Market) -> None:
        """Make this market the organization's home."""
        services.set_home_market(market)

    def _adopt(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            with transaction.atomic(), refusals():
                market = services.adopt_market(code=code)
                self.check_place(request, market)
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:regions_market_library"))
        said = _t("%(market)s is one of your markets now.") % {"market": market}
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(market.pk))
