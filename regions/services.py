"""Every write on regions and markets."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from regions.choices import MarketStatus
from regions.hours import Weekly
from regions.library import LibraryMarket, Source, UnknownLibraryMarket, library_market
from regions.models import (
    Assignment,
    BusinessHours,
    CulturalStatement,
    Market,
    Phrase,
    QuietPeriod,
    Region,
    Season,
    WorkingWeek,
)
from regions.models.calendar import CalendarPart, MarketPart
from regions.public_holidays import FIRST_YEAR, HolidayDataError, check_country, has_holiday_data
from regions.signals import calendar_changed, market_added, markets_opened
from tenants.models import Membership
from toolkit import consequences
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion, store
from toolkit.uuid7 import uuid7

PartT = TypeVar("PartT", bound=MarketPart)

NEUTRAL_WEEK = [1, 2, 3, 4, 5]
NEUTRAL_HOURS = (9 * 60, 17 * 60)

# What moves check-ins when it changes on a market itself.
PLANNING_FIELDS = (
    "region_id",
    "status",
    "country",
    "subdivision",
    "time_zone",
    "confirmed_through",
)


class MarketExists(DomainError):
    """The organization has a market with this code."""


class RegionInUse(DomainError):
    """A region that holds markets cannot be removed."""


def save_region(region: Region) -> Region:
    """Save a new or changed region."""
    return store(region)


def region_named(name: str) -> Region:
    """Return the region with this name, made when it is missing."""
    name = name.strip()
    code = slugify(name)[:30] or uuid7().hex[:12]
    found = Region.objects.filter(Q(name__iexact=name) | Q(code=code)).order_by("pk").first()
    return found or save_region(Region(code=code, name=name))


@transaction.atomic
def remove_region(region: Region) -> None:
    """Remove a region without markets.

    :raises RegionInUse: if it holds one.
    """
    if region.markets.exists():
        raise RegionInUse(_("%(region)s still holds markets.") % {"region": region})
    region.delete()


@transaction.atomic
def save_market(market: Market, *, weekdays: Sequence[int] = NEUTRAL_WEEK) -> Market:
    """Save a market; a new one works on ``weekdays``, in neutral business hours.

    :raises InvalidInput: for a subdivision that the holiday data do not know.
    """
    _check_holiday_data(market)
    creating = market._state.adding
    before = (
        None
        if creating
        else Market.objects.select_for_update(no_key=True).filter(pk=market.pk).first()
    )
    if before:
        # A part of the calendar may have been saved since this market was read.
        market.calendar_revision = before.calendar_revision
    store(market)
    if creating:
        _give_neutral_calendar(market, sorted(set(weekdays)))
        consequences.draw(_tell_added, market.pk)
    if before is None or any(
        getattr(before, name) != getattr(market, name) for name in PLANNING_FIELDS
    ):
        announce_calendar(market)
    return market


@transaction.atomic
def save_part(part: PartT) -> PartT:
    """Save a closure, a quiet period, a phrase or another part of a market.

    :raises InvalidInput: for business hours that overlap others or a season of another market,
        and for a working week that leaves the years before it without one.
    """
    store(part)
    match part:
        case BusinessHours():
            _check_hours(part)
        case WorkingWeek():
            _check_weeks(part.market)
    if isinstance(part, CalendarPart):
        announce_calendar(part.market)
    return part


@transaction.atomic
def remove_part(part: MarketPart) -> None:
    """Remove a part of a market.

    :raises InvalidInput: for the working week that the others follow.
    """
    market = part.market
    part.delete()
    if isinstance(part, WorkingWeek):
        _check_weeks(market)
    if isinstance(part, CalendarPart):
        announce_calendar(market)


def save_assignment(assignment: Assignment) -> Assignment:
    """Save where a member works."""
    return store(assignment)


def remove_assignment(assignment: Assignment) -> None:
    """Let a member no longer work somewhere."""
    assignment.delete()


def announce_calendar(market: Market) -> None:
    """Give the market's calendar a new revision and tell who plans by it."""
    market.calendar_revision = uuid7()
    Market.objects.filter(pk=market.pk).update(calendar_revision=market.calendar_revision)
    consequences.draw(_tell, market.pk)


def _tell_added(added: list[UUID]) -> None:
    for market in Market.objects.filter(pk__in=added).order_by("pk"):
        market_added.send(sender=Market, market=market)


def _tell(changed: list[UUID]) -> None:
    for market in Market.objects.filter(pk__in=changed).order_by("pk"):
        calendar_changed.send(sender=Market, market=market)


@transaction.atomic
def set_home_market(market: Market) -> None:
    """Make ``market`` the organization's home market."""
    Market.objects.filter(is_home=True).exclude(pk=market.pk).update(
        is_home=False, version=F("version") + 1
    )
    market.is_home = True
    store(market, fields=["is_home"])


def confirm_statement(
    statement: CulturalStatement, *, by: Membership, at: dt.datetime
) -> CulturalStatement:
    """Note that the local team confirms a statement; it is asked again after a year."""
    statement.confirmed_by, statement.confirmed_at, statement.withdrawn_at = by, at, None
    return store(statement)


def withdraw_statement(statement: CulturalStatement, *, at: dt.datetime) -> CulturalStatement:
    """Stop showing a statement that the local team does not share."""
    statement.withdrawn_at = at
    return store(statement)


@transaction.atomic
def open_markets(markets: Iterable[Market]) -> list[Market]:
    """Open markets as they were read: from now on check-ins are planned there.

    Returns those that were not open yet.

    :raises StaleVersion: if somebody changed one of them since, or it is gone.
    """
    seen = {market.pk: market.version for market in markets}
    stored = list(Market.objects.select_for_update(no_key=True).filter(pk__in=seen).order_by("pk"))
    if {market.pk: market.version for market in stored} != seen:
        raise StaleVersion
    opening = [market for market in stored if market.status != MarketStatus.OPEN]
    for market in opening:
        market.status = MarketStatus.OPEN
        market.version += 1
    Market.objects.bulk_update(opening, ["status", "version"])
    if opening:
        markets_opened.send(sender=Market, markets=opening)
    return opening


@transaction.atomic
def adopt_market(
    *, code: str, region: Region | None = None, status: MarketStatus = MarketStatus.OPEN
) -> Market:
    """Copy a market of the library into the organization, to be edited there.

    Without a region it goes to the one that the library suggests, made when it is missing.
    Nothing is planned there before its status is open.

    :raises InvalidInput: for a code that the library lacks.
    :raises MarketExists: if the organization has it.
    """
    try:
        source = library_market(code.upper())
    except UnknownLibraryMarket as error:
        raise InvalidInput({"code": str(error)}) from error
    if Market.objects.filter(code=source.code).exists():
        raise MarketExists(
            _("%(market)s is one of your markets already.") % {"market": source.name}
        )
    market = store(
        Market(
            region=region or region_named(source.region),
            code=source.code,
            name=source.name,
            country=source.country,
            subdivision=source.subdivision or "",
            time_zone=source.time_zone,
            languages=list(source.languages),
            currency=source.currency,
            status=status,
            library_code=source.code,
            confirmed_through=source.confirmed_through,
            holidays_note=source.holidays_note,
            reply_within_hours=source.response.reply_within_hours if source.response else None,
            gone_dark_after_days=source.response.gone_dark_after_days if source.response else None,
        )
    )
    _copy_calendar(source, market)
    _copy_profile(source, market)
    consequences.draw(_tell_added, market.pk)
    announce_calendar(market)
    return market


def _copy_calendar(source: LibraryMarket, market: Market) -> None:
    WorkingWeek.objects.bulk_create(
        WorkingWeek(
            market=market,
            holds_from=week.holds_from,
            weekdays=sorted(week.weekdays),
            source=week.source,
            note=week.note,
        )
        for week in source.working_weeks
    )
    hours = list(_intervals(market, None, source.business_hours.weekly))
    for season in source.seasons:
        row = Season(
            market=market,
            name=season.name,
            start=season.start,
            end=season.end,
            estimated=season.estimated,
            source=season.source,
        )
        row.save(force_insert=True)
        hours.extend(_intervals(market, row, season.weekly))
    BusinessHours.objects.bulk_create(hours)
    QuietPeriod.objects.bulk_create(
        QuietPeriod(
            market=market,
            name=period.name,
            start=period.start,
            end=period.end,
            policy=period.policy.value,
            source=period.source,
        )
        for period in source.quiet_periods
    )


def _intervals(market: Market, season: Season | None, weekly: Weekly) -> Iterable[BusinessHours]:
    for weekday, intervals in weekly.items():
        for interval in intervals:
            yield BusinessHours(
                market=market,
                season=season,
                weekday=weekday,
                opens=interval.opens,
                closes=interval.closes,
            )


def _copy_profile(source: LibraryMarket, market: Market) -> None:
    CulturalStatement.objects.bulk_create(
        CulturalStatement(
            market=market,
            dimension=statement.dimension.value,
            side=statement.side.value if statement.side else "",
            scope=statement.scope.value,
            text=statement.text,
            note=statement.note,
            **_source_fields(statement.source),
        )
        for statement in source.statements
    )
    Phrase.objects.bulk_create(
        Phrase(
            market=market,
            language=phrase.language,
            phrase=phrase.phrase,
            meaning=phrase.meaning,
            urgency=phrase.urgency.value,
            **_source_fields(phrase.source),
        )
        for phrase in source.phrases
    )


def _source_fields(source: Source) -> dict[str, str | int | None]:
    who = ", ".join(filter(None, (source.practitioner, source.employer)))
    return {
        "source_title": source.title,
        "practitioner": who or source.author or "",
        "reported_year": source.reported_year,
        "source_note": source.note,
    }


def _give_neutral_calendar(market: Market, weekdays: list[int]) -> None:
    store(WorkingWeek(market=market, holds_from=dt.date(FIRST_YEAR, 1, 1), weekdays=weekdays))
    opens, closes = NEUTRAL_HOURS
    BusinessHours.objects.bulk_create(
        BusinessHours(market=market, weekday=weekday, opens=opens, closes=closes)
        for weekday in weekdays
    )


def _check_holiday_data(market: Market) -> None:
    if not has_holiday_data(market.country):
        if market.subdivision:
            raise InvalidInput({"subdivision": _("There is no holiday data for this country.")})
        return
    try:
        check_country(market.country, market.subdivision or None)
    except HolidayDataError as error:
        raise InvalidInput({"subdivision": str(error)}) from error


def _check_hours(hours: BusinessHours) -> None:
    if hours.season and hours.season.market_id != hours.market_id:
        raise InvalidInput({"season": _("This season belongs to another market.")})
    others = BusinessHours.objects.filter(
        market=hours.market, season=hours.season, weekday=hours.weekday
    ).exclude(pk=hours.pk)
    if others.filter(opens__lt=hours.closes, closes__gt=hours.opens).exists():
        raise InvalidInput({"opens": _("Other hours of this day overlap with these.")})


def _check_weeks(market: Market) -> None:
    """Make sure that a working week holds on the first day that planning may ask about."""
    if not market.workingweek_set.filter(holds_from__lte=dt.date(FIRST_YEAR, 1, 1)).exists():
        raise InvalidInput(
            {
                "holds_from": _("One working week must hold from %(day)s or before.")
                % {"day": dt.date(FIRST_YEAR, 1, 1)}
            }
        )
