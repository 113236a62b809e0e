"""Which country somebody means, in the spellings that files use. Pure.

Source: Unicode CLDR for names, ISO 3166-1 for codes; the rest is what people write.
"""

from functools import cache

from babel import Locale
from holidays.registry import COUNTRIES

from toolkit.texts import search_form

_LANGUAGES = ("en", "ar", "de", "es", "fr", "ja", "ro")

# What CLDR does not list, or lists under another name.
_ALSO = {
    "uk": "GB",
    "u.k.": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "us": "US",
    "u.s.": "US",
    "u.s.a.": "US",
    "america": "US",
    "united states of america": "US",
    "the united states": "US",
    "uae": "AE",
    "u.a.e.": "AE",
    "emirates": "AE",
    "ksa": "SA",
    "kingdom of saudi arabia": "SA",
    "kingdom of bahrain": "BH",
    "state of qatar": "QA",
    "state of kuwait": "KW",
    "sultanate of oman": "OM",
    "holland": "NL",
    "the netherlands": "NL",
    "korea": "KR",
    "republic of korea": "KR",
    "russian federation": "RU",
    "czech republic": "CZ",
    "turkey": "TR",
    "viet nam": "VN",
    "the philippines": "PH",
    "republic of the philippines": "PH",
    "aotearoa": "NZ",
    "brd": "DE",
    "日本国": "JP",
    "السعودية": "SA",
    "الإمارات": "AE",
    "statele unite": "US",
}


def country_of(text: str) -> str | None:
    """Return the ISO 3166-1 code of the country that ``text`` names, in any of our languages."""
    return _countries().get(search_form(text))


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for _name, code, code_of_three, *_rest in COUNTRIES.values():
        known[code.lower()] = known[code_of_three.lower()] = code
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2:  # the others are groupings, such as 419
                known.setdefault(code.lower(), code)
                known.setdefault(search_form(name), code)
    return known | {search_form(name): code for name, code in _ALSO.items()}
