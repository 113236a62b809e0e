"""A market's year, day by day, as a wall calendar shows it."""

import calendar as gregorian
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regions.calendars import UNDETERMINED, CalendarRangeError, DayKind, Names
from regions.market_time import MarketTime
from regions.offsets import quiet_period_on

KIND_LABELS = {
    DayKind.WORKING_DAY: _("Working day"),
    DayKind.REST_DAY: _("Rest day"),
    DayKind.HOLIDAY: _("Public holiday"),
    DayKind.CLOSURE: _("Closure"),
    DayKind.EXTRA_WORKING_DAY: _("Extra working day"),
}
# A sign beside the color, for those who do not see the color.
KIND_SIGNS = {
    DayKind.WORKING_DAY: "",
    DayKind.REST_DAY: "",
    DayKind.HOLIDAY: "●",
    DayKind.CLOSURE: "✕",
    DayKind.EXTRA_WORKING_DAY: "+",
}
QUIET_SIGN = "~"
ESTIMATED_SIGN = "?"


@dataclass(frozen=True, slots=True)
class YearDay:
    """One day: what it is, its signs and all that is to be said of it."""

    date: dt.date
    kind: str
    quiet: bool
    signs: str
    label: str

    @property
    def day(self) -> int:
        """Return the day of the month."""
        return self.date.day


@dataclass(frozen=True, slots=True)
class YearMonth:
    """The weeks of one month; days of other months are None."""

    first: dt.date
    weeks: tuple[tuple[YearDay | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months, or none for a year that the holiday data do not cover."""

    number: int
    first_known: int
    last_known: int
    weekdays: tuple[dt.date, ...]
    months: tuple[YearMonth, ...]


def year_of(time: MarketTime, number: int, *, country: str) -> Year:
    """Return a market's year; weeks begin as they do in its country."""
    weeks = gregorian.Calendar(first_weekday(country))
    try:
        months = tuple(_month(weeks, time, number, month) for month in range(1, 13))
    except CalendarRangeError:
        months = ()
    return Year(
        number=number,
        first_known=time.calendar.first_day.year,
        last_known=time.calendar.last_day.year,
        # Any seven days give the names of the weekdays; 1 January 2024 was a Monday.
        weekdays=tuple(dt.date(2024, 1, 1 + day) for day in weeks.iterweekdays()),
        months=months,
    )


def legend() -> list[tuple[str, str, object]]:
    """Return sign, kind and meaning of all that is marked."""
    marked = [(KIND_SIGNS[kind], kind.value, label) for kind, label in KIND_LABELS.items()]
    return [
        *marked,
        (QUIET_SIGN, "quiet", _("Quiet period")),
        (ESTIMATED_SIGN, "estimated", _("Estimated date")),
    ]


def first_weekday(country: str) -> int:
    """Return the day with which a week begins in a country (Source: CLDR); Monday is 0."""
    try:
        return Locale.parse(f"und_{country}").first_week_day
    except (UnknownLocaleError, ValueError):
        return gregorian.MONDAY


def _month(weeks: gregorian.Calendar, time: MarketTime, year: int, month: int) -> YearMonth:
    return YearMonth(
        first=dt.date(year, month, 1),
        weeks=tuple(
            tuple(_day(time, day) if day.month == month else None for day in week)
            for week in weeks.monthdatescalendar(year, month)
        ),
    )


def _day(time: MarketTime, date: dt.date) -> YearDay:
    status = time.calendar.status(date)
    quiet = quiet_period_on(date, time.quiet)
    said: list[object] = [KIND_LABELS[status.kind]]
    said += [name_for_reader(status.names)] if status.names else []
    said += [_("estimated")] if status.estimated else []
    said += [quiet.name] if quiet else []
    signs = KIND_SIGNS[status.kind]
    signs += ESTIMATED_SIGN * status.estimated + QUIET_SIGN * (quiet is not None)
    return YearDay(
        date=date,
        kind=status.kind.value,
        quiet=quiet is not None,
        signs=signs,
        label=": ".join((str(said[0]), ", ".join(map(str, said[1:]))))
        if said[1:]
        else str(said[0]),
    )


def name_for_reader(names: Names) -> str:
    """Return the names in the reader's language, else in English, else those there are."""
    reader = (get_language() or "en").partition("-")[0]
    for wanted in (reader, "en", UNDETERMINED):
        found = [name for language, name in names if language.partition("-")[0] == wanted]
        if found:
            return _joined(found)
    return _joined(name for _language, name in names)


def _joined(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
