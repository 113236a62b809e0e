"""The leaders' pages on runs, planning and tasks."""

from engagement.admin.letters import LetterPreferenceAdmin
from engagement.admin.meetings import MeetingAdmin
from engagement.admin.outcomes import OutcomeRuleAdmin
from engagement.admin.planning import MarketPassAdmin, RegionPlanningAdmin
from engagement.admin.runs import RunAdmin
from engagement.admin.tasks import EnrolmentAdmin, TaskAdmin
from engagement.admin.triggers import TriggerAdmin, TriggerFiringAdmin

__all__ = [
    "EnrolmentAdmin",
    "LetterPreferenceAdmin",
    "MarketPassAdmin",
    "MeetingAdmin",
    "OutcomeRuleAdmin",
    "RegionPlanningAdmin",
    "RunAdmin",
    "TaskAdmin",
    "TriggerAdmin",
    "TriggerFiringAdmin",
]
