"""The timeline of an account: one stream of what happened with it, the newest first.

Each source is asked for one page beyond a place in the stream, and the pages are merged; the
number of queries depends neither on how much happened nor on how far down a reader is.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Account
from engagement.choices import TimelineKind
from engagement.timeline_sources import SOURCES, Asked, Source
from engagement.timeline_telling import Entry, Teller
from regions.calendars import ONE_DAY
from regions.hours import instant
from regions.working_time import working_time

PAGE_SIZE = 50
LATEST = 10
"""How many entries the page of an account shows."""
SEPARATOR = "~"


class UnknownPlace(ValueError):
    """A cursor that is none of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the stream a page begins: behind this instant (UTC), source and row."""

    at: dt.datetime
    source: str
    pk: UUID | int

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Return the place that a cursor names.

        :raises UnknownPlace: if it is none of ours.
        """
        try:
            at, name, key = cursor.split(SEPARATOR)
            source = SOURCES[name]
            moment = dt.datetime.fromisoformat(at)
            pk = int(key) if source.is_audited else UUID(key)
        except (ValueError, KeyError) as error:
            raise UnknownPlace(cursor) from error
        if moment.tzinfo is None or isinstance(pk, int) and not 0 <= pk < 2**63:
            raise UnknownPlace(cursor)
        return cls(moment, name, pk)

    def __str__(self) -> str:
        return SEPARATOR.join((self.at.isoformat(), self.source, str(self.pk)))


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries, and the cursor of those that follow; empty after the last."""

    entries: list[Entry]
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    row: Any


def timeline_of(
    account: Account,
    *,
    now: dt.datetime,
    kinds: Collection[str] = (),
    first: dt.date | None = None,
    last: dt.date | None = None,
    after: Place | None = None,
    size: int = PAGE_SIZE,
) -> TimelinePage:
    """Return one page of what happened with ``account``, the newest first.

    ``first`` and ``last`` are local days of the customer, both included; ``now`` is UTC. Without
    ``kinds`` it tells of everything.
    """
    asked = Asked(account, frozenset(kinds or TimelineKind.values), now)
    between = _between(account, first, last)
    found: list[_Found] = []
    for name, source in SOURCES.items():
        if source.kind in asked.kinds:
            found += _read(name, source, asked, between, after, size + 1)
    found.sort(key=_order, reverse=True)
    page = found[:size]
    teller = Teller({(each.place.source, each.place.pk): each.row for each in page})
    return TimelinePage(
        [teller.entry(each.place.source, each.row) for each in page],
        str(page[-1].place) if len(found) > size else "",
    )


def _read(
    name: str, source: Source, asked: Asked, between: Q, after: Place | None, most: int
) -> list[_Found]:
    rows = source.rows(asked).filter(between)
    if after is not None:
        rows = rows.filter(_behind(name, after))
    return [
        _Found(Place(row.happened_at, name, row.pk), row)
        for row in rows.order_by("-happened_at", "-pk")[:most]
    ]


def _behind(name: str, place: Place) -> Q:
    """Return which rows of a source come after a place: ties are sorted by source, then row."""
    earlier = Q(happened_at__lt=place.at)
    if name > place.source:
        return earlier
    if name < place.source:
        return Q(happened_at__lte=place.at)
    return earlier | Q(happened_at=place.at, pk__lt=place.pk)


def _between(account: Account, first: dt.date | None, last: dt.date | None) -> Q:
    zone = working_time(account.market).zone
    between = Q()
    if first is not None:
        between &= Q(happened_at__gte=instant(first, 0, zone))
    if last is not None and last < dt.date.max:
        between &= Q(happened_at__lt=instant(last + ONE_DAY, 0, zone))
    return between


def _order(found: _Found) -> tuple[dt.datetime, str, Any]:
    place = found.place
    return place.at, place.source, place.pk
