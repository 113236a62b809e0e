"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.progress import Pace


class TaskStatus(TextChoices):
    """Where a task stands. Merged, missed and skipped ones are records of planning."""

    WAITING = "waiting", _("Waiting for another task")
    OPEN = "open", pgettext_lazy("task", "Open")
    SNOOZED = "snoozed", _("Moved")
    DONE = "done", _("Done")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    MERGED = "merged", _("Merged into a later one")
    MISSED = "missed", _("Missed")
    SKIPPED = "skipped", _("Skipped for a quiet period")
    PAUSED = "paused", _("Held with its run")
    CANCELLED = "cancelled", _("Cancelled with its run")


class Outcome(TextChoices):
    """What became of a check-in. Only a two-way contact restarts an elastic rhythm."""

    CONVERSATION = "conversation", _("We talked")
    REPLY = "reply", _("They replied in writing")
    NO_ANSWER = "no_answer", _("No answer")
    INTERNAL = "internal", _("Internal work")


class RunStatus(TextChoices):
    """Where a run stands."""

    ACTIVE = "active", pgettext_lazy("run", "Under way")
    PAUSED = "paused", _("Paused")
    DONE = "done", pgettext_lazy("run", "Done")
    CANCELLED = "cancelled", pgettext_lazy("run", "Cancelled")


UNDER_WAY = (RunStatus.ACTIVE.value, RunStatus.PAUSED.value)
"""A run that has not ended."""


class Progress(TextChoices):
    """How a run goes: by its tasks, compared with their days."""

    ON_TRACK = Pace.ON_TRACK.value, _("On track")
    BEHIND = Pace.BEHIND.value, _("Behind")
    STUCK = Pace.STUCK.value, _("Stuck")


class RunCause(TextChoices):
    """What started a run."""

    HAND = "hand", _("By hand")
    TRIGGER = "trigger", _("A trigger")


class Show(TextChoices):
    """Whose tasks a list shows."""

    MINE = "mine", _("Mine")
    UNOWNED = "unowned", _("Unowned")
    MY_REGION = "region", _("My region")
    EVERYTHING = "all", _("Everything")


class Grouping(TextChoices):
    """What a list of tasks is divided by, where it is not by the day."""

    ACCOUNT = "account", _("By account")
    MARKET = "market", _("By market")
    MOTION = "motion", _("By occasion")


class Visibility(TextChoices):
    """Who sees a saved view. A team are those who work in a market together."""

    MINE = "mine", _("Only me")
    TEAM = "team", _("My team")
    SHARED = "shared", _("Everybody")


class BulkAction(TextChoices):
    """What can be done with many tasks at once."""

    COMPLETE = "complete", _("Done")
    HAND_OVER = "hand_over", _("Hand over")
    SNOOZE = "snooze", _("Move to a day")
    SHIFT = "shift", _("Move by working days")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


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


class NoticeKind(TextChoices):
    """Of what a member is written, beside her digest."""

    HAND_OVER = "hand_over", _("Hand-over")
    MENTION = "mention", _("Mention")


class LetterKind(TextChoices):
    """A letter that a member can do without; the field of her preferences that says so."""

    DIGEST = "digest", _("The letter of the morning")
    HAND_OVERS = "hand_overs", _("Letters about hand-overs")
    MENTIONS = "mentions", _("Letters about mentions")
