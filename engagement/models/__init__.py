"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.batch import TaskBatch
from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run
from engagement.models.saved_view import SavedView
from engagement.models.task import Enrolment, Task

__all__ = [
    "Enrolment",
    "MarketPass",
    "RegionPlanning",
    "Run",
    "SavedView",
    "Task",
    "TaskBatch",
]
