"""Accounts: the list, and all that is known of one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import services
from accounts.choices import ProposalStatus
from accounts.consents import consents_of
from accounts.models import Account, AgreementProposal, Contact, WorkingAgreement
from engagement.choices import MailResult
from engagement.models import Enrolment, IncomingMail, Meeting, Task
from engagement.querysets import UNDONE
from engagement.services import UNDO_WITHIN, address_of
from regions.access import works_in
from regions.library import Scope
from regions.models import CulturalStatement, Market, Phrase
from regions.working_time import working_time
from tenants.permissions import Right, may
from toolkit import effects
from toolkit.errors import DomainError
from workspace import explanations
from workspace.forms import AccountFilters, AgreementForm
from workspace.paging import BY_DUE_DATE, BY_NAME, LATEST_FIRST, LATEST_HELD_FIRST, page_of
from workspace.promises import lines_of as promises_to
from workspace.rows import RowMaker, clock_at
from workspace.runs import lines_of
from workspace.silences import hush_of
from workspace.timeline import latest_of
from workspace.views.members import MemberView, wants_part

MAILS_SHOWN = 5
MEETINGS_SHOWN = 10
DISMISSED_KEY = "dismissed_hints"


class AccountListView(MemberView):
    """The accounts, by name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page, the list alone, or the rows that follow."""
        filters = AccountFilters(request.GET, markets=Market.objects.all())
        accounts = filters.apply(Account.objects.filter(archived_at=None).for_list(), self.identity)
        after = request.GET.get("after", "")
        context = {
            "filters": filters,
            "page": page_of(accounts, BY_NAME, after=after),
        }
        template = "page"
        if wants_part(request):
            template = "more" if after else "list"
        return render(request, f"workspace/accounts/{template}.html", context)


@dataclass(frozen=True, slots=True)
class Hint:
    """A report about a market, with who stands behind it."""

    statement: CulturalStatement
    reported: str
    confirmation: str


class AccountView(MemberView):
    """One account: people, agreement, work, and what is reported of its market."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the page, or the tasks that follow."""
        account = find_account(pk)
        upcoming, past = request.GET.get("upcoming", ""), request.GET.get("past", "")
        context: dict[str, Any] = {
            "account": account,
            "back": request.path,
        }
        if wants_part(request) and past:
            return self._part("past", context | self._past(account, past))
        held = request.GET.get("held", "")
        if wants_part(request) and held:
            return self._part("meetings", context | self._meetings(account, held))
        if wants_part(request) and upcoming:
            return self._part("upcoming", context | self._upcoming(account, upcoming))
        context |= self._upcoming(account, upcoming) | self._past(account, past)
        context |= self._meetings(account, held)
        context["runs"] = lines_of(account, now=self.now)
        works = may(self.identity, Right.WORK) and works_in(self.identity, account.market)
        edits = may(self.identity, Right.EDIT_ACCOUNTS)
        context["may_share"] = works and edits and not account.archived_at
        context["proposals"] = AgreementProposal.objects.filter(
            account=account, status=ProposalStatus.OPEN
        ).order_by("proposed_at")
        context |= {"may_work": works, "may_run": works and not account.archived_at}
        context["promises"] = promises_to(account, now=self.now)
        context["latest"] = latest_of(account, now=self.now)
        return render(
            request,
            "workspace/accounts/account.html",
            context | self._people(account) | self._hints(account),
        )

    def _part(self, name: str, context: dict[str, Any]) -> HttpResponse:
        return render(self.request, f"workspace/accounts/{name}.html", context)

    def _people(self, account: Account) -> dict[str, Any]:
        agreement = agreement_of(account)
        clock = clock_at(account.market, agreement, self.now)
        enrolment = Enrolment.objects.filter(account=account).select_related("cadence").first()
        cadence = enrolment.cadence if enrolment and enrolment.is_active else None
        time = working_time(account.market)
        return {
            "contacts": _with_consents(account),
            "agreed": explanations.agreed(agreement) if agreement else [],
            "agreed_by": explanations.agreed_by(agreement) if agreement else "",
            "hush": hush_of(enrolment, cadence, agreement, time, self.now),
            "clock": clock,
            "hours": explanations.opening_hours(clock),
            "state_of_day": explanations.state_of_day(clock),
        }

    def _upcoming(self, account: Account, after: str) -> dict[str, Any]:
        tasks = Task.objects.to_do().filter(account=account).for_list()
        page = page_of(tasks, BY_DUE_DATE, after=after)
        return {
            "upcoming": RowMaker(self.now).rows(page.rows),
            "upcoming_after": page.after,
        }

    def _past(self, account: Account, after: str) -> dict[str, Any]:
        tasks = (
            Task.objects.filter(account=account)
            .exclude(status__in=UNDONE)
            .select_related("cadence", "step", "closed_by")
        )
        page = page_of(tasks, LATEST_FIRST, after=after)
        return {"past": page.rows, "past_after": page.after}

    def _meetings(self, account: Account, after: str) -> dict[str, Any]:
        meetings = Meeting.objects.filter(account=account).select_related("contact", "logged_by")
        page = page_of(meetings, LATEST_HELD_FIRST, after=after, size=MEETINGS_SHOWN)
        return {
            "meetings": page.rows,
            "meetings_after": page.after,
            "undo_from": self.now - UNDO_WITHIN,
            "mail_address": address_of(account),
            "mails": IncomingMail.objects.filter(account=account)
            .exclude(result=MailResult.LOGGED)
            .order_by("-received_at")[:MAILS_SHOWN],
        }

    def _hints(self, account: Account) -> dict[str, Any]:
        if str(account.market_id) in dismissed(self.request):
            return {"hints_dismissed": True}
        statements = CulturalStatement.objects.filter(
            market=account.market_id, withdrawn_at=None, scope=Scope.CUSTOMERS
        ).select_related("confirmed_by")
        return {
            "hints": [
                Hint(
                    each,
                    explanations.reported(each),
                    explanations.confirmation(each, self.now),
                )
                for each in statements
            ],
            "phrases": Phrase.objects.filter(market=account.market_id),
        }


class HintsView(MemberView):
    """Puts the hints of a market away for this session, or brings them back."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change it and show the account again."""
        account = find_account(pk)
        others = [each for each in dismissed(request) if each != str(account.market_id)]
        if "dismiss" in request.POST:
            others.append(str(account.market_id))
        request.session[DISMISSED_KEY] = others
        return redirect("workspace:account", pk=pk)


class AgreementView(MemberView):
    """Edits what was agreed with a customer."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form."""
        account = self._account(pk)
        return self._form(account, AgreementForm(account=account, agreement=agreement_of(account)))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Save the agreement and go back to the account."""
        account = self._account(pk)
        form = AgreementForm(request.POST, account=account, agreement=agreement_of(account))
        if not form.is_valid():
            return self._form(account, form, status=422)
        try:
            with effects.collect() as followed:
                services.save_agreement(form.agreement())
        except (DomainError, ValidationError) as error:
            form.add_error(None, str(error) if isinstance(error, DomainError) else error.messages)
            return self._form(account, form, status=409)
        said = explanations.plan_followed(effects.summarize(followed))
        messages.success(request, _("The agreement is saved.") + f" {said}")
        return redirect("workspace:account", pk=account.pk)

    def _account(self, pk: UUID) -> Account:
        self.require(Right.EDIT_ACCOUNTS)
        return find_account(pk)

    def _form(self, account: Account, form: AgreementForm, *, status: int = 200) -> HttpResponse:
        context = {"account": account, "form": form}
        return render(self.request, "workspace/accounts/agreement.html", context, status=status)


def find_account(pk: UUID) -> Account:
    """Return an account with what its page shows of it.

    :raises Http404: if the organization has none with this id.
    """
    return get_object_or_404(Account.objects.select_related("market__region", "owner"), pk=pk)


def agreement_of(account: Account) -> WorkingAgreement | None:
    """Return what was agreed with a customer."""
    return WorkingAgreement.objects.filter(account=account).select_related("agreed_with").first()


def dismissed(request: HttpRequest) -> list[str]:
    """Return the markets whose hints were put away in this session."""
    known: list[str] = request.session.get(DISMISSED_KEY, [])
    return known


def _with_consents(account: Account) -> list[Contact]:
    """Return the contacts, each with what is known of her consent."""
    contacts = list(account.contacts.all())
    known = consents_of(contact.email for contact in contacts)
    for contact in contacts:
        contact.consent = known.get(contact.email.lower())  # type: ignore[attr-defined]
    return contacts
