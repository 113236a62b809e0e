"""Days, times and languages as the reader writes them.

Source: Unicode CLDR, for the language that is spoken.
"""

import datetime as dt
import re
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|$)")


def day(date: dt.date) -> str:
    """Return weekday, day and month, such as “Thu, May 7”."""
    return str(format_skeleton("MMMEd", date, locale=_reader()))


def full_day(date: dt.date) -> str:
    """Return a day with its year."""
    return str(format_skeleton("yMMMEd", date, locale=_reader()))


def sentence(said: str) -> str:
    """Return a sentence with one full stop where what it tells brings another: “27. Nov.”."""
    return TWO_STOPS.sub(".", said)


def clock_time(local: dt.datetime) -> str:
    """Return the time of day on a 24-hour clock, in the zone that ``local`` carries."""
    return _time_of_day(local.hour, local.minute)


def minute_of_day(minute: int) -> str:
    """Return minutes since midnight as a time; 1440 is the next midnight, written 24:00."""
    return "24:00" if minute == 1440 else _time_of_day(*divmod(minute, 60))


def weekday_time(local: dt.datetime) -> str:
    """Return weekday and time, such as “Sun 09:00”."""
    return str(format_skeleton("EHm", local.replace(tzinfo=None), locale=_reader()))


def language_name(tag: str) -> str:
    """Return the name of the language of a BCP 47 tag; an unknown one stays as it is."""
    try:
        name = Locale.parse(tag, sep="-").get_language_name(_reader())
    except (ValueError, UnknownLocaleError):
        return tag
    return name or tag


def language_of(tag: str) -> str:
    """Return the language of a BCP 47 tag, without script and country."""
    return tag.lower().partition("-")[0]


def listed(words: list[str]) -> str:
    """Join words as a list of any length."""
    return _(", ").join(words)


def _time_of_day(hour: int, minute: int) -> str:
    at = dt.datetime(2000, 1, 1, hour, minute)  # noqa: DTZ001  # a time of day has no zone
    return str(format_skeleton("Hm", at, locale=_reader()))


def _reader() -> Locale:
    return _locale(get_language() or "en")


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))
