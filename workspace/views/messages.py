"""What digital steps send: seen before, tried out, wanted or not, and the way out of them."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import consents
from accounts.models import Contact, ContactConsent
from engagement import services
from engagement.models import Task
from engagement.querysets import TO_DO
from engagement.sending import Hold
from regions.access import works_in
from tenants.context import acting_for
from tenants.models import Organization
from tenants.permissions import Right, may
from toolkit.errors import DomainError, InvalidInput
from workspace.editions import Said
from workspace.forms.consents import ConsentForm
from workspace.views.outside import WayOutView
from workspace.views.runs import RunPage


class TaskMessageView(RunPage):
    """Shows what a step says to this very contact, and sends its reader a copy to try it."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show it."""
        task = self._task(pk)
        judged = services.message_of_task(task, now=self.now)
        if judged is None or task.step is None:
            raise Http404
        context = {
            "task": task,
            "judged": judged,
            "words": Said("", judged.message.language),
            "is_to_do": task.status in TO_DO,
            "waits": judged.hold is Hold.BUDGET,
            "why": services.hold_in_words(judged.hold),
            "sent": task.messages.first(),
            "may_test": may(self.identity, Right.WORK),
        }
        return render(request, "workspace/messages/message.html", context)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send a copy to the member's own address."""
        self.require(Right.WORK)
        judged = services.message_of_task(self._task(pk), now=self.now)
        if judged is None:
            raise Http404
        services.send_test(judged, to=self.member)
        said = _("A test is on its way to %(address)s.") % {"address": self.member.email}
        messages.success(request, said)
        return redirect("workspace:task-message", pk=pk)

    def _task(self, pk: UUID) -> Task:
        return get_object_or_404(Task.objects.select_related("account", "step"), pk=pk)


class ConsentView(RunPage):
    """Notes whether a contact wants automatic messages, and shows what was noted before."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what is known, and ask."""
        return self._page(self._contact(pk), ConsentForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Note it, and go back to the account."""
        contact = self._contact(pk)
        if not self._may_note(contact):
            raise PermissionDenied
        form = ConsentForm(request.POST)
        if not form.is_valid():
            return self._page(contact, form, status=422)
        try:
            consents.note_consent(contact=contact, by=self.member, at=self.now, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(None, list(error.errors.values()))
            return self._page(contact, form, status=422)
        except (DomainError, ValidationError) as error:
            form.add_error(None, str(error) if isinstance(error, DomainError) else error.messages)
            return self._page(contact, form, status=409)
        messages.success(request, _("It is noted."))
        return redirect("workspace:account", pk=contact.account_id)

    def _may_note(self, contact: Contact) -> bool:
        works = works_in(self.identity, contact.account.market)
        return works and may(self.identity, Right.WORK) and may(self.identity, Right.EDIT_ACCOUNTS)

    def _contact(self, pk: UUID) -> Contact:
        return get_object_or_404(Contact.objects.select_related("account__market"), pk=pk)

    def _page(self, contact: Contact, form: ConsentForm, *, status: int = 200) -> HttpResponse:
        history = ContactConsent.objects.filter(email=contact.email.lower())
        context = {
            "contact": contact,
            "account": contact.account,
            "form": form,
            "may_note": self._may_note(contact) and bool(contact.email),
            "history": history.select_related("noted_by")[:20] if contact.email else [],
        }
        return render(self.request, "workspace/messages/consent.html", context, status=status)


class MessagesWayOutView(WayOutView):
    """Lets a contact say that she wants no more automatic messages."""

    kind, template = "messages", "way_out"
    not_ours = consents.NoSuchMessages
    way_out: consents.WayOut

    def open(self, token: str) -> AbstractContextManager[None]:
        """Act for the organization that wrote to her."""
        self.way_out = consents.WayOut.read(token)
        return acting_for(self.way_out.organization_id, door="page")

    def switch(self, *, wanted: bool) -> None:
        """Note what she wants."""
        consents.answer_by_link(self.way_out, wanted=wanted, at=timezone.now())

    def about(self) -> dict[str, Any]:
        """Return which address, and who writes to it."""
        return {
            "email": self.way_out.email,
            "organization": Organization.objects.get(pk=self.way_out.organization_id),
        }
