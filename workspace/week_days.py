"""The days of a week as its reader counts them. Pure."""

import datetime as dt

from babel import Locale, UnknownLocaleError
from babel.core import get_global

DAYS = 7
ONE_WEEK = dt.timedelta(days=DAYS)
MONDAY = 0


def first_weekday(language: str, country: str = "") -> int:
    """Return the day with which a reader's week begins, Monday being 0.

    That of the country where she works, else of the one where most people speak her language.
    Source: Unicode CLDR.
    """
    spoken = str(get_global("likely_subtags").get(language.partition("-")[0], ""))
    where = country or spoken.rpartition("_")[2]
    try:
        return Locale.parse(f"und_{where}").first_week_day if where else MONDAY
    except (UnknownLocaleError, ValueError):
        return MONDAY


def week_of(day: dt.date, first: int) -> list[dt.date]:
    """Return the seven days of the week in which ``day`` is, if weeks begin on ``first``.

    At the ends of the calendar a week is shorter.
    """
    back = min((day.weekday() - first) % DAYS, (day - dt.date.min).days)
    begins = day - dt.timedelta(days=back)
    return [
        begins + dt.timedelta(days=number)
        for number in range(DAYS)
        if (dt.date.max - begins).days >= number
    ]


def read_day(text: str, otherwise: dt.date) -> dt.date:
    """Return the day of an ISO 8601 text; what is none, or too far off, is ``otherwise``."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return otherwise
    near = dt.date(1970, 1, 1) <= day <= dt.date(2200, 1, 1)
    return day if near else otherwise
