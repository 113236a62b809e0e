"""Carrying out: enrolments, runs, tasks, and the planning of them."""

from engagement.models.batch import TaskBatch
from engagement.models.calendar import CalendarEntry, CalendarFeed
from engagement.models.channel import ChatChannel, SummaryDay
from engagement.models.letters import DigestDay, LetterPreference, Notice
from engagement.models.mail import IncomingMail
from engagement.models.meeting import Meeting
from engagement.models.message import SentMessage
from engagement.models.outcome import OutcomeRule
from engagement.models.planning import MarketPass, RegionPlanning
from engagement.models.run import Run, RunMove
from engagement.models.saved_view import SavedView
from engagement.models.task import Enrolment, Task, TaskPromise
from engagement.models.trigger import Trigger, TriggerFiring

__all__ = [
    "CalendarEntry",
    "CalendarFeed",
    "ChatChannel",
    "SummaryDay",
    "DigestDay",
    "Enrolment",
    "IncomingMail",
    "LetterPreference",
    "MarketPass",
    "Meeting",
    "Notice",
    "OutcomeRule",
    "RegionPlanning",
    "Run",
    "RunMove",
    "Task",
    "TaskPromise",
    "Trigger",
    "TriggerFiring",
    "SavedView",
    "SentMessage",
    "Task",
    "TaskBatch",
]
