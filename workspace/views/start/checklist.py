"""The steps at a glance, and how far planning is after the start."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from engagement.overview import opening
from workspace.steps import Checklist
from workspace.views.start.base import LeaderView


class ChecklistView(LeaderView):
    """The first page of a new organization."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the steps."""
        checklist = Checklist()
        context: dict[str, object] = {"checklist": checklist}
        if checklist.is_started:
            context["opening"] = opening(now=self.now)
        return render(request, "workspace/start/checklist.html", context)


class ProgressView(LeaderView):
    """How far planning is, for a page that asks again and again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        context = {"opening": opening(now=self.now)}
        return render(request, "workspace/start/progress.html", context)
