"""The page of a customer: what was agreed, in her language, and a way to correct it.

Nobody signs in here. Whatever is wrong with a link, the answer is the same.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts import sharing
from accounts.choices import ProposalStatus
from accounts.models import AgreementLink, AgreementProposal, WorkingAgreement
from tenants.context import acting_for
from tenants.limits import attempt, client_address
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion
from workspace import explanations
from workspace.forms.refusals import add_errors
from workspace.forms.sharing import CorrectionForm
from workspace.views.outside import sealed
from workspace.views.sign_in import too_many


@method_decorator(never_cache, name="dispatch")
class SharedAgreementView(View):
    """Shows an agreement to the contact whom the link was made for."""

    now: dt.datetime
    link: AgreementLink
    agreement: WorkingAgreement | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the organization and the language of the link."""
        self.now = timezone.now()
        asker = str(client_address(request))
        limit = settings.SECRET_RATE_LIMIT if request.method == "POST" else ""
        if not attempt(limit or settings.SHARED_PAGE_RATE_LIMIT, f"shared-{bool(limit)}", asker):
            return sealed(too_many(request, minutes=60 if limit else 1, outside=True))
        try:
            ticket = sharing.Ticket.read(kwargs.pop("token"))
            with acting_for(ticket.organization_id, door="page"):
                return sealed(self._answer(request, ticket, *args, **kwargs))
        except sharing.LinkOver:
            over = render(request, "workspace/sharing/over.html", status=410)
            return sealed(over)

    def _answer(
        self, request: HttpRequest, ticket: sharing.Ticket, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.link = sharing.find_link(ticket, at=self.now)
        self.agreement = WorkingAgreement.objects.filter(account=self.link.account_id).first()
        assert self.link.contact is not None  # A link without works no more.
        language = sharing.language_for(self.link.contact, self.agreement)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return response

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is agreed."""
        return self._page(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what she proposes."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            sharing.propose_correction(
                self.link,
                values=form.values(),
                remark=form.cleaned_data["remark"],
                seen_version=form.cleaned_data["seen_version"],
                at=self.now,
            )
        except StaleVersion:
            return self._page(self._form(), changed_meanwhile=True, status=409)
        except InvalidInput as error:
            add_errors(form, error)
            return self._page(form, status=422)
        except (DomainError, ValidationError) as error:
            said = str(error) if isinstance(error, DomainError) else error.messages
            form.add_error(None, said)
            return self._page(form, status=422)
        return redirect(f"{request.path}?sent")

    def _form(self, data: Any = None) -> CorrectionForm:
        version = self.agreement.version if self.agreement else 0
        agreement = self.agreement or WorkingAgreement()
        agreement.account = self.link.account
        return CorrectionForm(data, agreement=agreement, seen_version=version)

    def _page(self, form: CorrectionForm, *, status: int = 200, **context: Any) -> HttpResponse:
        proposals = AgreementProposal.objects.filter(contact=self.link.contact_id).exclude(
            status=ProposalStatus.REPLACED
        )
        context |= {
            "link": self.link,
            "organization": self.link.organization,
            "account": self.link.account,
            "agreed": explanations.agreed(self.agreement) if self.agreement else [],
            "agreed_on": self.agreement.agreed_on if self.agreement else None,
            "proposal": proposals.order_by("-proposed_at").first(),
            "sent": "sent" in self.request.GET,
            "form": form,
        }
        return render(self.request, "workspace/sharing/agreement.html", context, status=status)
