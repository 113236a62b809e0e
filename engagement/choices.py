"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.progress import Pace
from engagement.sending import Hold
from engagement.trigger_rules import TriggerKind


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
    SENT = "sent", _("Message sent")
    INTERNAL = "internal", _("Internal work")


class MessageHold(TextChoices):
    """Why a digital step does not carry itself out. All but the last ask for a person."""

    NO_CONTACT = Hold.NO_CONTACT.value, _("Nobody is the first to turn to")
    NO_ADDRESS = Hold.NO_ADDRESS.value, _("No e-mail address is known")
    OTHER_CHANNEL = Hold.OTHER_CHANNEL.value, _("Another channel is wanted")
    OPTED_OUT = Hold.OPTED_OUT.value, _("The contact wants no such messages")
    NO_CONSENT = Hold.NO_CONSENT.value, _("No consent is known")
    REFUSED = Hold.REFUSED.value, _("The message did not arrive")
    WORDS_MISSING = Hold.WORDS_MISSING.value, _("Something that the message says is not known")
    BUDGET = Hold.BUDGET.value, _("Waits: the customer has heard from us often enough")


class MeetingSource(TextChoices):
    """Through which door a meeting came to be known."""

    HAND = "hand", _("By hand")
    API = "api", _("API")
    MAIL = "mail", _("A mail in copy")


class MailResult(TextChoices):
    """What became of a mail in copy."""

    LOGGED = "logged", _("Logged as a meeting")
    KNOWN = "known", _("There already")
    AUTOMATIC = "automatic", _("Written by a machine")
    NOT_AUTHENTIC = "not_authentic", _("Nobody vouches for its sender")
    UNKNOWN_SENDER = "unknown_sender", _("From neither a member nor a contact of the account")
    NOBODY_THERE = "nobody_there", _("Nobody of the customer takes part")
    REFUSED = "refused", _("Refused")


class Sentiment(TextChoices):
    """How the customer felt about it, as whoever was in touch heard it."""

    POSITIVE = "positive", _("Positive")
    NEUTRAL = "neutral", pgettext_lazy("sentiment", "Neutral")
    NEGATIVE = "negative", _("Negative")


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
    MARKET = "market", _("A move to another market")


class MoveKind(TextChoices):
    """What moved in a run that is under way."""

    EDITION = "edition", _("To another edition")
    MARKET = "market", _("To another market")
    ANCHOR = "anchor", _("A date that steps count from")


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


class TriggerFact(TextChoices):
    """The facts on which triggers start playbooks."""

    STAGE_ENTERED = TriggerKind.STAGE_ENTERED.value, _("A lifecycle stage is entered")
    TIER_CHANGED = TriggerKind.TIER_CHANGED.value, _("The tier changes")
    MARKET_MOVED = TriggerKind.MARKET_MOVED.value, _("The account moves to another market")
    BEFORE_RENEWAL = TriggerKind.BEFORE_RENEWAL.value, _("Days before the renewal")
    AFTER_START = TriggerKind.AFTER_START.value, _("Days after the start as a customer")
    SILENT = TriggerKind.SILENT.value, _("Silence that is unusual in the market")
    MANUAL = TriggerKind.MANUAL.value, _("By hand")
    API = TriggerKind.API.value, _("By another program, through the API")


class FiringResult(TextChoices):
    """What came of an occasion: a run, or why there is none."""

    STARTED = "started", _("Started")
    COOL_DOWN = "cool_down", _("In the cool-down")
    NOT_ACTIVE = "not_active", _("Archived or churned")
    NOT_FOR_IT = "not_for_it", _("The playbook is for others")
    UNDER_WAY = "under_way", _("Under way already")
    ANCHOR_MISSING = "anchor_missing", _("A date is not known")
    STEP_PAST = "step_past", _("A step must not be late")
    NOTHING_TO_DO = "nothing_to_do", _("No step is for it")


class NoticeKind(TextChoices):
    """Of what a member is written, beside her digest."""

    HAND_OVER = "hand_over", _("Hand-over")
    MENTION = "mention", _("Mention")


class LetterKind(TextChoices):
    """A letter that a member can do without; the field of her preferences that says so."""

    DIGEST = "digest", _("The letter of the morning")
    HAND_OVERS = "hand_overs", _("Letters about hand-overs")
    MENTIONS = "mentions", _("Letters about mentions")


class TimelineKind(TextChoices):
    """Of what the timeline of an account tells."""

    TASK = "task", _("Tasks")
    RUN = "run", _("Playbooks")
    PROMISE = "promise", _("Promises")
    MEETING = "meeting", _("Meetings")
    AGREEMENT = "agreement", _("Working agreement")
    ACCOUNT = "account", pgettext_lazy("timeline", "The account itself")
