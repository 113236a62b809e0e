"""The cadences of an organization, and what one market does differently."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.choices import Stage, Tier
from engagement.services import preview_once_open
from playbooks import services
from playbooks.models import Cadence
from playbooks.starting import starting_cadences
from regions.models import Market
from toolkit.effects import Effect, summarize
from workspace.forms.cadences import HOW_AND_WHEN, CadenceForm, MarketCadenceForm, OneMarketForm
from workspace.steps import Checklist
from workspace.views.start.base import StepView, save_form


@dataclass(slots=True)
class Cell:
    """A tier and stage: its accounts, what holds there, and which markets do it differently."""

    tier: Tier
    stage: Stage
    accounts: int
    cadence: Cadence
    is_proposed: bool
    variants: list[Cadence] = field(default_factory=list)


class CadencesStepView(StepView):
    """Shows what holds for each tier and stage, and takes over what ships with the product."""

    step, template = "cadences", "cadences"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        checklist = Checklist()
        cells = _cells(checklist)
        return self.page(
            cells=cells,
            proposed=sum(cell.is_proposed for cell in cells),
            can_differ=bool(checklist.markets),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take over the cadences proposed."""
        taken = len(services.adopt_starting_cadences())
        said = ngettext(
            "%(count)d cadence is yours now.", "%(count)d cadences are yours now.", taken
        )
        return self.go_on(said % {"count": taken}, to="start-cadences")


class CadenceView(StepView):
    """Changes a cadence; what moves is shown before it is saved."""

    step, template = "cadences", "cadence"
    form_class: ClassVar[type[CadenceForm]] = CadenceForm
    saved: ClassVar[Promise] = gettext_lazy("The cadence is saved.")

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form."""
        cadence = self.cadence(pk)
        return self._page(cadence, self.form_class(instance=cadence))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what the change would move, or make it."""
        cadence = self.cadence(pk)
        form = self.form_class(request.POST, instance=cadence)
        if not form.is_valid():
            return self._page(cadence, form, status=422)

        def save() -> Cadence:
            return services.save_cadence(form.cadence())

        if "look" in request.POST:
            found: list[Effect] = []
            save_form(form, lambda: found.extend(self._preview(cadence, save)))
            moves = None if form.errors else summarize(found)
            return self._page(cadence, form, moves=moves, looked=not form.errors)
        if not save_form(form, save):
            return self._page(cadence, form, status=422)
        return self.go_on(str(self.saved), to="start-cadences")

    def cadence(self, pk: UUID) -> Cadence:
        """Return the cadence to change.

        :raises Http404: if there is none.
        """
        return get_object_or_404(Cadence, pk=pk, archived_at=None)

    def _preview(self, cadence: Cadence, save: Callable[[], Any]) -> list[Effect]:
        markets = Market.objects.all()
        if cadence.market_id:
            markets = markets.filter(pk=cadence.market_id)
        elif cadence.region_id:
            markets = markets.filter(region=cadence.region_id)
        return preview_once_open(save, markets=list(markets), now=self.now)

    def _page(
        self, cadence: Cadence, form: CadenceForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        is_new = cadence.version == 1 and not Cadence.objects.filter(pk=cadence.pk).exists()
        return self.page(cadence=cadence, form=form, is_new=is_new, status=status, **context)


class MarketCadenceView(CadenceView):
    """Lets one market do it differently, with its reason; or lets it follow the others again."""

    template = "market_cadence"
    form_class = MarketCadenceForm
    saved = gettext_lazy("This market has a cadence of its own now.")

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the market, then show the form."""
        if "market" not in request.GET:
            markets = OneMarketForm(markets=_by_accounts(Checklist()))
            return self.page(cadence=super().cadence(pk), markets=markets)
        return super().get(request, pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what the change would move, make it, or take it back."""
        if "take_back" not in request.POST:
            return super().post(request, pk)
        own = self.cadence(pk)
        if own._state.adding:
            raise Http404
        services.archive_cadence(own, at=self.now)
        said = _("%(market)s follows the others again.") % {"market": own.market}
        return self.go_on(said, to="start-cadences")

    def cadence(self, pk: UUID) -> Cadence:
        """Return the market's own cadence; a new one begins as what holds there now."""
        followed = super().cadence(pk)
        market = _market(self.request)
        holds = services.cadence_table().find(market, followed.tier, followed.stage) or followed
        if holds.market_id:
            return holds
        values = model_to_dict(holds, fields=["tier", "stage", "title", "benefit", *HOW_AND_WHEN])
        return Cadence(market=market, **values)


def _by_accounts(checklist: Checklist) -> list[Market]:
    """Return the markets, those with the most accounts first."""
    counted = checklist.accounts_by_market
    return sorted(checklist.markets, key=lambda market: -counted.get(market.pk, 0))


def _market(request: HttpRequest) -> Market:
    """Return the market that the address names.

    :raises Http404: if the organization has none with this id.
    """
    try:
        return get_object_or_404(Market, pk=UUID(request.GET.get("market", "")))
    except ValueError as error:
        raise Http404 from error


def _cells(checklist: Checklist) -> list[Cell]:
    """Return tier by tier what holds, or what is proposed where nothing does."""
    cells: dict[tuple[str, str], Cell] = {
        (each.tier, each.stage): Cell(
            Tier(each.tier),
            Stage(each.stage),
            checklist.accounts_by_cell.get((each.tier, each.stage), 0),
            each,
            is_proposed=True,
        )
        for each in starting_cadences()
    }
    for cadence in checklist.cadences:
        cell = cells[cadence.tier, cadence.stage]
        if cadence.market_id or cadence.region_id:
            cell.variants.append(cadence)
        else:
            cell.cadence, cell.is_proposed = cadence, False
    return list(cells.values())
