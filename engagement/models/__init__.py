"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run
from engagement.models.task import Enrolment, Task
from engagement.models.trigger import Trigger, TriggerFiring

__all__ = [
    "Enrolment",
    "MarketPass",
    "RegionPlanning",
    "Run",
    "Task",
    "Trigger",
    "TriggerFiring",
]
