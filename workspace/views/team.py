"""The workload: who has how much to do, this week and in the quarter to come."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from engagement.load import QUARTER_WEEKS
from engagement.team_load import Sight, TeamLoad, read_team_load, sight_of
from engagement.team_load_files import team_load_file
from regions.models import Market
from tenants.choices import LEADS
from toolkit.api.files import file_response
from workspace.forms.team import TeamFilters
from workspace.views.imports import kind_of
from workspace.views.members import MemberView


class TeamView(MemberView):
    """The load of the team for those who lead; everybody else sees her own, or markets."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        filters, sight, load = self.read(request)
        leads = self.identity.role in LEADS
        context = {
            "filters": filters,
            "load": load,
            "is_own": sight.member is not None,
            "is_switched_off": leads and not sight.people,
            "is_partial": sight.markets is not None,
        }
        return render(request, "workspace/team/page.html", context)

    def read(self, request: HttpRequest) -> tuple[TeamFilters, Sight, TeamLoad]:
        """Return what was asked for and what of it the reader may see."""
        member = self.member
        sight = sight_of(member)
        markets = Market.objects.select_related("region").order_by("region__name", "name", "pk")
        if sight.markets is not None:
            markets = markets.filter(pk__in=sight.markets)
        filters = TeamFilters(request.GET, markets=markets)
        load = read_team_load(
            sight=sight,
            now=self.now,
            first=timezone.localdate(self.now),
            weeks=QUARTER_WEEKS,
            **filters.wanted,
        )
        return filters, sight, load


class TeamExportView(TeamView):
    """Sends the figures of the page as a file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send what the filters keep and the reader may see."""
        _filters, _sight, load = self.read(request)
        return file_response(team_load_file(load, kind=kind_of(request)))
