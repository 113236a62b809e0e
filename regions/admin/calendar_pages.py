"""A market's year on a page of its own and on the market's, with what is edited there."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regions.admin.access import InPlaceAdmin
from regions.admin.entries import (
    KINDS,
    EntryForm,
    Kind,
    chosen_days,
    entries_of,
    remove_entry,
    save_entry,
    span_of,
)
from regions.admin.year import legend, year_of
from regions.models import Market
from regions.models.calendar import CalendarPart
from regions.working_time import working_time
from tenants.admin.forms import Refused
from tenants.admin.preview import PREVIEW, Preview
from toolkit import effects

REMOVE = "_remove"


class CalendarPages(InPlaceAdmin[Market]):
    """The pages of a market's calendar."""

    class Media:
        css = {"all": ["regions/year.css"]}
        js = ["regions/year.js"]

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the calendar's page, and two for each kind of entry."""
        return (
            *super().get_custom_urls(),
            ("<uuid:object_id>/calendar/", "regions_market_calendar", self.calendar_view),
            *(
                (
                    f"<uuid:object_id>/calendar/{kind.slug}/{path}",
                    f"regions_market_{kind.slug}_{name}",
                    partial(self.entry_view, kind=kind),
                )
                for kind in KINDS
                for path, name in (("add/", "add"), ("<uuid:entry_id>/", "change"))
            ),
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
        market = self._market(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Calendar of %(market)s") % {"market": market},
            "opts": self.opts,
            "media": self.media,
            "object": market,
            **self._year_context(request, market),
        }
        whole = not getattr(request, "htmx", False)
        template = "calendar_page" if whole else "calendar"
        return TemplateResponse(request, f"admin/regions/market/{template}.html", context)

    def entry_view(
        self,
        request: HttpRequest,
        model_admin: Any,
        object_id: Any,
        entry_id: UUID | None = None,
        *,
        kind: Kind,
    ) -> HttpResponse:
        """Add an entry to the calendar, change or remove one, or preview that.

        :raises Http404: for a market or an entry that is not there.
        :raises PermissionDenied: if the member may not change the market.
        """
        market = self._market(request, object_id)
        if not self.has_change_permission(request, market):
            raise PermissionDenied
        entry = kind.find(market, entry_id) if entry_id else kind.blank(market)
        if entry is None:
            raise Http404
        if request.method == "POST":
            return self._answer(request, kind, market, entry)
        form = kind.form(instance=entry)
        days = chosen_days([request.GET.get("start", ""), request.GET.get("end", "")])
        if entry_id is None and days:
            form.choose_days(days[0], days[-1])
        return self._entry_page(request, kind, market, entry, form)

    def _market(self, request: HttpRequest, object_id: Any) -> Market:
        market = self.get_object(request, str(object_id))
        if market is None:
            raise Http404
        return market

    def _answer(
        self, request: HttpRequest, kind: Kind, market: Market, entry: CalendarPart
    ) -> HttpResponse:
        """Do what the form asks for, or say why not."""
        removing = REMOVE in request.POST and not entry._state.adding
        form = kind.form(request.POST, instance=entry)
        if PREVIEW in request.GET:
            return self._entry_preview(request, form, entry, removing=removing)
        try:
            if removing:
                remove_entry(form, entry)
            elif form.is_valid():
                save_entry(form)
            else:
                return self._entry_page(request, kind, market, entry, form)
        except Refused as refused:
            # Once more, so that the form words the refusal.
            fresh = kind.find(market, entry.pk) or kind.blank(market)
            form = kind.form(request.POST, instance=fresh)
            form.refused = refused  # type: ignore[misc]  # this form's own
            return self._entry_page(request, kind, market, fresh, form)
        done = _("%(name)s is no longer in the calendar.") if removing else _("%(name)s is saved.")
        self.message_user(request, done % {"name": entry}, messages.SUCCESS)
        return HttpResponseRedirect(_of_year(market, span_of(entry)[0].year))

    def _entry_preview(
        self, request: HttpRequest, form: EntryForm, entry: CalendarPart, *, removing: bool
    ) -> HttpResponse:
        """Tell what would follow, and take it back."""
        change = partial(remove_entry, form, entry) if removing else partial(save_entry, form)
        errors: list[str] = []
        found: list[effects.Effect] = []
        if removing or form.is_valid():
            try:
                found = effects.preview(change)
            except Refused as refused:
                errors = [refused.text or str(refused.__cause__)]
        if form.errors:
            errors = [str(said) for found_here in form.errors.values() for said in found_here]
        preview = Preview(errors=errors, markets=effects.summarize(found))
        return TemplateResponse(request, "admin/tenants/preview.html", {"preview": preview})

    def _entry_page(
        self,
        request: HttpRequest,
        kind: Kind,
        market: Market,
        entry: CalendarPart,
        form: EntryForm,
    ) -> HttpResponse:
        adding = entry._state.adding
        year = request.GET.get("year", "") if adding else str(span_of(entry)[0].year)
        context = {
            **self.admin_site.each_context(request),
            "title": kind.add if adding else kind.change,
            "subtitle": market,
            "opts": self.opts,
            "media": self.media,
            "object": market,
            "form": form,
            "adding": adding,
            "back": f"{_of_year(market, None)}?year={year}",
        }
        return TemplateResponse(request, "admin/regions/market/entry.html", context)

    def _year_context(self, request: HttpRequest, market: Market) -> dict[str, Any]:
        time = working_time(market)
        today = time.today(timezone.now())
        days = chosen_days(request.GET.getlist("day"))
        wanted = request.GET.get("year", "")
        known = range(time.calendar.first_day.year, time.calendar.last_day.year + 1)
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 0
        if number not in known:
            number = today.year
        return {
            "market": market,
            "year": year_of(time, number, country=market.country),
            "today": today,
            "legend": legend(),
            "calendar_url": _of_year(market, None),
            "entries": entries_of(market, number),
            "chosen": days[0] if days else None,
            "may_edit": self.has_change_permission(request, market),
            "additions": [(kind.add, kind.add_url(market)) for kind in KINDS],
        }


def _of_year(market: Market, year: int | None) -> str:
    url = reverse("admin:regions_market_calendar", args=[market.pk])
    return f"{url}?year={year}" if year else url
