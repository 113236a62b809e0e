"""Which market a value of the country column means: proposed, and decided by a person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from regions.countries import country_of
from regions.library import load_library
from regions.models import Market
from toolkit.texts import search_form

LEAVE_OUT = "leave_out"
_MARKET, _ADOPT = "market:", "adopt:"


@dataclass(frozen=True, slots=True)
class Place:
    """Where accounts go: a market of the organization, or one of the library to be adopted.

    Neither of the two: the rows are left out.
    """

    code: str = ""
    market_id: UUID | None = None
    currency: str = ""

    @property
    def is_left_out(self) -> bool:
        """Whether the rows are left out."""
        return not self.code

    @property
    def is_adopted(self) -> bool:
        """Whether the market is still to be adopted."""
        return bool(self.code) and self.market_id is None


def choice_of(text: str) -> tuple[str, str] | None:
    """Take a choice apart: its kind and the code; None if it is none."""
    if text == LEAVE_OUT:
        return LEAVE_OUT, ""
    for kind in (_MARKET, _ADOPT):
        if text.startswith(kind) and text != kind:
            return kind, text.removeprefix(kind)
    return None


class MarketFinder:
    """Finds markets by code, name and country among those of the organization and the library."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self._choices = {search_form(value): choice for value, choice in choices.items()}
        self._markets = list(Market.objects.order_by("name", "pk"))
        self._by_code = {market.code: market for market in self._markets}
        self._by_name: dict[str, list[Market]] = defaultdict(list)
        self._by_country: dict[str, list[Market]] = defaultdict(list)
        for market in self._markets:
            self._by_name[search_form(market.name)].append(market)
            self._by_country[market.country].append(market)
        self._library = load_library()
        self._found: dict[str, Place | None] = {}

    @property
    def home_currency(self) -> str:
        """The currency of the home market, if there is one."""
        return next((market.currency for market in self._markets if market.is_home), "")

    def find(self, value: str) -> Place | None:
        """Return where the accounts with this value go; None if that is to be chosen."""
        if value not in self._found:
            choice = self.choice_for(value)
            self._found[value] = self._place(choice) if choice else None
        return self._found[value]

    def choice_for(self, value: str) -> str:
        """Return the choice made for a value, else the proposed one; empty if there is none."""
        chosen = self._choices.get(search_form(value), "")
        return chosen if chosen and self._place(chosen) else self._proposed(value)

    def offers(self, value: str) -> list[tuple[str, str]]:
        """Return choices with their names: those of the value's country first."""
        country = country_of(value)
        own = sorted(self._markets, key=lambda each: (each.country != country, each.name))
        adopted = {market.code for market in self._markets}
        new = sorted(
            (each for each in self._library.values() if each.code not in adopted),
            key=lambda each: (each.country != country, each.name),
        )
        return [(_MARKET + each.code, each.name) for each in own] + [
            (_ADOPT + each.code, each.name) for each in new
        ]

    def _place(self, choice: str) -> Place | None:
        taken = choice_of(choice)
        if taken is None:
            return None
        kind, code = taken
        if kind == LEAVE_OUT:
            return Place()
        if market := self._by_code.get(code):
            # Somebody may have adopted it meanwhile.
            return Place(market.code, market.pk, market.currency)
        if kind == _ADOPT and code in self._library:
            return Place(code, currency=self._library[code].currency)
        return None

    def _proposed(self, value: str) -> str:
        text = search_form(value)
        for market in self._markets:
            if market.code == value.strip():
                return _MARKET + market.code
        named = self._by_name.get(text, [])
        if len(named) == 1:
            return _MARKET + named[0].code
        country = country_of(value)
        if country is None:
            return ""
        there = self._by_country.get(country, [])
        if there:
            return _MARKET + there[0].code if len(there) == 1 else ""
        return _only([code for code, each in self._library.items() if each.country == country])


def _only(codes: Iterable[str]) -> str:
    codes = list(codes)
    return _ADOPT + codes[0] if len(codes) == 1 else ""
