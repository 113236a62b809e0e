"""Public holidays of a country, as data: names, languages, and which dates are only estimated.

The dates come from the ``holidays`` package, pinned exactly, category "public", with the days that
make up for a holiday on a weekend. The package answers an unknown year with nothing; here it is an
error.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays

from regions.calendars import Holiday

# Every market of the library has holidays in each of these years. Dates far ahead are those of
# today's law, and those of a lunar calendar estimates.
FIRST_YEAR = 2010
LAST_YEAR = 2050

# The package says this in a warning only: it tabulates India's Hindu holidays for these years.
_TABULATED_YEARS = {"IN": (2001, 2035)}

_ENGLISH = "en"
_AND = "; "

# Holidays whose date follows the moon (Hijri, Chinese, Hindu and Buddhist calendars), by the
# package's names in American English, which call the same feast the same in most countries.
# Easter is not among them: its date is computed once for all.
_LUNAR_LANGUAGE = "en_US"
_LUNAR = re.compile(
    r"\b(?:Eid|Arafah|Islamic New Year|Prophet|Mawlid|Isra and|Isra'|Ashura|Tasua|Arbaeen|Ramadan"
    r"|Laylat|Night of Power|Jumu'atul-Wida|Mid-Sha'ban|Imam (?!Khomeini)|Fatima|Mahdi|Hasan al-"
    r"|Ali al-Rida|Magal|Shaqq|Embraced Islam|Revelation of the Quran"
    r"|(?:Chinese|Lunar|Korean) New Year|Chinese Spring Festival|Chuseok|Daeboreum|Mid-Autumn"
    r"|Dragon Boat|Double Ninth|Hung Kings|Genghis Khan|Buddha|Vesak|Poya|Guru|Zhabdrung"
    r"|Diwali|Holi\b|Dussehra|Dashain|Dassain|Bijaya Dashami|Navami|Ashtami|Shivaratri"
    r"|Janmashtami|Ganesh|Mahavira|Thaipusam|Ugadi|Poornima|Purnima|Pooja|Tihar|Bhai Tika"
    r"|Chhath|Fulpati|Ghatasthapana|Losar|Lhosar|Lhochhar|Day of Offering)",
    re.IGNORECASE,
)


class HolidayDataError(LookupError):
    """There is no holiday data for this country, subdivision or year."""


def supported_countries() -> frozenset[str]:
    """Return the countries with holiday data, as ISO 3166-1 alpha-2 codes."""
    return frozenset(_subdivisions())


def has_holiday_data(country: str) -> bool:
    """Tell whether a country has holiday data.

    A market without is planned on its working week, closures and extra working days alone; whoever
    makes one asks here first and says so.
    """
    return country in _subdivisions()


def subdivisions(country: str) -> tuple[str, ...]:
    """Return the subdivisions that holidays may differ by, as ISO 3166-2 suffixes.

    :raises HolidayDataError: if the country has no holiday data.
    """
    check_country(country)
    return _subdivisions()[country]


def check_country(country: str, subdivision: str | None = None) -> None:
    """Make sure that there is holiday data for a country and its subdivision.

    :raises HolidayDataError: naming the one that is unknown.
    """
    if country not in _subdivisions():
        raise HolidayDataError(f"no holiday data for the country {country!r}")
    if subdivision is not None and subdivision not in _subdivisions()[country]:
        raise HolidayDataError(f"{country} has no holiday data for the subdivision {subdivision!r}")


def holiday_years(country: str) -> range:
    """Return the years for which a country has holiday data.

    :raises HolidayDataError: if the country has none.
    """
    check_country(country)
    entity = holidays.country_holidays(country)
    first, last = _TABULATED_YEARS.get(country, (entity.start_year, entity.end_year))
    return range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1)


def public_holidays(
    country: str,
    subdivision: str | None = None,
    *,
    first_year: int,
    last_year: int,
    confirmed_through: date | None,
    languages: Iterable[str] = (),
) -> tuple[Holiday, ...]:
    """Return the public holidays of whole years, by date, both years included.

    ``languages`` are BCP 47 tags. Each holiday is named in English ("en"), then in those of the
    languages that the data knows, by their primary subtag ("ja" for "ja-JP"). Two holidays on one
    date are one with both names. A lunar holiday after ``confirmed_through`` is estimated, with
    ``None`` every lunar holiday is, unless it falls on one whose date is certain.

    :raises HolidayDataError: for an unknown country or subdivision, or a year without data.
    """
    check_country(country, subdivision)
    years = holiday_years(country)
    if not years.start <= first_year <= last_year < years.stop:
        raise HolidayDataError(
            f"{country} has holiday data for {years.start} to {years.stop - 1},"
            f" not for {first_year} to {last_year}"
        )
    return _public_holidays(
        country, subdivision, first_year, last_year, confirmed_through, tuple(languages)
    )


@lru_cache(maxsize=512)
def _public_holidays(
    country: str,
    subdivision: str | None,
    first_year: int,
    last_year: int,
    confirmed_through: date | None,
    languages: tuple[str, ...],
) -> tuple[Holiday, ...]:
    years = range(first_year, last_year + 1)
    named = {
        tag: _names_by_date(country, subdivision, years, language)
        for tag, language in _package_languages(country, languages).items()
    }
    recognized = _names_by_date(country, subdivision, years, _LUNAR_LANGUAGE)
    return tuple(
        Holiday(
            date=day,
            names=tuple((tag, names[day]) for tag, names in named.items()),
            estimated=(confirmed_through is None or day > confirmed_through)
            and all(_LUNAR.search(name) for name in recognized[day].split(_AND)),
        )
        for day in sorted(recognized)
    )


def _names_by_date(
    country: str, subdivision: str | None, years: Iterable[int], language: str | None
) -> dict[date, str]:
    found = holidays.country_holidays(
        country, subdiv=subdivision, years=years, expand=False, language=language
    )
    return {
        day: _AND.join(_without_estimate(name, found) for name in found.get_list(day))
        for day in found
    }


def _without_estimate(name: str, found: holidays.HolidayBase) -> str:
    """Take the word "estimated" off a name, in the language of ``found``."""
    for marked, plain in (
        (getattr(found, "observed_estimated_label", ""), getattr(found, "observed_label", "")),
        (getattr(found, "estimated_label", ""), "%s"),
    ):
        before, _, after = found.tr(marked).partition("%s")
        if after and name.startswith(before) and name.endswith(after):
            bare = name.removeprefix(before).removesuffix(after)
            return str(found.tr(plain)) % bare
    return name


def _package_languages(country: str, languages: Iterable[str]) -> dict[str, str | None]:
    """Match primary subtags to the package's languages, English first."""
    entity = holidays.country_holidays(country)
    known = entity.supported_languages
    if not known:
        # Entities that are not translated carry English names.
        return {_ENGLISH: None}
    wanted = [*(tag for tag in languages if _primary(tag) == _ENGLISH), f"en_{country}", "en_US"]
    matched: dict[str, str | None] = {_ENGLISH: _nearest(wanted, known)}
    for tag in languages:
        if _primary(tag) not in matched and (language := _nearest([tag], known)):
            matched[_primary(tag)] = language
    return matched


def _nearest(wanted: Iterable[str], known: tuple[str, ...]) -> str | None:
    """Pick the first exact match, else the first of the same primary subtag."""
    tags = [tag.replace("-", "_") for tag in wanted]
    exact = (tag for tag in tags if tag in known)
    related = (
        language for tag in tags for language in known if _primary(tag) == _primary(language)
    )
    return next(exact, None) or next(related, None)


def _primary(tag: str) -> str:
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


@lru_cache(maxsize=1)
def _subdivisions() -> dict[str, tuple[str, ...]]:
    return {
        country: tuple(codes)
        for country, codes in holidays.list_supported_countries(include_aliases=False).items()
    }
