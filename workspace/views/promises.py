"""Promises: made for an account or on the occasion of a task, kept, broken, renegotiated."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts import promises
from accounts.models import Account, Promise
from engagement import services
from engagement.models import Run, Task
from tenants.permissions import Right
from toolkit.errors import DomainError, InvalidInput
from workspace.forms.promises import BreakForm, PromiseForm, RenegotiateForm, SeenForm
from workspace.forms.refusals import add_errors
from workspace.promises import line_of
from workspace.runs import name_of
from workspace.views.accounts import find_account
from workspace.views.members import MemberView, wants_part, way_back


class PromisePage(MemberView):
    """A page or part about promises, for members who work where the customer is."""

    def require_work(self, account: Account) -> None:
        """Refuse who does not work in the market of an account.

        :raises PermissionDenied: then.
        """
        self.require_in(account.market, Right.WORK)

    def find(self, pk: UUID) -> Promise:
        """Return a promise with all that its line shows.

        :raises Http404: if the organization has none with this id.
        :raises PermissionDenied: for a member who does not work there.
        """
        promise = get_object_or_404(Promise.objects.for_list(), pk=pk)
        self.require_work(promise.account)
        return promise

    def line(self, pk: UUID, refused: str = "") -> HttpResponse:
        """Return the line of a promise as it is now; 409 with the reason of a refusal."""
        line = line_of(self.find(pk), now=self.now)
        context = {"line": line, "back": way_back(self.request), "refused": refused}
        context |= {"may_promise": True, "with_account": True}
        status = 409 if refused else 200
        return render(self.request, "workspace/promises/line.html", context, status=status)

    def done(self, promise: Promise, said: str) -> HttpResponse:
        """Show what became of a promise: its line, or the page it came from."""
        if wants_part(self.request):
            return self.line(promise.pk)
        messages.success(self.request, f"{said} · {promise.what} ({promise.account})")
        return HttpResponseRedirect(way_back(self.request))

    def refuse(self, promise: Promise, error: DomainError) -> HttpResponse:
        """Tell why, and show what has become of the promise."""
        if wants_part(self.request):
            return self.line(promise.pk, str(error))
        messages.error(self.request, str(error))
        return HttpResponseRedirect(way_back(self.request))


class MakePromiseView(PromisePage):
    """Makes a promise to a customer."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form."""
        account = self._account(pk)
        return self._form(account, self._asked(account))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make it, and show the account."""
        account = self._account(pk)
        form = self._asked(account, request.POST)
        if not form.is_valid():
            return self._form(account, form, status=422)
        try:
            promise = promises.make_promise(
                account=account, by=self.member, at=self.now, **form.cleaned_data
            )
        except InvalidInput as error:
            add_errors(form, error)
            return self._form(account, form, status=422)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._form(account, form, status=409)
        messages.success(request, _("Promised: %(what)s") % {"what": promise.what})
        return redirect("workspace:account", pk=account.pk)

    def _account(self, pk: UUID) -> Account:
        account = find_account(pk)
        self.require_work(account)
        return account

    def _asked(self, account: Account, data: Any = None) -> PromiseForm:
        return PromiseForm(data, account=account, today=promises.first_day_for(account, self.now))

    def _form(self, account: Account, form: PromiseForm, *, status: int = 200) -> HttpResponse:
        context = {"account": account, "form": form}
        return render(self.request, "workspace/promises/make.html", context, status=status)


class KeepView(PromisePage):
    """Marks a promise as kept, by one key."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do it."""
        promise = self.find(pk)
        see_as(promise, request.POST)
        try:
            promises.keep_promise(promise, by=self.member, at=self.now)
        except DomainError as error:
            return self.refuse(promise, error)
        return self.done(promise, pgettext("promise", "Kept"))


class ReopenView(PromisePage):
    """Takes back that a promise was settled."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do it."""
        promise = self.find(pk)
        try:
            promises.reopen_promise(promise, at=self.now)
        except DomainError as error:
            return self.refuse(promise, error)
        return self.done(promise, _("Undone."))


class PromiseFormView(PromisePage):
    """Changes a promise: GET asks for what that takes, POST carries it out."""

    title: Words
    submit: Words
    said: Words

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form, inside the line or on a page of its own."""
        promise = self.find(pk)
        return self._form(promise, self.asked(promise))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do it, and show what became of the promise."""
        promise = self.find(pk)
        form = self.asked(promise, request.POST)
        if not form.is_valid():
            return self._form(promise, form, status=422)
        values = dict(form.cleaned_data)
        promise.version = values.pop("seen_version") or promise.version
        try:
            self.carry_out(promise, values)
        except InvalidInput as error:
            add_errors(form, error)
            return self._form(promise, form, status=422)
        except DomainError as error:
            return self.refuse(promise, error)
        return self.done(promise, str(self.said))

    def asked(self, promise: Promise, data: Any = None) -> Form:
        """Return the form."""
        raise NotImplementedError

    def carry_out(self, promise: Promise, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def _form(self, promise: Promise, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "promise": promise,
            "form": form,
            "title": self.title,
            "submit": self.submit,
            "back": way_back(self.request),
        }
        part = "form" if wants_part(self.request) else "page"
        answer = render(self.request, f"workspace/promises/{part}.html", context, status=status)
        if part == "form":
            answer["HX-Retarget"] = f"#panel-{promise.pk}"
            answer["HX-Reswap"] = "innerHTML"
        return answer


class BreakView(PromiseFormView):
    """Marks a promise as broken."""

    title = gettext_lazy("This promise was broken")
    submit = pgettext_lazy("promise", "Broken")
    said = pgettext_lazy("promise", "Broken")

    def asked(self, promise: Promise, data: Any = None) -> Form:
        """Ask for the reason."""
        return BreakForm(data, initial={"seen_version": promise.version})

    def carry_out(self, promise: Promise, values: dict[str, Any]) -> None:
        """Break it."""
        promises.break_promise(promise, by=self.member, at=self.now, **values)


class RenegotiateView(PromiseFormView):
    """Gives a promise another day."""

    title = gettext_lazy("Agree on another day")
    submit = gettext_lazy("Renegotiated")
    said = gettext_lazy("Renegotiated")

    def asked(self, promise: Promise, data: Any = None) -> Form:
        """Ask for the day and the reason."""
        today = promises.first_day_for(promise.account, self.now)
        return RenegotiateForm(data, today=today, initial={"seen_version": promise.version})

    def carry_out(self, promise: Promise, values: dict[str, Any]) -> None:
        """Move it."""
        promises.renegotiate_promise(promise, by=self.member, at=self.now, **values)


class TaskPromiseView(PromisePage):
    """Notes what was promised on the occasion of a task; the task stays as it is."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form, inside the row or on a page of its own."""
        task = self._task(pk)
        return self._form(task, self._asked(task))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Note it, and say so."""
        task = self._task(pk)
        form = self._asked(task, request.POST)
        if not form.is_valid():
            return self._form(task, form, status=422)
        try:
            promise = services.promise_from_task(
                task=task, by=self.member, at=self.now, **form.cleaned_data
            )
        except InvalidInput as error:
            add_errors(form, error)
            return self._form(task, form, status=422)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._form(task, form, status=409)
        said = _("Promised: %(what)s") % {"what": promise.what}
        if wants_part(request):
            context = {"said": said, "account": task.account}
            return self._in_row(task, "workspace/promises/made.html", context)
        messages.success(request, said)
        return HttpResponseRedirect(way_back(request))

    def _task(self, pk: UUID) -> Task:
        task = get_object_or_404(Task.objects.for_list(), pk=pk)
        self.require_work(task.account)
        return task

    def _asked(self, task: Task, data: Any = None) -> PromiseForm:
        today = promises.first_day_for(task.account, self.now)
        return PromiseForm(data, account=task.account, today=today, prefix=str(task.pk))

    def _form(self, task: Task, form: PromiseForm, *, status: int = 200) -> HttpResponse:
        context = {
            "task": task,
            "form": form,
            "title": _("Promise something"),
            "submit": pgettext("verb", "Promise"),
            "back": way_back(self.request),
        }
        if wants_part(self.request):
            return self._in_row(task, "workspace/promises/form.html", context, status=status)
        return render(self.request, "workspace/promises/page.html", context, status=status)

    def _in_row(
        self, task: Task, template: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        answer = render(self.request, template, context, status=status)
        answer["HX-Retarget"] = f"#panel-{task.pk}"
        answer["HX-Reswap"] = "innerHTML"
        return answer


class EscalateView(PromisePage):
    """Starts the playbook by which the customer's market escalates."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Start it, and show the run."""
        account = find_account(pk)
        self.require_work(account)
        try:
            run: Run = services.raise_escalation(account=account, by=self.member, at=self.now)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("workspace:account", pk=pk)
        messages.success(request, _("Started: %(name)s") % {"name": name_of(run.edition).words})
        return redirect("workspace:run", pk=run.pk)


def see_as(promise: Promise, data: Any) -> None:
    """Let a promise be what its reader saw, so that a change since is told."""
    form = SeenForm(data)
    if form.is_valid() and form.cleaned_data["seen_version"]:
        promise.version = form.cleaned_data["seen_version"]
