"""What a market of a country probably looks like, for a person to correct.

Source: Unicode CLDR for zones, languages, currency and weekend. The region is ours.
"""

from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

from regions.hours import UnknownZone, load_zone
from regions.library import load_library

EVERY_WEEKDAY = range(1, 8)
MOST_LANGUAGES = 3

# By the area of the time zone, except where the Middle East is led together with Europe.
_REGIONS = {"America": "Americas", "Asia": "APAC", "Australia": "APAC", "Pacific": "APAC"}
_MIDDLE_EAST = frozenset(
    ("AE", "BH", "IL", "IQ", "IR", "JO", "KW", "LB", "OM", "PS", "QA", "SA", "SY", "TR", "YE")
)
_REGION_OF_THE_OTHERS = "EMEA"


@dataclass(frozen=True, slots=True)
class MarketProposal:
    """A market of a country; the first of its ``time_zones`` is not better than the others.

    ``library_code`` names the market of the library that has the country already.
    """

    name: str
    time_zones: tuple[str, ...]
    languages: tuple[str, ...]
    currency: str
    weekdays: tuple[int, ...]
    region: str
    library_code: str = ""


def propose_market(country: str, *, reader: str) -> MarketProposal:
    """Return what to propose for a country (ISO 3166-1), named in the language of ``reader``."""
    zones = _zones().get(country, ())
    languages = get_official_languages(country, regional=False, de_facto=True)[:MOST_LANGUAGES]
    currencies = get_territory_currencies(country)
    in_library = [each for each in load_library().values() if each.country == country]
    return MarketProposal(
        name=country_names(reader).get(country, country),
        time_zones=zones,
        languages=tuple(f"{language}-{country}" for language in languages) or ("en",),
        currency=currencies[0] if currencies else "USD",
        weekdays=_weekdays(country),
        region=in_library[0].region if in_library else _region(country, zones),
        library_code=in_library[0].code if in_library else "",
    )


@cache
def country_names(reader: str) -> dict[str, str]:
    """Return the countries by code, with their names in a language."""
    return {
        code: name
        for code, name in Locale.parse(reader, sep="-").territories.items()
        if code in _zones()
    }


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for zone, country in get_global("zone_territories").items():
        if _is_known(zone):
            found.setdefault(country, []).append(zone)
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


def _is_known(zone: str) -> bool:
    try:
        load_zone(zone)
    except UnknownZone:
        return False
    return len(zone) > len("Etc/") and not zone.startswith("Etc/")


def _weekdays(country: str) -> tuple[int, ...]:
    try:
        locale = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    # CLDR counts weekdays from Monday, 0.
    weekend = {locale.weekend_start + 1, locale.weekend_end + 1}
    return tuple(day for day in EVERY_WEEKDAY if day not in weekend)


def _region(country: str, zones: tuple[str, ...]) -> str:
    if country in _MIDDLE_EAST or not zones:
        return _REGION_OF_THE_OTHERS
    return _REGIONS.get(zones[0].partition("/")[0], _REGION_OF_THE_OTHERS)
