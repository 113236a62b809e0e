"""Runs that move: to the edition in force, and with the dates that their steps count from."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from engagement import services
from engagement.models import Run
from engagement.services import Move, RunRefused
from playbooks.models import Edition
from toolkit.errors import DomainError, InvalidInput
from workspace.forms.refusals import add_errors
from workspace.forms.runs import RunDatesForm
from workspace.moving import changes_of
from workspace.runs import anchors_to_ask, name_of
from workspace.views.runs import RunPage, find_run


class RunMovePage(RunPage):
    """A page that shows what a move would make of a run, and makes it."""

    def run_to_move(self, pk: UUID) -> Run:
        """Return a run of an account that the member works with."""
        run = find_run(pk)
        self.require_work(run.account)
        return run

    def page(
        self, template: str, run: Run, *, status: int = 200, move: Move | None = None, **more: Any
    ) -> HttpResponse:
        """Show what would change, if anything is known of it."""
        context = {
            "run": run,
            "name": name_of(run.edition),
            "changes": changes_of(move) if move else None,
            **more,
        }
        return render(self.request, f"workspace/runs/{template}.html", context, status=status)


class MoveRunView(RunMovePage):
    """Moves a run to the edition in force, once its reader has seen what that changes."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what would change, or why it does not move."""
        run = self.run_to_move(pk)
        form = self._form(run, request.GET)
        if not form.is_valid():
            return self.page("move", run, form=form)
        try:
            move = services.foresee_move(run, at=self.now, anchors=form.anchors())
        except RunRefused as refused:
            return self.page("move", run, form=form, refused=refused)
        return self.page("move", run, form=form, move=move)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Move it, and show the run."""
        run = self.run_to_move(pk)
        form = self._form(run, request.POST)
        if not form.is_valid():
            return self.page("move", run, form=form, status=422)
        run.version = form.cleaned_data["seen_version"] or run.version
        try:
            services.move_run(run, at=self.now, by=self.member, anchors=form.anchors())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The playbook goes on in the edition in force."))
        return redirect("workspace:run", pk=pk)

    def _form(self, run: Run, data: Mapping[str, Any]) -> RunDatesForm:
        asked = []
        if run.newer_edition_id:
            asked = anchors_to_ask(Edition.objects.get(pk=run.newer_edition_id))
        return RunDatesForm(
            data, run=run, asked=[anchor for anchor in asked if anchor not in run.anchors]
        )


class RunDatesView(RunMovePage):
    """Lets a run count from other dates, once its reader has seen what that moves."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the dates, and show what those given move."""
        run = self.run_to_move(pk)
        form = RunDatesForm(request.GET, run=run, asked=list(run.anchors))
        move = None
        if form.is_valid() and form.anchors():
            try:
                move = services.foresee_anchors(run, form.anchors(), at=self.now)
            except InvalidInput as error:
                add_errors(form, error)
        return self.page("dates", run, form=form, move=move)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change them, and show the run."""
        run = self.run_to_move(pk)
        form = RunDatesForm(request.POST, run=run, asked=list(run.anchors))
        if not form.is_valid():
            return self.page("dates", run, form=form, status=422)
        run.version = form.cleaned_data["seen_version"] or run.version
        try:
            services.move_anchors(run, form.anchors(), at=self.now, by=self.member)
        except InvalidInput as error:
            add_errors(form, error)
            return self.page("dates", run, form=form, status=422)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The dates are changed."))
        return redirect("workspace:run", pk=pk)
