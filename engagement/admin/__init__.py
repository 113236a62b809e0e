"""The leaders' pages on runs, planning and tasks."""

from engagement.admin.letters import LetterPreferenceAdmin
from engagement.admin.planning import MarketPassAdmin, RegionPlanningAdmin
from engagement.admin.runs import RunAdmin
from engagement.admin.tasks import EnrolmentAdmin, TaskAdmin

__all__ = [
    "EnrolmentAdmin",
    "LetterPreferenceAdmin",
    "MarketPassAdmin",
    "RegionPlanningAdmin",
    "RunAdmin",
    "TaskAdmin",
]
