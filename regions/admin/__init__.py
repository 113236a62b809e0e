"""The leaders' pages on regions and markets."""

from regions.admin.markets import MarketAdmin, RegionAdmin
from regions.admin.profile import CulturalStatementAdmin

__all__ = ["CulturalStatementAdmin", "MarketAdmin", "RegionAdmin"]
