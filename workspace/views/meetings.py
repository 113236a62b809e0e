"""Meetings with a customer: logged by hand, and taken back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import Account
from engagement import services
from engagement.models import Meeting
from engagement.upcoming import next_check_in
from regions.working_time import working_time
from toolkit.errors import DomainError, InvalidInput
from workspace import explanations
from workspace.forms.meetings import MeetingForm
from workspace.forms.refusals import add_errors
from workspace.views.accounts import find_account
from workspace.views.runs import RunPage


class LogMeetingView(RunPage):
    """Logs a meeting with a customer."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask when, how and with whom."""
        account = self._account(pk)
        return self._page(account, self._form(account))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Log it, and say what it counts as."""
        account = self._account(pk)
        form = self._form(account, request.POST)
        if not form.is_valid():
            return self._page(account, form, status=422)
        try:
            logged = services.log_meeting(form.instance, by=self.member, at=self.now)
        except InvalidInput as error:
            add_errors(form, error)
            return self._page(account, form, status=422)
        except (DomainError, ValidationError) as error:
            form.add_error(None, str(error) if isinstance(error, DomainError) else error.messages)
            return self._page(account, form, status=409)
        messages.success(request, _said(logged.meeting))
        return redirect("workspace:account", pk=pk)

    def _account(self, pk: UUID) -> Account:
        account = find_account(pk)
        self.require_work(account)
        return account

    def _form(self, account: Account, data: object = None) -> MeetingForm:
        today = working_time(account.market).today(self.now)
        return MeetingForm(data, account=account, today=today)

    def _page(self, account: Account, form: MeetingForm, *, status: int = 200) -> HttpResponse:
        context = {"account": account, "form": form}
        return render(self.request, "workspace/accounts/meeting.html", context, status=status)


class UndoMeetingView(RunPage):
    """Takes a meeting back."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Undo it, and show the account."""
        found = Meeting.objects.select_related("account__market")
        meeting = get_object_or_404(found, pk=pk)
        self.require_work(meeting.account)
        try:
            services.undo_meeting(meeting=meeting, by=self.member, at=self.now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Undone."))
        return redirect("workspace:account", pk=meeting.account_id)


def _said(meeting: Meeting) -> str:
    """Return what became of a meeting that was logged just now."""
    if meeting.task:
        follows = explanations.follows(next_check_in(meeting.task))
        said = _("The meeting is logged and counts as the check-in.")
        return f"{said} {follows}".strip()
    return _("The meeting is logged. No open check-in was near enough to be done by it.")
