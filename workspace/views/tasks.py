"""Actions on one task, without leaving the page; with no script, forms that lead back to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_htmx.http import reswap, retarget, trigger_client_event

from engagement import services
from engagement.models import Task
from engagement.querysets import TO_DO
from engagement.upcoming import next_check_in
from regions.access import works_in
from tenants.permissions import Right
from tenants.services import settle_in
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion
from workspace import explanations, recent
from workspace.forms import DoneForm, HandOverForm, MoveForm, NotApplicableForm
from workspace.forms.refusals import add_errors
from workspace.forms.tasks import TaskForm
from workspace.proposals import Proposal, proposed_after
from workspace.rows import RowMaker
from workspace.views.members import MemberView, wants_part, way_back


class TaskView(MemberView):
    """One task, for members who work on tasks."""

    def dispatch_task(self, pk: UUID) -> Task:
        """Return the task with all that its row shows.

        :raises Http404: if the organization has none with this id.
        :raises PermissionDenied: for a member who only reads.
        """
        self.require(Right.WORK)
        return self.load(pk)

    def load(self, pk: UUID) -> Task:
        """Return the task as it is now."""
        return get_object_or_404(Task.objects.for_list(), pk=pk)

    def row(self, task: Task, **context: Any) -> HttpResponse:
        """Return the row of ``task``; 409 with the reason when an action was refused."""
        status = 409 if context.get("refused") else 200
        return render(
            self.request,
            "workspace/tasks/row.html",
            self.context(task) | {"acted": True} | context,
            status=status,
        )

    def context(self, task: Task) -> dict[str, Any]:
        """Return what the templates of a task need."""
        return {
            "row": RowMaker(self.now).rows([task])[0],
            "back": way_back(self.request),
        }

    def refuse(self, pk: UUID, error: DomainError) -> HttpResponse:
        """Tell why, and show what has become of the task."""
        if wants_part(self.request):
            return self.row(self.load(pk), refused=str(error), acted=False)
        messages.error(self.request, str(error))
        return HttpResponseRedirect(way_back(self.request))


class ActionView(TaskView):
    """An action with a form: GET shows it, POST carries it out."""

    form_class: type[TaskForm]
    title: Promise
    submit: Promise

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form, inside the row or on a page of its own."""
        task = self.dispatch_task(pk)
        return self._form(task, self.form_class(task=task, now=self.now))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Carry the action out and show what became of the task."""
        task = self.dispatch_task(pk)
        form = self.form_class(request.POST, task=task, now=self.now)
        if not form.is_valid():
            return self._form(task, form, status=422)
        try:
            _refuse_stale(task, form)
            self.carry_out(task, form.values())
        except InvalidInput as error:
            add_errors(form, error)
            return self._form(task, form, status=422)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._form(task, form, status=422)
        except DomainError as error:
            return self.refuse(pk, error)
        changed = self.load(pk)
        recent.remember(request, changed, self.now)
        is_first = settle_in(membership_id=self.identity.membership_id, at=self.now)
        closed = changed.status not in TO_DO
        follows = explanations.follows(next_check_in(changed)) if closed else ""
        proposals = self.proposals(changed)
        if wants_part(request):
            row = self.row(changed, follows=follows, proposals=proposals)
            # Her first action: the page asks for the whole list.
            return trigger_client_event(row, "settled-in", after="settle") if is_first else row
        what = explanations.what_happened(changed)
        messages.success(
            request, f"{what}: {changed.work.title} ({changed.account}) {follows}".strip()
        )
        for each in proposals:
            messages.info(request, each.as_message())
        return HttpResponseRedirect(way_back(request))

    def proposals(self, task: Task) -> list[Proposal]:
        """Return what is proposed after the action."""
        return []

    def carry_out(self, task: Task, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def _form(self, task: Task, form: TaskForm, *, status: int = 200) -> HttpResponse:
        context = self.context(task) | {"form": form, "title": self.title, "submit": self.submit}
        if not wants_part(self.request):
            return render(self.request, "workspace/tasks/page.html", context, status=status)
        panel = render(self.request, "workspace/tasks/form.html", context, status=status)
        return reswap(retarget(panel, f"#panel-{task.pk}"), "innerHTML")


class DoneView(ActionView):
    """Mark a task done."""

    form_class = DoneForm
    title = _("Done, with a note")
    submit = _("Done")

    def carry_out(self, task: Task, values: dict[str, Any]) -> None:
        """Complete it."""
        try:
            services.complete_task(task=task, by=self.member, at=self.now, **values)
        except InvalidInput as error:
            named = {DoneForm.FIELDS.get(name, name): said for name, said in error.errors.items()}
            raise InvalidInput(named) from error

    def proposals(self, task: Task) -> list[Proposal]:
        """Return the playbooks that the rules for outcomes propose, where the member works."""
        if not works_in(self.identity, task.account.market):
            return []
        return proposed_after(task)


class MoveView(ActionView):
    """Move a task to another day."""

    form_class = MoveForm
    title = _("Move to another day")
    submit = _("Move")

    def carry_out(self, task: Task, values: dict[str, Any]) -> None:
        """Move it."""
        services.snooze_task(task=task, by=self.member, at=self.now, **values)


class NotApplicableView(ActionView):
    """Close a task that makes no sense this time."""

    form_class = NotApplicableForm
    title = _("Not applicable this time")
    submit = _("Not applicable")

    def carry_out(self, task: Task, values: dict[str, Any]) -> None:
        """Close it."""
        services.mark_not_applicable(task=task, by=self.member, at=self.now, **values)


class HandOverView(ActionView):
    """Give a task to another member."""

    form_class = HandOverForm
    title = _("Hand over to somebody else")
    submit = _("Hand over")

    def carry_out(self, task: Task, values: dict[str, Any]) -> None:
        """Hand it over."""
        services.hand_over_task(task=task, by=self.member, at=self.now, **values)


class UndoView(TaskView):
    """Take the last action back."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Undo it and show the task as it was."""
        task = self.dispatch_task(pk)
        try:
            services.undo_task(task=task, by=self.member, at=self.now)
        except DomainError as error:
            return self.refuse(pk, error)
        recent.forget(request, task, self.now)
        if wants_part(request):
            return self.row(self.load(pk), acted=False)
        messages.success(request, _("Undone."))
        return HttpResponseRedirect(way_back(request))


def _refuse_stale(task: Task, form: TaskForm) -> None:
    """Refuse a form that was filled in for an earlier state of an open task.

    :raises StaleVersion: if somebody moved it or handed it over since.
    """
    seen = form.cleaned_data["seen_version"]
    if task.status in TO_DO and seen is not None and seen != task.version:
        raise StaleVersion
