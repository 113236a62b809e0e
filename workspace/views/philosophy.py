"""What customer success is for here: the text, the principles, and how we sound."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.models import Philosophy, Principle, VoiceTrait, VoiceVariation
from regions.models import Market
from workspace.forms import MarketForm
from workspace.reading import market_to_read
from workspace.views.members import MemberView


@dataclass(frozen=True, slots=True)
class Trait:
    """How we sound, and how a market varies it."""

    trait: VoiceTrait
    variation: VoiceVariation | None


class PhilosophyView(MemberView):
    """What we stand for, with what a market varies: the reader's own, unless she chose another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        markets = list(Market.objects.order_by("name", "pk"))
        market = market_to_read(self.identity, markets, request.GET.get("market", ""))
        context: dict[str, Any] = {
            "philosophy": Philosophy.objects.select_related("published_by").first(),
            "principles": Principle.objects.filter(archived_at=None),
            "voice": _voice(market),
            "market": market,
        }
        if market:
            context["form"] = MarketForm(request.GET, markets=markets, market=market)
        return render(request, "workspace/philosophy.html", context)


def _voice(market: Market | None) -> list[Trait]:
    found = VoiceVariation.objects.filter(market=market) if market else []
    variations = {variation.trait_id: variation for variation in found}
    return [Trait(trait, variations.get(trait.pk)) for trait in VoiceTrait.objects.all()]
