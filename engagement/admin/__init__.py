"""The leaders' pages on planning and its tasks."""

from engagement.admin.planning import MarketPassAdmin, RegionPlanningAdmin
from engagement.admin.tasks import EnrolmentAdmin, TaskAdmin

__all__ = ["EnrolmentAdmin", "MarketPassAdmin", "RegionPlanningAdmin", "TaskAdmin"]
