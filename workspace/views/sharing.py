"""Agreements shared with customers: the CSM's side. Links are made, proposals decided on."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts import sharing
from accounts.choices import ProposalStatus
from accounts.models import Account, AgreementLink, AgreementProposal, WorkingAgreement
from tenants import letters
from tenants.permissions import Right
from toolkit import effects
from toolkit.errors import DomainError, InvalidInput
from workspace import explanations
from workspace.forms.refusals import add_errors
from workspace.forms.sharing import DecisionForm, DeclineForm, ShareForm
from workspace.views.accounts import agreement_of, find_account
from workspace.views.members import MemberView


class SharingPage(MemberView):
    """A page about the agreement of an account, for who works in its market."""

    def require_place(self, account: Account) -> None:
        """Refuse who may not change the account.

        :raises PermissionDenied: then.
        """
        self.require_in(account.market, Right.EDIT_ACCOUNTS)


class ShareView(SharingPage):
    """Makes a link for a contact: mailed, or shown once to be copied."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask with whom, and list the links that work."""
        account = self._account(pk)
        return self._page(account, ShareForm(account=account))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make the link."""
        account = self._account(pk)
        form = ShareForm(request.POST, account=account)
        if not form.is_valid():
            return self._page(account, form, status=422)
        try:
            ticket = sharing.share_agreement(by=self.member, at=self.now, **form.cleaned_data)
        except InvalidInput as error:
            add_errors(form, error)
            return self._page(account, form, status=422)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._page(account, form, status=409)
        contact = form.cleaned_data["contact"]
        if form.cleaned_data["mail"]:
            said = _("We write to %(name)s.") % {"name": contact}
            messages.success(request, said)
            return redirect("workspace:account", pk=pk)
        link = letters.address("agreement", ticket.token())
        return self._page(account, ShareForm(account=account), link=link, whose=contact)

    def _account(self, pk: UUID) -> Account:
        account = find_account(pk)
        self.require_place(account)
        return account

    def _page(
        self, account: Account, form: ShareForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        context |= {
            "account": account,
            "form": form,
            "links": sharing.open_links(account, at=self.now),
        }
        response = render(self.request, "workspace/sharing/share.html", context, status=status)
        add_never_cache_headers(response)
        return response


class RevokeView(SharingPage):
    """Lets a link stop working."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Revoke it."""
        link = get_object_or_404(AgreementLink.objects.select_related("account__market"), pk=pk)
        self.require_place(link.account)
        sharing.revoke_link(link, at=self.now)
        messages.success(request, _("The link does not work any more."))
        return redirect("workspace:share-agreement", pk=link.account_id)


class ProposalView(SharingPage):
    """What a customer proposes, what would follow, and the decision."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show it, with what accepting all of it does to the plan."""
        proposal, agreement = self._proposal(pk)
        form = DecisionForm(proposal=proposal, agreement=agreement)
        return self._page(proposal, agreement, form, sharing.parts_of(proposal))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Decide on it, or show what accepting the chosen parts does."""
        proposal, agreement = self._proposal(pk)
        if "decline" in request.POST:
            return self._decline(proposal, agreement)
        form = DecisionForm(request.POST, proposal=proposal, agreement=agreement)
        if not form.is_valid():
            return self._page(proposal, agreement, form, [], status=422)
        chosen = form.cleaned_data.get("parts", [])
        if "preview" in request.POST:
            return self._page(proposal, agreement, form, chosen)
        try:
            with transaction.atomic(), effects.collect() as followed:
                sharing.accept_proposal(
                    proposal,
                    parts=chosen,
                    seen_version=form.cleaned_data["seen_version"],
                    by=self.member,
                    at=self.now,
                )
        except (DomainError, ValidationError) as error:
            return self._refused(pk, error)
        said = explanations.plan_followed(effects.summarize(followed))
        messages.success(request, _("The agreement is saved.") + f" {said}")
        return redirect("workspace:account", pk=proposal.account_id)

    def _decline(
        self, proposal: AgreementProposal, agreement: WorkingAgreement | None
    ) -> HttpResponse:
        declining = DeclineForm(self.request.POST)
        if not declining.is_valid():
            form = DecisionForm(proposal=proposal, agreement=agreement)
            parts = sharing.parts_of(proposal)
            return self._page(proposal, agreement, form, parts, declining=declining, status=422)
        try:
            sharing.decline_proposal(
                proposal, reason=declining.cleaned_data["reason"], by=self.member, at=self.now
            )
        except DomainError as error:
            return self._refused(proposal.pk, error)
        messages.success(self.request, _("Declined. The agreement stays as it is."))
        return redirect("workspace:account", pk=proposal.account_id)

    def _refused(self, pk: UUID, error: Exception) -> HttpResponse:
        """Tell why, and show how things stand now."""
        proposal, agreement = self._proposal(pk)
        form = DecisionForm(proposal=proposal, agreement=agreement)
        said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        if isinstance(error, InvalidInput):
            said = " ".join(error.errors.values())
        parts = sharing.parts_of(proposal)
        return self._page(proposal, agreement, form, parts, refused=said, status=409)

    def _proposal(self, pk: UUID) -> tuple[AgreementProposal, WorkingAgreement | None]:
        found = AgreementProposal.objects.select_related(
            "account__market__region", "contact", "decided_by"
        )
        proposal = get_object_or_404(found, pk=pk)
        self.require_place(proposal.account)
        return proposal, agreement_of(proposal.account)

    def _page(
        self,
        proposal: AgreementProposal,
        agreement: WorkingAgreement | None,
        form: DecisionForm,
        parts: list[str],
        *,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        is_open = proposal.status == ProposalStatus.OPEN
        said = explanations.proposed(proposal, agreement)
        context = {"declining": DeclineForm()} | context
        context |= {
            "account": proposal.account,
            "proposal": proposal,
            "form": form,
            "is_open": is_open,
            "changed_since": is_open
            and (agreement.version if agreement else 0) != proposal.based_on,
            "said": [said[part] for part in sharing.parts_of(proposal)],
            "follows": self._foreseen(proposal, agreement, parts) if is_open else "",
        }
        return render(self.request, "workspace/sharing/proposal.html", context, status=status)

    def _foreseen(
        self, proposal: AgreementProposal, agreement: WorkingAgreement | None, parts: list[str]
    ) -> str:
        """Return what accepting does to the plan: done, noted, and taken back."""

        def accept() -> None:
            sharing.accept_proposal(
                proposal,
                parts=parts,
                seen_version=agreement.version if agreement else 0,
                by=self.member,
                at=self.now,
            )

        try:
            followed = effects.preview(accept)
        except (DomainError, ValidationError):
            return ""
        return explanations.plan_followed(effects.summarize(followed))
