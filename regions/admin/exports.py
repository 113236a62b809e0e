"""Markets as tables: what was entered for their calendars, and what follows for a year."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from regions.admin.year import KIND_LABELS, name_for_reader
from regions.calendars import ONE_DAY, DayKind
from regions.choices import Weekday
from regions.models import Market
from regions.offsets import quiet_period_on
from regions.working_time import CALENDAR_PARTS, prepare_working_times, working_time
from tenants.admin.exports import Asked, Export, Line
from toolkit.forms import clock

USUAL_KINDS = (DayKind.WORKING_DAY, DayKind.REST_DAY)


def calendar_lines(markets: QuerySet[Market], _asked: Asked) -> Iterator[Line]:
    """Yield what was entered for each market's calendar, by kind."""
    found = list(markets)
    prefetch_related_objects(found, *CALENDAR_PARTS)
    for market in found:
        for kind, *line in _lines_of(market):
            yield (market.code, market.name, str(kind), *line)


def days_of_year(markets: QuerySet[Market], asked: Asked) -> Iterator[Line]:
    """Yield the days of a year that are no usual ones, as planning sees them."""
    found = list(markets)
    prepare_working_times(found)
    for market in found:
        time = working_time(market)
        for day in _days(asked.year):
            if not time.calendar.first_day <= day <= time.calendar.last_day:
                continue
            status, quiet = time.calendar.status(day), quiet_period_on(day, time.quiet)
            if status.kind in USUAL_KINDS and quiet is None:
                continue
            yield (
                market.code,
                market.name,
                day,
                str(KIND_LABELS[status.kind]),
                name_for_reader(status.names),
                _t("yes") if status.estimated else _t("no"),
                quiet.name if quiet else None,
            )


MARKET_EXPORTS = (
    Export(
        "calendar-lines",
        _("what was entered for their calendars"),
        (
            *(_("Code"), _("Market"), _("Kind"), _("Name"), _("First day"), _("Last day")),
            *(_("Weekdays"), _("Opens"), _("Closes"), _("What becomes of contact"), _("Source")),
        ),
        calendar_lines,
    ),
    Export(
        "days",
        _("holidays, closures and quiet days of a year"),
        (
            *(_("Code"), _("Market"), _("Day"), _("Kind"), _("Name"), _("Estimated")),
            _("Quiet period"),
        ),
        days_of_year,
        asks="year",
    ),
)


def _days(year: int) -> Iterator[dt.date]:
    if dt.MINYEAR <= year < dt.MAXYEAR:
        day = dt.date(year, 1, 1)
        while day.year == year:
            yield day
            day += ONE_DAY


def _lines_of(market: Any) -> Iterable[Line]:
    """Yield kind, name, days, weekdays, hours, policy and source of each row of a calendar."""
    for week in market.workingweek_set.all():
        days = ", ".join(str(Weekday(day).label) for day in week.weekdays)
        yield _t("Working week"), None, week.holds_from, None, days, *(None,) * 3, week.source
    for season in market.season_set.all():
        yield _t("Season"), season.name, season.start, season.end, *(None,) * 4, season.source
    names = {season.pk: season.name for season in market.season_set.all()}
    for hours in market.businesshours_set.all():
        day, opens, closes = hours.get_weekday_display(), clock(hours.opens), clock(hours.closes)
        name = names.get(hours.season_id)
        yield _t("Business hours"), name, None, None, day, opens, closes, None, None
    for closure in market.closure_set.all():
        yield _t("Closure"), closure.name, closure.start, closure.end, *(None,) * 5
    for extra in market.extraworkingday_set.all():
        yield _t("Extra working day"), extra.name, extra.date, extra.date, *(None,) * 5
    for quiet in market.quietperiod_set.all():
        policy = quiet.get_policy_display()
        first, last = quiet.start, quiet.end
        yield _t("Quiet period"), quiet.name, first, last, *(None,) * 3, policy, quiet.source
