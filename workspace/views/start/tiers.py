"""Which accounts get how much attention: tiers by revenue, seen before they hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from accounts import services
from accounts.choices import Tier
from accounts.models import Account
from accounts.segments import Segments
from accounts.tiers import Floors
from toolkit.storage import StaleVersion
from workspace.forms.tiers import TiersForm
from workspace.views.start.base import StepView, save_form


@dataclass(frozen=True, slots=True)
class TierSight:
    """A tier of one currency: how many accounts it has and would have, and its revenue then."""

    tier: Tier
    now: int
    then: int
    share: int


@dataclass(frozen=True, slots=True)
class CurrencySight:
    """The tiers of one currency, with the fields that say where they begin."""

    currency: str
    fields: list[BoundField]
    tiers: list[TierSight]


class TiersStepView(StepView):
    """Shows and sets the floors of the tiers."""

    step, template = "tiers", "tiers"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the floors in force, and where there are none those that are proposed."""
        segments = Segments()
        floors = segments.proposed_floors()
        if "proposed" not in request.GET:
            floors |= segments.floors_in_force()
        return self._page(segments, TiersForm(floors=floors, seen=_state()), floors)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show what other floors would do, or let them hold."""
        segments = Segments()
        proposed = segments.proposed_floors()
        form = TiersForm(request.POST, floors=proposed, seen=_state())
        if not form.is_valid():
            return self._page(segments, form, proposed | segments.floors_in_force(), status=422)
        if "look" in request.POST:
            return self._page(segments, form, form.floors)
        changed: list[int] = []
        if not save_form(form, lambda: changed.append(_set(form))):
            return self._page(segments, form, form.floors, status=422)
        said = ngettext(
            "%(count)d account has another tier now.",
            "%(count)d accounts have another tier now.",
            changed[0],
        )
        return self.go_on(said % {"count": changed[0]})

    def _page(
        self,
        segments: Segments,
        form: TiersForm,
        floors: Mapping[str, Floors],
        *,
        status: int = 200,
    ) -> HttpResponse:
        return self.page(
            form=form,
            sights=[
                CurrencySight(currency, fields, _tiers(segments, currency, floors[currency]))
                for currency, fields in form.fields_by_currency
            ],
            moved=len(segments.changes(floors)),
            without_arr=Account.objects.active().filter(Q(arr=None) | Q(arr=0)).count(),
            status=status,
        )


def _tiers(segments: Segments, currency: str, floors: Floors) -> list[TierSight]:
    then = segments.proposal(currency, floors)
    rows = zip(Tier, segments.counts(currency), then.counts, then.shares, strict=True)
    return [TierSight(*row) for row in rows]


def _set(form: TiersForm) -> int:
    if form.cleaned_data["seen"] != _state():
        raise StaleVersion
    return services.set_tiers(form.floors)


def _state() -> str:
    """Return what changes with every change of an account."""
    found = Account.objects.aggregate(Count("pk"), Sum("version"))
    return "-".join(str(value or 0) for value in found.values())
