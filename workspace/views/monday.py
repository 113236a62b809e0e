"""The leader's Monday: how the last week went in her markets, and what waits for her."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from engagement.choices import Show
from engagement.monday import market_weeks
from regions.access import works_in
from regions.models import Market
from tenants.choices import LEADS
from toolkit.api.files import file_response
from toolkit.tables import write_table
from workspace.monday import line_of, rows, titles
from workspace.views.imports import kind_of
from workspace.views.members import MemberView


class MondayView(MemberView):
    """A page for who leads: by market, never by person."""

    def admit(self) -> None:
        """Let leads in.

        :raises PermissionDenied: for everybody else.
        """
        if self.identity.role not in LEADS:
            raise PermissionDenied

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the markets in which the member leads, or send them as a file."""
        everywhere = works_in(self.identity, None)
        markets = Market.objects.select_related("region").order_by("region__name", "name", "pk")
        if not everywhere:
            here = self.identity.membership_id
            markets = markets.filter(
                Q(assignments__membership=here) | Q(region__assignments__membership=here)
            ).distinct()
        shown = Show.EVERYTHING if everywhere else Show.MY_REGION
        lines = [line_of(week, shown) for week in market_weeks(markets, now=self.now)]
        if "as" in request.GET:
            return file_response(
                write_table("monday", titles(), rows(lines), kind=kind_of(request))
            )
        context = {
            "lines": lines,
            "to_look_at": [line for line in lines if line.week.needs_a_look],
            "failures": [line for line in lines if line.week.planned.failure],
        }
        return render(request, "workspace/monday/page.html", context)
