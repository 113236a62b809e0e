"""The leaders' pages on runs, planning and tasks."""

from engagement.admin.calendars import CalendarFeedAdmin
from engagement.admin.channels import ChatChannelAdmin
from engagement.admin.letters import LetterPreferenceAdmin
from engagement.admin.mails import IncomingMailAdmin
from engagement.admin.meetings import MeetingAdmin
from engagement.admin.outcomes import OutcomeRuleAdmin
from engagement.admin.planning import MarketPassAdmin, RegionPlanningAdmin
from engagement.admin.runs import RunAdmin
from engagement.admin.tasks import EnrolmentAdmin, TaskAdmin
from engagement.admin.triggers import TriggerAdmin, TriggerFiringAdmin

__all__ = [
    "CalendarFeedAdmin",
    "ChatChannelAdmin",
    "EnrolmentAdmin",
    "IncomingMailAdmin",
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
