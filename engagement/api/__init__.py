"""The API of carrying out: runs, tasks, and the planning of check-ins."""

from engagement.api.letters import LetterPreferenceViewSet
from engagement.api.planning import EnrolmentViewSet, MarketPassViewSet, RegionPlanningViewSet
from engagement.api.runs import RunViewSet
from engagement.api.tasks import TaskViewSet
from engagement.api.triggers import TriggerFiringViewSet, TriggerViewSet

__all__ = [
    "EnrolmentViewSet",
    "LetterPreferenceViewSet",
    "MarketPassViewSet",
    "RegionPlanningViewSet",
    "RunViewSet",
    "TaskViewSet",
    "TriggerFiringViewSet",
    "TriggerViewSet",
]
