"""The API of carrying out: runs, tasks, and the planning of check-ins."""

from engagement.api.batches import TaskBatchViewSet
from engagement.api.letters import LetterPreferenceViewSet
from engagement.api.planning import EnrolmentViewSet, MarketPassViewSet, RegionPlanningViewSet
from engagement.api.runs import RunViewSet
from engagement.api.saved_views import SavedViewViewSet
from engagement.api.tasks import TaskViewSet

__all__ = [
    "EnrolmentViewSet",
    "LetterPreferenceViewSet",
    "MarketPassViewSet",
    "RegionPlanningViewSet",
    "RunViewSet",
    "SavedViewViewSet",
    "TaskBatchViewSet",
    "TaskViewSet",
]
