"""Many tasks at once: chosen on Today, confirmed on a page of their own, answered one by one."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import services
from engagement.due import Todays
from engagement.models import Task, TaskBatch
from engagement.querysets import TaskQuerySet
from regions.models import Market
from tenants.permissions import Right
from tenants.services import settle_in
from toolkit.errors import DomainError, InvalidInput
from toolkit.uuid7 import uuid_or_none
from workspace import recent
from workspace.forms import BULK_FORMS, BulkForm, TodayFilters
from workspace.forms.refusals import add_errors
from workspace.views.members import MemberView, way_back
from workspace.views.today import due_in, wanted_groups

MOST_NAMED = 200
"""How many accounts are named before they are counted only."""


class BulkPage(MemberView):
    """A page for members who work on tasks."""

    def admit(self) -> None:
        """Let those in who work on tasks.

        :raises PermissionDenied: for a member who only reads.
        """
        self.require(Right.WORK)

    def show(self, form: BulkForm, ids: list[UUID], *, status: int = 200) -> HttpResponse:
        """Show what is going to happen with how many tasks, to be confirmed."""
        named = Task.objects.filter(pk__in=ids).select_related("account", "cadence", "step")
        context = {
            "form": form,
            "title": form.title,
            "submit": form.title,
            "count": len(ids),
            "named": named.order_by("due_date", "pk")[:MOST_NAMED],
            "more": max(0, len(ids) - MOST_NAMED),
            "back": way_back(self.request),
        }
        return render(self.request, "workspace/bulk/confirm.html", context, status=status)


class ChooseView(BulkPage):
    """Takes what was chosen on Today; nothing happens before it is confirmed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back: there is nothing to confirm."""
        return redirect("workspace:today")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the action's form for the tasks chosen, or for the whole list."""
        form_class = BULK_FORMS.get(request.POST.get("action", ""))
        if form_class is None:
            raise Http404
        try:
            ids = self._chosen(request)
        except services.TooManyTasks as error:
            messages.error(request, str(error))
            return redirect(way_back(request))
        if not ids:
            messages.error(request, _("Choose tasks first."))
            return redirect(way_back(request))
        return self.show(form_class(initial={"ids": ",".join(map(str, ids))}), ids)

    def _chosen(self, request: HttpRequest) -> list[UUID]:
        if request.POST.get("everything"):
            query = QueryDict(request.POST.get("query", "")[:2000])
            return services.ids_of(_listed(self, query))
        return list(dict.fromkeys(filter(None, map(uuid_or_none, request.POST.getlist("task")))))


class ActView(BulkPage):
    """Carries an action out and leads to its answers."""

    def get(self, request: HttpRequest, action: str) -> HttpResponse:
        """Lead back: there is nothing to confirm."""
        return redirect("workspace:today")

    def post(self, request: HttpRequest, action: str) -> HttpResponse:
        """Do it with all of them."""
        form_class = BULK_FORMS.get(action)
        if form_class is None:
            raise Http404
        form = form_class(request.POST)
        if not form.is_valid():
            return self._again(form)
        try:
            batch = services.act_on_tasks(
                ids=form.cleaned_data["ids"], deed=form.deed(), by=self.member, at=self.now
            )
        except InvalidInput as error:
            add_errors(form, error)
            return self._again(form)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._again(form)
        recent.remember_batch(request, batch)
        settle_in(membership_id=self.identity.membership_id, at=self.now)
        return redirect("workspace:batch", batch.pk)

    def _again(self, form: BulkForm) -> HttpResponse:
        ids = form.cleaned_data.get("ids")
        if not ids:
            messages.error(self.request, _("Choose tasks first."))
            return redirect(way_back(self.request))
        return self.show(form, ids, status=422)


class BatchView(MemberView):
    """What became of each task of a batch."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show it, and offer to take it back."""
        batch = self._batch(pk)
        answered = batch.refused if batch.undone_at is None else batch.kept
        ids = [UUID(each) for each in (*batch.done, *answered)]
        tasks = Task.objects.select_related("account", "cadence", "step").in_bulk(ids)
        refused = [(tasks.get(UUID(key)), said) for key, said in answered.items()]
        context = {
            "batch": batch,
            "can_undo": services.can_undo(batch, self.now),
            "counted": _counted(batch),
            "refused": refused,
            "done": [
                tasks[UUID(key)] for key in batch.done if key not in answered and UUID(key) in tasks
            ],
        }
        return render(request, "workspace/bulk/batch.html", context)

    def _batch(self, pk: UUID) -> TaskBatch:
        """Return a batch of the member's own.

        :raises Http404: if she made none with this id.
        """
        mine = TaskBatch.objects.filter(made_by=self.identity.membership_id)
        return get_object_or_404(mine, pk=pk)


class UndoBatchView(BatchView):
    """Takes a batch back."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Undo it and show what became of each task."""
        self.require(Right.WORK)
        batch = self._batch(pk)
        try:
            services.undo_batch(batch=batch, by=self.member, at=self.now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            recent.forget_batch(request)
        return redirect("workspace:batch", batch.pk)


def _listed(view: MemberView, query: QueryDict) -> TaskQuerySet:
    """Return the tasks that Today shows at an address, all pages of them."""
    markets = list(Market.objects.all())
    filters = TodayFilters(query, markets=markets, identity=view.identity)
    tasks = filters.apply(Task.objects.to_do())
    return tasks.filter(due_in(wanted_groups(query), Todays.at(view.now, markets)))


def _counted(batch: TaskBatch) -> str:
    """Return how many tasks were changed, or taken back."""
    if batch.undone_at is not None:
        count = len(batch.done) - len(batch.kept)
        said = ngettext("%(count)d task is as it was", "%(count)d tasks are as they were", count)
    else:
        count = len(batch.done)
        said = ngettext("%(count)d task changed", "%(count)d tasks changed", count)
    return said % {"count": count}
