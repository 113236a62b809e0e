"""Where an organization's accounts come from: a file, a person's memory, or a sample."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import services
from accounts.choices import Stage, Tier
from accounts.models import Account
from accounts.sample import PREFIX
from regions.models import Market
from regions.working_time import working_time
from tenants.services import Person, prepare_members
from workspace.forms.accounts import AccountForm
from workspace.steps import Checklist
from workspace.views.start.base import StepView, save_form


class AccountsStepView(StepView):
    """Offers the ways."""

    step, template = "accounts", "accounts"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        sample = Account.objects.filter(external_id__startswith=PREFIX, archived_at=None)
        return self.page(checklist=Checklist(), has_sample=sample.exists())


class AccountByHandView(StepView):
    """Enters one account."""

    step, template = "accounts", "account"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.page(form=self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save the account."""
        form = self._form(request.POST)
        if not (form.is_valid() and save_form(form, lambda: self._save(form))):
            return self.page(form=form, status=422)
        to = "start-account" if "another" in request.POST else "start-accounts"
        return self.go_on(_("%(account)s is saved.") % {"account": form.instance}, to=to)

    def _form(self, data: Any = None) -> AccountForm:
        home = Market.objects.filter(is_home=True).first()
        initial = {
            "market": home and home.pk,
            "currency": home.currency if home else "USD",
            "tier": Tier.TIER_2,
            "stage": Stage.VALUE,
            "start_date": working_time(home).today(self.now) if home else self.now.date(),
        }
        return AccountForm(data, initial=initial)

    def _save(self, form: AccountForm) -> None:
        account = form.instance
        if email := form.cleaned_data["owner_email"]:
            account.owner = prepare_members([Person(email)])[email.lower()]
        services.save_account(account)


class SampleView(StepView):
    """Puts a few made-up accounts into the home market, or takes them away again."""

    step, template = "accounts", "accounts"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it."""
        if "away" in request.POST:
            services.put_sample_away(at=self.now)
            return self.go_on(_("The sample is put away."), to="start-accounts")
        home = Market.objects.filter(is_home=True).first()
        if home is None:
            return self.page(
                checklist=Checklist(), refused=_("Set the home market first."), status=409
            )
        services.add_sample(
            market=home,
            owner=self.member,
            today=working_time(home).today(self.now),
        )
        return self.go_on(_("The sample is in your home market."), to="start")
