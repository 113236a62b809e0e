"""Closed sets of values, as people read them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from playbooks.changes import Action, ReasonKind
from playbooks.schedule import Anchor
from regions.offsets import Roll, Unit


class CadenceMode(TextChoices):
    """What the next check-in counts from."""

    ELASTIC = "elastic", _("Elastic: from the last meaningful contact")
    FIXED = "fixed", _("Fixed: from the calendar")


class WorkingDayOfMonth(TextChoices):
    """The working day of a month on which a monthly rhythm falls."""

    FIRST = "first", _("First working day of the month")
    LAST = "last", _("Last working day of the month")


class VersionStatus(TextChoices):
    """How far a version of a playbook is. A published one never changes again."""

    DRAFT = "draft", pgettext_lazy("version", "Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Priority(TextChoices):
    """How much a step matters among others on the same day."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Tone(TextChoices):
    """How the step's words sound; empty is the brand's own voice."""

    FORMAL = "formal", _("Formal")
    FRIENDLY = "friendly", _("Friendly")
    PLAIN = "plain", _("Plain and brief")


class IfPast(TextChoices):
    """What becomes of a step whose day is past when a run starts."""

    DUE_NOW = "due_now", _("Due now, in order")
    SKIP = "skip", _("Skipped")
    REFUSE = "refuse", _("The run does not start")


class HealthBand(TextChoices):
    """How an account stands."""

    GREEN = "green", _("Green")
    YELLOW = "yellow", _("Yellow")
    RED = "red", _("Red")


class MarketMove(TextChoices):
    """What becomes of runs under way whose account moves to another market."""

    GO_ON = "go_on", _("They go on, on the days of the new market")
    FINISH = "finish", _("They finish on the days of the old market")
    RESTART = "restart", _("They start anew, in the edition of the new market")


ANCHORS = [
    (Anchor.RUN_START.value, _("Start of the run")),
    (Anchor.CONTRACT_START.value, _("Start of the contract")),
    (Anchor.NOTICE_DEADLINE.value, _("Notice deadline")),
    (Anchor.RENEWAL.value, _("Renewal date")),
    (Anchor.EVENT.value, _("Date of the event")),
    (Anchor.STEP_END.value, _("End of another step")),
]

UNITS = [
    (Unit.BUSINESS_DAYS.value, _("working days")),
    (Unit.DAYS.value, _("days")),
    (Unit.WEEKS.value, _("weeks")),
    (Unit.MONTHS.value, _("months")),
]

ROLLS = [
    (Roll.FOLLOWING.value, _("To the next working day")),
    (Roll.PRECEDING.value, _("To the working day before")),
    (Roll.MODIFIED_FOLLOWING.value, _("To the next working day of the same month")),
    (Roll.MODIFIED_PRECEDING.value, _("To the working day before in the same month")),
    (Roll.NONE.value, _("Not at all")),
]

ACTIONS = [
    (Action.SET.value, _("Changed")),
    (Action.ADD.value, _("Added")),
    (Action.DROP.value, _("Left out")),
    (Action.RESTORE.value, _("Brought back")),
]

REASON_KINDS = [
    (ReasonKind.CULTURE.value, _("Culture")),
    (ReasonKind.LAW.value, _("Law")),
    (ReasonKind.LANGUAGE.value, _("Language")),
    (ReasonKind.STAFFING.value, _("Staffing")),
    (ReasonKind.PRODUCT.value, _("Product")),
    (ReasonKind.OTHER.value, pgettext_lazy("reason", "Other")),
]
