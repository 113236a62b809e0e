"""The API of carrying out: runs, tasks, and the planning of check-ins."""

from engagement.api.batches import TaskBatchViewSet
from engagement.api.calendars import CalendarFeedViewSet
from engagement.api.channels import ChatChannelViewSet
from engagement.api.letters import LetterPreferenceViewSet
from engagement.api.load import TeamLoadViewSet
from engagement.api.mails import IncomingMailViewSet
from engagement.api.meetings import CheckInViewSet, MeetingViewSet
from engagement.api.outcomes import OutcomeRuleViewSet
from engagement.api.planning import EnrolmentViewSet, MarketPassViewSet, RegionPlanningViewSet
from engagement.api.runs import RunViewSet
from engagement.api.saved_views import SavedViewViewSet
from engagement.api.tasks import TaskViewSet
from engagement.api.timeline import AccountViewSet
from engagement.api.triggers import TriggerFiringViewSet, TriggerViewSet

__all__ = [
    "AccountViewSet",
    "CalendarFeedViewSet",
    "ChatChannelViewSet",
    "CheckInViewSet",
    "EnrolmentViewSet",
    "IncomingMailViewSet",
    "LetterPreferenceViewSet",
    "MarketPassViewSet",
    "MeetingViewSet",
    "OutcomeRuleViewSet",
    "RegionPlanningViewSet",
    "RunViewSet",
    "SavedViewViewSet",
    "TaskBatchViewSet",
    "TaskViewSet",
    "TeamLoadViewSet",
    "TriggerFiringViewSet",
    "TriggerViewSet",
]
