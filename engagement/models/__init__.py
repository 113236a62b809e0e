"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run, RunMove
from engagement.models.task import Enrolment, Task

__all__ = ["Enrolment", "MarketPass", "RegionPlanning", "Run", "RunMove", "Task"]
