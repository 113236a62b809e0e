"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TaskStatus(TextChoices):
    """Where a task stands. Merged, missed and skipped ones are records of planning."""

    OPEN = "open", pgettext_lazy("task", "Open")
    SNOOZED = "snoozed", _("Moved")
    DONE = "done", _("Done")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    MERGED = "merged", _("Merged into a later one")
    MISSED = "missed", _("Missed")
    SKIPPED = "skipped", _("Skipped for a quiet period")


class Outcome(TextChoices):
    """What became of a check-in. Only a two-way contact restarts an elastic rhythm."""

    CONVERSATION = "conversation", _("We talked")
    REPLY = "reply", _("They replied in writing")
    NO_ANSWER = "no_answer", _("No answer")
    INTERNAL = "internal", _("Internal work")


class PassTrigger(TextChoices):
    """What started a planning pass."""

    SCHEDULE = "schedule", _("Daily planning")
    CHANGE = "change", _("A change")
    COMMAND = "command", _("Command line")
    ADMIN = "admin", pgettext_lazy("place", "Admin")


class PassState(TextChoices):
    """How a planning pass ended."""

    DONE = "done", _("Done")
    ALARM = "alarm", _("Considered nothing")
    FAILED = "failed", _("Failed")
