"""The API of regions, markets and what is known of them."""

from regions.api.calendar import (
    BusinessHoursViewSet,
    ClosureViewSet,
    ExtraWorkingDayViewSet,
    QuietPeriodViewSet,
    SeasonViewSet,
    WorkingWeekViewSet,
)
from regions.api.library import LibraryMarketViewSet
from regions.api.markets import AssignmentViewSet, MarketViewSet, RegionViewSet
from regions.api.profile import CulturalStatementViewSet, PhraseViewSet

__all__ = [
    "AssignmentViewSet",
    "BusinessHoursViewSet",
    "ClosureViewSet",
    "CulturalStatementViewSet",
    "ExtraWorkingDayViewSet",
    "LibraryMarketViewSet",
    "MarketViewSet",
    "PhraseViewSet",
    "QuietPeriodViewSet",
    "RegionViewSet",
    "SeasonViewSet",
    "WorkingWeekViewSet",
]
