"""From the rows of a market to its working time, the value object that every rule works on."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import prefetch_related_objects

from regions import calendars, hours, offsets
from regions.market_time import MarketTime
from regions.models import BusinessHours, Market
from regions.public_holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    has_holiday_data,
    holiday_years,
    public_holidays,
)

MARKETS_KEPT = 512
CALENDAR_PARTS = (
    "workingweek_set",
    "closure_set",
    "extraworkingday_set",
    "quietperiod_set",
    "businesshours_set",
    "season_set",
)


_built: dict[UUID, MarketTime] = {}


def working_time(market: Market) -> MarketTime:
    """Return the working time of ``market``; built once per revision of its calendar."""
    built = _built.get(market.calendar_revision)
    if built is None:
        if len(_built) >= MARKETS_KEPT:
            _built.clear()
        built = _built[market.calendar_revision] = _build(market)
    return built


def prepare_working_times(markets: Iterable[Market]) -> None:
    """Build what is not built yet for ``markets``, in six queries however many they are."""
    missing = {
        market.calendar_revision: market
        for market in markets
        if market.calendar_revision not in _built
    }
    prefetch_related_objects(list(missing.values()), *CALENDAR_PARTS)
    for market in missing.values():
        working_time(market)


def today_in(market: Market, now: dt.datetime) -> dt.date:
    """Return the local date of ``market`` at ``now`` (UTC)."""
    return now.astimezone(hours.load_zone(market.time_zone)).date()


def markets_by_today(markets: Iterable[Market], now: dt.datetime) -> dict[dt.date, list[UUID]]:
    """Return the ids of markets by the local date that each of them has at ``now`` (UTC)."""
    days: dict[dt.date, list[UUID]] = defaultdict(list)
    for market in markets:
        days[today_in(market, now)].append(market.pk)
    return days


def _build(market: Market) -> MarketTime:
    years = _known_years(market)
    return MarketTime(
        calendar=calendars.WorkingCalendar(
            weeks=tuple(
                calendars.WorkingWeek(week.holds_from, frozenset(week.weekdays))
                for week in market.workingweek_set.all()
            ),
            first_day=dt.date(years[0], 1, 1),
            last_day=dt.date(years[-1], 12, 31),
            holidays=_holidays(market, years),
            closures=tuple(
                calendars.Closure(closure.start, closure.end, closure.name)
                for closure in market.closure_set.all()
            ),
            extra_days=tuple(
                calendars.ExtraWorkingDay(day.date, day.name)
                for day in market.extraworkingday_set.all()
            ),
        ),
        hours=_business_hours(market),
        zone=hours.load_zone(market.time_zone),
        quiet=tuple(
            offsets.QuietPeriod(
                period.start, period.end, period.name, offsets.QuietPolicy(period.policy)
            )
            for period in market.quietperiod_set.all()
        ),
    )


def _known_years(market: Market) -> range:
    if has_holiday_data(market.country):
        return holiday_years(market.country)
    return range(FIRST_YEAR, LAST_YEAR + 1)


def _holidays(market: Market, years: range) -> tuple[calendars.Holiday, ...]:
    if not has_holiday_data(market.country):
        return ()
    return public_holidays(
        market.country,
        market.subdivision or None,
        first_year=years[0],
        last_year=years[-1],
        confirmed_through=market.confirmed_through,
        languages=tuple(market.languages),
    )


def _business_hours(market: Market) -> hours.BusinessHours:
    rows = list(market.businesshours_set.all())
    return hours.BusinessHours(
        weekly=_weekly(row for row in rows if row.season_id is None),
        seasons=tuple(
            hours.Season(
                season.start, season.end, _weekly(row for row in rows if row.season_id == season.pk)
            )
            for season in market.season_set.all()
        ),
    )


def _weekly(rows: Iterable[BusinessHours]) -> hours.Weekly:
    weekly: dict[int, tuple[hours.Interval, ...]] = defaultdict(tuple)
    for row in rows:
        weekly[row.weekday] += (hours.Interval(row.opens, row.closes),)
    return dict(weekly)
