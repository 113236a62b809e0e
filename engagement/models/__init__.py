"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.batch import TaskBatch
from engagement.models.letters import DigestDay, LetterPreference, Notice
from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run
from engagement.models.saved_view import SavedView
from engagement.models.task import Enrolment, Task

__all__ = [
    "DigestDay",
    "Enrolment",
    "LetterPreference",
    "MarketPass",
    "Notice",
    "RegionPlanning",
    "Run",
    "SavedView",
    "Task",
    "TaskBatch",
]
