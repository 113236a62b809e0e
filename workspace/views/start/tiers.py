"""Which accounts get how much attention: tiers by revenue, seen before they hold."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from accounts import services, tiers
from accounts.models import Account
from toolkit.storage import StaleVersion
from workspace.forms.tiers import TiersForm
from workspace.views.start.base import StepView, save_form


@dataclass(frozen=True, slots=True)
class CurrencySight:
    """The tiers of one currency: as they are, and as the floors entered would have them."""

    currency: str
    fields: list[BoundField]
    rows: list[tuple[tiers.Segment, tiers.Segment]]


class TiersStepView(StepView):
    """Shows and sets the floors of the tiers."""

    step, template = "tiers", "tiers"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the floors in force, and where there are none those that are proposed."""
        proposed = tiers.propose_floors()
        if "proposed" not in request.GET:
            proposed |= tiers.floors_in_force()
        return self._page(TiersForm(floors=proposed, seen=_state()), proposed)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show what other floors would do, or let them hold."""
        proposed = tiers.propose_floors()
        form = TiersForm(request.POST, floors=proposed, seen=_state())
        if not form.is_valid():
            return self._page(form, tiers.floors_in_force(), status=422)
        if "look" in request.POST:
            return self._page(form, form.floors)
        changed: list[int] = []
        if not save_form(form, lambda: changed.append(_set(form))):
            return self._page(form, form.floors, status=422)
        said = ngettext(
            "%(count)d account has another tier now.",
            "%(count)d accounts have another tier now.",
            changed[0],
        )
        return self.go_on(said % {"count": changed[0]})

    def _page(
        self, form: TiersForm, floors: tiers.FloorsByCurrency, *, status: int = 200
    ) -> HttpResponse:
        now, then = tiers.segments(), tiers.segments(floors)
        sights = [
            CurrencySight(currency, fields, list(zip(now[currency], then[currency], strict=True)))
            for currency, fields in form.fields_by_currency
        ]
        return self.page(
            form=form,
            sights=sights,
            moved=tiers.moved_by(floors).count(),
            without_arr=Account.objects.active().filter(arr=None).count(),
            status=status,
        )


def _set(form: TiersForm) -> int:
    if form.cleaned_data["seen"] != _state():
        # Told once: saving again is then a choice.
        form.data = form.data.copy() | {"seen": _state()}
        raise StaleVersion
    return services.set_tiers(form.floors)


def _state() -> str:
    """Return what changes with every change of an account."""
    found = Account.objects.aggregate(Count("pk"), Sum("version"))
    return "-".join(str(value or 0) for value in found.values())
