"""The week: what is due on each day, and moving it to another."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from engagement.models import Task
from regions.models import Market
from talent.models import WorkProfile
from tenants.permissions import Right, may
from workspace import formats
from workspace.forms.filters import WeekFilters
from workspace.views.members import MemberView, wants_part
from workspace.week import days_of
from workspace.week_days import ONE_WEEK, first_weekday, read_day, week_of


class WeekView(MemberView):
    """A week of a CSM, as her week begins; filtered as Today is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the week in which the day of the address is, else this week."""
        filters = WeekFilters(
            request.GET, markets=list(Market.objects.all()), identity=self.identity
        )
        today = timezone.localtime(self.now).date()
        shown = read_day(request.GET.get("from", ""), today)
        week = week_of(shown, first_weekday(get_language() or "en", self._country()))
        days = days_of(
            week,
            filters.apply(Task.objects.to_do()),
            membership_id=self.identity.membership_id,
            today=today,
        )
        context: dict[str, Any] = {
            "filters": filters,
            "days": days,
            "first": week[0],
            "last": week[-1],
            "before": (week[0] - ONE_WEEK).isoformat(),
            "after": (week[-1] + dt.timedelta(days=1)).isoformat(),
            "is_this_week": today in week,
            "count": sum(day.count for day in days),
            "load": formats.duration(sum(day.minutes for day in days)),
            "may_move": may(self.identity, Right.WORK),
            "back": request.get_full_path(),
        }
        template = "list" if wants_part(request) else "page"
        return render(request, f"workspace/week/{template}.html", context)

    def _country(self) -> str:
        home = WorkProfile.objects.filter(membership=self.identity.membership_id)
        return home.values_list("home_market__country", flat=True).first() or ""
