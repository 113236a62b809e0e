"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.letters import DigestDay, LetterPreference, Notice
from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run, RunMove
from engagement.models.task import Enrolment, Task
from engagement.models.trigger import Trigger, TriggerFiring

__all__ = [
    "DigestDay",
    "Enrolment",
    "LetterPreference",
    "MarketPass",
    "Notice",
    "RegionPlanning",
    "Run",
    "RunMove",
    "Task",
    "Trigger",
    "TriggerFiring",
]
