"""The market library: what ships with the product about each market, with its sources."""

from regions.library.loader import (
    ARTICLES,
    UnknownLibraryMarket,
    library_market,
    load_library,
    read_market,
)
from regions.library.records import (
    PLATFORM_DEFAULT,
    CulturalStatement,
    LibraryHours,
    LibraryMarket,
    LibraryPhrase,
    LibraryQuietPeriod,
    LibraryResponse,
    LibrarySeason,
    LibraryWorkingWeek,
    Scope,
    Source,
    Urgency,
)
from regions.library.tables import MarketFileError

__all__ = [
    "ARTICLES",
    "PLATFORM_DEFAULT",
    "CulturalStatement",
    "LibraryHours",
    "LibraryMarket",
    "LibraryPhrase",
    "LibraryQuietPeriod",
    "LibraryResponse",
    "LibrarySeason",
    "LibraryWorkingWeek",
    "MarketFileError",
    "Scope",
    "Source",
    "Urgency",
    "UnknownLibraryMarket",
    "library_market",
    "load_library",
    "read_market",
]
