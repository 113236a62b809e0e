"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.calendar import CalendarEntry, CalendarFeed
from engagement.models.channel import ChatChannel, SummaryDay
from engagement.models.letters import DigestDay, LetterPreference, Notice
from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run
from engagement.models.task import Enrolment, Task

__all__ = [
    "CalendarEntry",
    "CalendarFeed",
    "ChatChannel",
    "SummaryDay",
    "DigestDay",
    "Enrolment",
    "LetterPreference",
    "MarketPass",
    "Notice",
    "RegionPlanning",
    "Run",
    "Task",
]
