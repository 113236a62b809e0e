"""Regions, markets and what is known of them."""

from regions.models.calendar import (
    BusinessHours,
    Closure,
    ExtraWorkingDay,
    QuietPeriod,
    Season,
    WorkingWeek,
)
from regions.models.market import Assignment, Market, Region
from regions.models.profile import CulturalStatement, Phrase

__all__ = [
    "Assignment",
    "BusinessHours",
    "Closure",
    "CulturalStatement",
    "ExtraWorkingDay",
    "Market",
    "Phrase",
    "QuietPeriod",
    "Region",
    "Season",
    "WorkingWeek",
]
