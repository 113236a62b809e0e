"""Filters of the lists; all of them live in the address of the page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.db.models import CharField, F, QuerySet, Subquery, TextChoices, Value
from django.db.models.expressions import OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel, Stage, Tier
from accounts.models import Account, Contact, WorkingAgreement
from accounts.querysets import AccountQuerySet
from engagement.choices import Grouping, Show
from engagement.list_filters import FILTERS, NOBODY
from engagement.models import Task
from engagement.querysets import TaskQuerySet
from governance.vocabulary import StepKind
from regions.models import Market
from tenants.authentication import Identity
from tenants.choices import Role
from tenants.models import Membership

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


TABS = {
    Role.CSM: [Show.MINE, Show.UNOWNED, Show.MY_REGION],
    Role.REGIONAL_MANAGER: [Show.MY_REGION, Show.MINE, Show.UNOWNED],
    Role.LEADER: [Show.EVERYTHING, Show.MINE, Show.UNOWNED, Show.MY_REGION],
    Role.ADMIN: [Show.EVERYTHING, Show.MINE, Show.UNOWNED, Show.MY_REGION],
    Role.ANALYST: [Show.EVERYTHING, Show.UNOWNED],
}
"""What each role chooses from, the default first."""


class Owned(TextChoices):
    """Whose accounts a list shows."""

    MINE = "mine", _("Mine")
    NOBODY = "nobody", _("Nobody's")


def _optional(
    label: "_StrPromise", choices: Iterable[tuple[Any, Any]], any_label: "_StrPromise"
) -> Any:
    return forms.ChoiceField(
        label=label, required=False, choices=[("", any_label), *((str(a), b) for a, b in choices)]
    )


class ListFilters(forms.Form):
    """What both lists filter by. A value that is not offered filters nothing."""

    q = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name begins with…"), "data-search": True}
        ),
    )
    market = _optional(_("Market"), (), _("Any market"))
    tier = _optional(_("Tier"), Tier.choices, _("Any tier"))

    def __init__(self, data: Any, *, markets: Iterable[Market]) -> None:
        super().__init__(data)
        self.prepare()
        field = self.fields["market"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any market")), *((str(each.pk), each.name) for each in markets)]
        self.is_valid()

    def prepare(self) -> None:
        """Offer what depends on the organization."""

    def value(self, name: str) -> str:
        """Return a value that passed, else the empty text."""
        return str(self.cleaned_data.get(name, ""))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.cleaned_data.values())


class TodayFilters(ListFilters):
    """Filters of Today."""

    channel = _optional(_("Channel"), Channel.choices, _("Any channel"))
    owner = _optional(_("Owner"), (), _("Anybody's"))
    by = _optional(_("Divided"), Grouping.choices, _("By day"))

    def __init__(self, data: Any, *, markets: Iterable[Market], identity: Identity) -> None:
        self._identity = identity
        self.shown = self._shown(data.get("show", ""))
        super().__init__(data, markets=markets)

    def prepare(self) -> None:
        """Offer the owners that a list can have; one's own list has one only."""
        if self.shown in {Show.MINE, Show.UNOWNED}:
            del self.fields["owner"]
            return
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        members = Membership.objects.filter(is_active=True).exclude(role=Role.ANALYST)
        found = members.order_by("name", "pk").values_list("pk", "name")
        field.choices = [
            ("", _("Anybody's")),
            (NOBODY, _("Nobody's")),
            *((str(pk), name) for pk, name in found),
        ]

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered; a list that is only divided shows everything."""
        return any(value for name, value in self.cleaned_data.items() if name != "by")

    @property
    def grouping(self) -> Grouping | None:
        """What the list is divided by; None for the day."""
        wanted = self.value("by")
        return Grouping(wanted) if wanted else None

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view keeps of them."""
        values = {name: self.value(name) for name in FILTERS} | {"show": self.shown.value}
        return {name: value for name, value in values.items() if value}

    @property
    def tabs(self) -> list[Show]:
        """What this member may choose from, the default first."""
        return TABS[Role(self._identity.role)]

    def apply(self, tasks: TaskQuerySet) -> TaskQuerySet:
        """Keep the tasks that the member asked for."""
        match self.shown:
            case Show.MINE:
                tasks = tasks.owned_by(self._identity.membership_id)
            case Show.UNOWNED:
                tasks = tasks.unowned()
            case Show.MY_REGION:
                tasks = tasks.where_works(self._identity.membership_id)
            case Show.EVERYTHING:
                pass
        if text := self.value("q"):
            tasks = tasks.for_account_named(text)
        if market := self.value("market"):
            tasks = tasks.filter(account__market_id=market)
        if tier := self.value("tier"):
            tasks = tasks.filter(account__tier=tier)
        if channel := self.value("channel"):
            tasks = _through(tasks, channel)
        if owner := self.value("owner"):
            tasks = tasks.unowned() if owner == NOBODY else tasks.owned_by(UUID(owner))
        return tasks

    def _shown(self, wanted: str) -> Show:
        return next((tab for tab in self.tabs if tab == wanted), self.tabs[0])


class WeekFilters(TodayFilters):
    """Filters of the week: those of Today, as the week is divided by day."""

    def prepare(self) -> None:
        """Offer what Today offers, but no other order."""
        super().prepare()
        del self.fields["by"]


class AccountFilters(ListFilters):
    """Filters of the list of accounts."""

    stage = _optional(_("Stage"), Stage.choices, _("Any stage"))
    owner = _optional(_("Owner"), Owned.choices, _("Anybody's"))

    def apply(self, accounts: AccountQuerySet, identity: Identity) -> QuerySet[Account]:
        """Keep the accounts that the member asked for."""
        if text := self.value("q"):
            accounts = accounts.named_like(text)
        for name in ("market", "tier", "stage"):
            if value := self.value(name):
                accounts = accounts.filter(**{name: value})
        match self.value("owner"):
            case Owned.MINE:
                return accounts.filter(owner=identity.membership_id)
            case Owned.NOBODY:
                return accounts.filter(owner=None)
            case _:
                return accounts


def _through(tasks: QuerySet[Task], channel: str) -> Any:
    """Keep the contacts made through ``channel``: contact beats agreement beats plan."""
    contact = Contact.objects.filter(account=OuterRef("account")).order_by(
        "-is_primary", "name", "id"
    )
    agreement = WorkingAgreement.objects.filter(account=OuterRef("account"))
    nothing: Value = Value("", output_field=CharField())
    return (
        tasks.exclude(cadence__benefit="")
        .exclude(step__fields__kind=StepKind.INTERNAL)
        .alias(
            channel=Coalesce(
                NullIf(Subquery(contact.values("preferred_channel")[:1]), nothing),
                NullIf(Subquery(agreement.values("channel")[:1]), nothing),
                F("cadence__channel"),
                KeyTextTransform("channel", "step__fields"),
                output_field=CharField(),
            )
        )
        .filter(channel=channel)
    )
