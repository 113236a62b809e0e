"""What a market of the library consists of: value objects without behavior.

Weekdays are ISO numbers (Monday is 1), days are the market's own, minutes count from its midnight.
Every text is the library's English original.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regions.dimensions import Dimension, Side
from regions.hours import Weekly
from regions.offsets import QuietPolicy

PLATFORM_DEFAULT = "platform default"


class Scope(StrEnum):
    """Whom a report is about."""

    CUSTOMERS = "customers"
    TEAMS = "teams"


class Urgency(StrEnum):
    """How urgent a phrase is for whoever hears it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Source:
    """An article and, where there is one, the practitioner it quotes.

    ``article`` is the letter by which the library names it. ``employer`` is the practitioner's at
    the time. ``note`` limits what the report can carry.
    """

    article: str
    title: str
    author: str | None = None
    practitioner: str | None = None
    employer: str | None = None
    reported_year: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CulturalStatement:
    """One report about a market on one dimension. ``note`` is ours, not the practitioner's."""

    dimension: Dimension
    side: Side | None
    scope: Scope
    text: str
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryPhrase:
    """What a phrase may mean in a market."""

    language: str
    phrase: str
    meaning: str
    urgency: Urgency
    source: Source


@dataclass(frozen=True, slots=True)
class LibraryResponse:
    """Two clocks, kept apart: how soon we are expected to answer, and when silence means something.

    ``None``: not reported, the neutral default of ``regions.dimensions`` holds.
    """

    reply_within_hours: int | None
    gone_dark_after_days: int | None
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryWorkingWeek:
    """The weekdays worked from a day on, until the next week of the same market begins."""

    holds_from: date
    weekdays: frozenset[int]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryHours:
    """The business hours of a market outside its seasons."""

    weekly: Weekly
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibrarySeason:
    """Business hours that replace the usual ones from ``start`` to ``end``, both included."""

    name: str
    start: date
    end: date
    weekly: Weekly
    estimated: bool
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryQuietPeriod:
    """Days on which we suggest not to contact customers, both ends included."""

    name: str
    start: date
    end: date
    policy: QuietPolicy
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryMarket:
    """A market as the library describes it, ready to be adopted by an organization.

    ``region`` is a suggestion. ``languages`` are BCP 47 tags, the main one first. Lunar holidays
    later than ``confirmed_through`` are estimated; ``None`` confirms none.
    """

    code: str
    name: str
    country: str
    subdivision: str | None
    region: str
    time_zone: str
    languages: tuple[str, ...]
    currency: str
    confirmed_through: date | None
    holidays_note: str
    working_weeks: tuple[LibraryWorkingWeek, ...]
    business_hours: LibraryHours
    seasons: tuple[LibrarySeason, ...]
    quiet_periods: tuple[LibraryQuietPeriod, ...]
    response: LibraryResponse | None
    statements: tuple[CulturalStatement, ...]
    phrases: tuple[LibraryPhrase, ...]
