"""Regions and markets."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from regions import services
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from regions.admin.inlines import MARKET_INLINES
from regions.admin.year import legend, year_of
from regions.library import load_library
from regions.models import Market, Region
from regions.working_time import working_time
from tenants.admin import list_action, object_action, site
from tenants.admin.forms import Refused, refusals


@admin.register(Region, site=site)
class RegionAdmin(InPlaceAdmin[Region]):
    """Groups of markets that are planned and led together."""

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
class MarketAdmin(InPlaceAdmin[Market]):
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
    )

    class Media:
        css = {"all": ["regions/year.css"]}

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
            ("<uuid:object_id>/calendar/", "regions_market_calendar", self.calendar_view),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the year's calendar to the page of a market."""
        market = kwargs.get("obj")
        if market is not None:
            context |= self._year_context(request, market)
        return super().render_change_form(request, context, *args, **kwargs)

    def calendar_view(self, request: HttpRequest, model_admin: Any, object_id: Any) -> HttpResponse:
        """Show the working calendar of one year (``?year=``), also as a part of another page.

        :raises Http404: for a market that is not there.
        """
        market = self.get_object(request, str(object_id))
        if market is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Calendar of %(market)s") % {"market": market},
            "opts": self.opts,
            **self._year_context(request, market),
        }
        whole = not getattr(request, "htmx", False)
        template = "calendar_page" if whole else "calendar"
        return TemplateResponse(request, f"admin/regions/market/{template}.html", context)

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

    def _year_context(self, request: HttpRequest, market: Market) -> dict[str, Any]:
        time = working_time(market)
        wanted = request.GET.get("year", "")
        known = range(time.calendar.first_day.year, time.calendar.last_day.year + 1)
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 0
        if number not in known:
            number = time.today(timezone.now()).year
        return {
            "market": market,
            "year": year_of(time, number),
            "legend": legend(),
            "calendar_url": reverse("admin:regions_market_calendar", args=[market.pk]),
        }
