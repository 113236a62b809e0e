"""The API of carrying out: runs, tasks, and the planning of check-ins."""

from engagement.api.calendars import CalendarFeedViewSet
from engagement.api.channels import ChatChannelViewSet
from engagement.api.letters import LetterPreferenceViewSet
from engagement.api.planning import EnrolmentViewSet, MarketPassViewSet, RegionPlanningViewSet
from engagement.api.runs import RunViewSet
from engagement.api.tasks import TaskViewSet

__all__ = [
    "CalendarFeedViewSet",
    "ChatChannelViewSet",
    "EnrolmentViewSet",
    "LetterPreferenceViewSet",
    "MarketPassViewSet",
    "RegionPlanningViewSet",
    "RunViewSet",
    "TaskViewSet",
]
