"""Closed sets of values, as people read them."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regions.dimensions import Dimension, Side
from regions.library import Scope, Urgency
from regions.offsets import QuietPolicy


class MarketStatus(TextChoices):
    """How far the organization is in a market."""

    PLANNED = "planned", _("Planned")
    PREPARING = "preparing", _("Preparing")
    OPEN = "open", pgettext_lazy("market", "Open")


class Weekday(IntegerChoices):
    """ISO weekdays."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


QUIET_POLICIES = [
    (QuietPolicy.AFTER.value, _("Move contact after the period")),
    (QuietPolicy.BEFORE.value, _("Bring contact forward")),
    (QuietPolicy.SKIP.value, _("Skip the contact")),
]

URGENCIES = [
    (Urgency.LOW.value, _("Low")),
    (Urgency.NORMAL.value, _("Normal")),
    (Urgency.HIGH.value, _("High")),
]

SCOPES = [
    (Scope.CUSTOMERS.value, _("About customers")),
    (Scope.TEAMS.value, _("About teams there")),
]

DIMENSIONS = [
    (Dimension.VOICE_AND_TONE.value, _("Voice and tone")),
    (Dimension.RESPONSE_TIME.value, _("Response time")),
    (Dimension.COMMUNICATION_PATTERN.value, _("Communication pattern")),
    (Dimension.MEETING_STYLE.value, _("Meeting style")),
    (Dimension.LANGUAGE.value, _("Language")),
    (Dimension.DECISION_MAKING.value, _("Decision making")),
    (Dimension.TRUST.value, _("Trust")),
    (Dimension.CS_MATURITY.value, _("Maturity of customer success")),
    (Dimension.PACE_AND_AUTOMATION.value, _("Pace and automation")),
    (Dimension.VALUE.value, _("What counts as value")),
]

SIDES = [
    (Side.FORMAL.value, _("Formal")),
    (Side.INFORMAL.value, _("Informal")),
    (Side.IMMEDIATE.value, _("Immediate")),
    (Side.ELASTIC.value, _("Elastic")),
    (Side.DIRECT.value, _("Direct")),
    (Side.INDIRECT.value, _("Indirect")),
    (Side.IN_PERSON.value, _("In person")),
    (Side.REMOTE.value, _("Remote")),
    (Side.CSM_LEARNS_LANGUAGE.value, _("The CSM learns the language")),
    (Side.INTERPRETER.value, _("Interpreter")),
    (Side.LOCAL_CSM.value, _("Local CSM")),
    (Side.HIERARCHICAL.value, _("Hierarchical")),
    (Side.DECENTRALIZED.value, _("Decentralized")),
    (Side.INDIVIDUAL.value, _("Individual")),
    (Side.GROUP.value, _("Group")),
    (Side.EVIDENCE.value, _("Evidence")),
    (Side.CONTINUITY.value, _("Continuity")),
    (Side.NEW.value, _("New")),
    (Side.ESTABLISHED.value, _("Established")),
    (Side.AUTOMATED.value, _("Automated")),
    (Side.PERSONAL.value, _("Personal")),
    (Side.EFFICIENCY.value, _("Efficiency")),
    (Side.RELIABILITY.value, _("Reliability")),
    (Side.LOWER_RISK.value, _("Less risk")),
    (Side.EXECUTIVE_VISIBILITY.value, _("Visibility to executives")),
    (Side.LONG_PARTNERSHIP.value, _("Long partnership")),
]
