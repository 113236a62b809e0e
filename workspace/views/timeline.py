"""All that happened with an account, as one stream."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from engagement.timeline import Place, UnknownPlace
from workspace.forms.timeline import TimelineFilters
from workspace.timeline import lines_of
from workspace.views.accounts import find_account
from workspace.views.members import MemberView, wants_part


class TimelineView(MemberView):
    """What happened with one account, the newest first."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the page, the list alone, or the entries that follow."""
        account = find_account(pk)
        filters = TimelineFilters(request.GET)
        after = request.GET.get("after", "")
        found = lines_of(account, now=self.now, after=_place(after), **filters.values())
        context = {"account": account, "filters": filters, "found": found}
        template = "page"
        if wants_part(request):
            template = "more" if after else "list"
        return render(request, f"workspace/timeline/{template}.html", context)


def _place(cursor: str) -> Place | None:
    try:
        return Place.read(cursor) if cursor else None
    except UnknownPlace:
        return None
