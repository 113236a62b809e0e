"""Playbooks on their way: started for an account, followed, held and ended."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from engagement import services
from engagement.models import Run, RunMove, Task
from engagement.services import RunRefused
from engagement.wording import say_pace_rules
from regions.access import works_in
from regions.working_time import working_time
from tenants.authentication import Identity
from tenants.permissions import Right, may
from toolkit.errors import DomainError, InvalidInput
from workspace.forms.runs import RunReasonForm, StartRunForm
from workspace.moving import dates_of, history_of
from workspace.runs import (
    left_out,
    line_of,
    name_of,
    playbooks_to_start,
    preview_of,
    steps_of,
    what_holding_does,
)
from workspace.views.accounts import find_account
from workspace.views.members import MemberView


def may_run(identity: Identity, account: Account) -> bool:
    """Return whether a member starts and ends playbooks for an account."""
    return may(identity, Right.WORK) and works_in(identity, account.market)


class RunPage(MemberView):
    """A page about the runs of an account."""

    def require_work(self, account: Account) -> None:
        """Refuse who does not work in the market of an account.

        :raises PermissionDenied: then.
        """
        self.require_in(account.market, Right.WORK)


class StartRunView(RunPage):
    """Starts a playbook for an account, once its reader has seen what that would make."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show which playbooks there are, or the tasks of the one chosen."""
        account = find_account(pk)
        self.require_work(account)
        form = self._form(account, request.GET)
        if form.edition is None or not form.is_valid():
            return self._page(account, form)
        try:
            edition, plan = services.foresee_run(
                playbook=form.edition.playbook, account=account, at=self.now, **form.values()
            )
        except RunRefused as refused:
            return self._page(account, form, refused=refused)
        return self._page(account, form, preview=preview_of(edition, plan))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Start it, and show the run."""
        account = find_account(pk)
        self.require_work(account)
        form = self._form(account, request.POST)
        if not form.is_valid() or form.edition is None:
            return self._page(account, form, status=422)
        try:
            run = services.start_run(
                playbook=form.edition.playbook,
                account=account,
                by=self.member,
                at=self.now,
                **form.values(),
            )
        except RunRefused as refused:
            return self._page(account, form, refused=refused, status=409)
        messages.success(request, _("Started: %(name)s") % {"name": name_of(run.edition).words})
        return redirect("workspace:run", pk=run.pk)

    def _form(self, account: Account, data: Any) -> StartRunForm:
        given = {name: value for name, value in data.dict().items() if value}
        today = working_time(account.market).today(self.now)
        return StartRunForm(
            given, account=account, offered=playbooks_to_start(account), today=today
        )

    def _page(
        self, account: Account, form: StartRunForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        is_chosen = form.edition is not None
        if not is_chosen and not form.data.get("playbook"):
            form.errors.clear()
            del form.fields["start"]
        context |= {"account": account, "form": form, "is_chosen": is_chosen}
        return render(self.request, "workspace/runs/start.html", context, status=status)


class RunView(RunPage):
    """One run: its steps, where each stands, and why the others were left out."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the page."""
        run = find_run(pk)
        context = {
            "line": line_of(run, now=self.now),
            "run": run,
            "steps": steps_of(run, now=self.now),
            "left_out": left_out(run),
            "dates": dates_of(run),
            "history": history_of(run),
            "rules": say_pace_rules(),
            "may_run": may_run(self.identity, run.account),
        }
        return render(request, "workspace/runs/run.html", context)


class RunReasonView(RunPage):
    """Changes a run for a reason: GET asks for it, POST carries it out."""

    act: Callable[..., Run]
    title: Promise
    submit: Promise
    done: Promise

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the reason."""
        run = self._run(pk)
        return self._form(run, RunReasonForm(initial={"seen_version": run.version}))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do it, and show the run."""
        run = self._run(pk)
        form = RunReasonForm(request.POST)
        if not form.is_valid():
            return self._form(run, form, status=422)
        run.version = form.cleaned_data["seen_version"] or run.version
        try:
            type(self).act(run, at=self.now, reason=form.cleaned_data["reason"])
        except InvalidInput as error:
            form.add_error("reason", error.errors.get("reason", str(error)))
            return self._form(run, form, status=422)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(self.done))
        return redirect("workspace:run", pk=pk)

    def consequences(self) -> str:
        """Return what follows from it."""
        raise NotImplementedError

    def _run(self, pk: UUID) -> Run:
        run = find_run(pk)
        self.require_work(run.account)
        return run

    def _form(self, run: Run, form: RunReasonForm, *, status: int = 200) -> HttpResponse:
        context = {
            "run": run,
            "name": name_of(run.edition),
            "form": form,
            "title": self.title,
            "submit": self.submit,
            "consequences": self.consequences(),
        }
        return render(self.request, "workspace/runs/reason.html", context, status=status)


class HoldRunView(RunReasonView):
    """Holds a run."""

    act = staticmethod(services.pause_run)
    title = gettext_lazy("Hold the playbook")
    submit = gettext_lazy("Hold it")
    done = gettext_lazy("The playbook is held.")

    def consequences(self) -> str:
        """Return what holding does."""
        return what_holding_does()


class CancelRunView(RunReasonView):
    """Ends a run before its time."""

    act = staticmethod(services.cancel_run)
    title = gettext_lazy("End the playbook")
    submit = gettext_lazy("End it")
    done = gettext_lazy("The playbook is ended.")

    def consequences(self) -> str:
        """Return what ending does."""
        return _("What was done stays done; the rest is cancelled. This cannot be undone.")


class ResumeRunView(RunPage):
    """Lets a held run go on."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do it, and show the run."""
        run = find_run(pk)
        self.require_work(run.account)
        try:
            services.resume_run(run, at=self.now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The playbook goes on."))
        return redirect("workspace:run", pk=pk)


def find_run(pk: UUID) -> Run:
    """Return a run with all that its page shows.

    :raises Http404: if the organization has none with this id.
    """
    tasks = Task.objects.select_related("step", "owner", "closed_by")
    moves = RunMove.objects.select_related(
        "from_edition", "from_market", "to_market", "moved_by"
    ).prefetch_related("from_edition__steps")
    runs = (
        Run.objects.with_edition_in_force()
        .select_related(
            *("account__market__region", "market", "playbook", "edition__market", "started_by")
        )
        .prefetch_related(
            Prefetch("tasks", queryset=tasks), "edition__steps", Prefetch("moves", queryset=moves)
        )
    )
    return get_object_or_404(runs, pk=pk)
