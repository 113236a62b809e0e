"""Closed sets of values, as people read them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.vocabulary import Motion, Severity, Stakeholder, StepField, StepKind

MOTIONS = [
    (Motion.ONBOARDING.value, _("Onboarding")),
    (Motion.ADOPTION.value, _("Adoption")),
    (Motion.BUSINESS_REVIEW.value, _("Business review")),
    (Motion.RENEWAL.value, _("Renewal")),
    (Motion.EXPANSION.value, _("Expansion")),
    (Motion.ESCALATION.value, _("Escalation")),
    (Motion.RISK.value, _("Risk")),
    (Motion.RE_ENGAGEMENT.value, _("Re-engagement")),
    (Motion.SPONSOR_CHANGE.value, _("Sponsor change")),
]

STEP_KINDS = [
    (StepKind.CALL.value, _("Call")),
    (StepKind.VIDEO.value, _("Video call")),
    (StepKind.IN_PERSON.value, _("In person")),
    (StepKind.EMAIL.value, _("E-mail")),
    (StepKind.MESSAGE.value, _("Message")),
    (StepKind.SURVEY.value, _("Survey")),
    (StepKind.INTERNAL.value, pgettext_lazy("step", "Internal")),
    (StepKind.BUSINESS_REVIEW.value, _("Business review")),
    (StepKind.TRAINING.value, _("Training")),
    (StepKind.DIGITAL.value, pgettext_lazy("step", "Digital")),
    (StepKind.EXPANSION.value, _("Expansion")),
]

STEP_FIELDS = [
    (StepField.POSITION.value, _("Position")),
    (StepField.TITLE.value, _("Title")),
    (StepField.INSTRUCTIONS.value, _("Instructions")),
    (StepField.OUTCOME.value, _("Outcome for the customer")),
    (StepField.KIND.value, _("Kind")),
    (StepField.OWNER_ROLE.value, _("Owner role")),
    (StepField.CHANNEL.value, _("Channel")),
    (StepField.ANCHOR.value, _("Counts from")),
    (StepField.ANCHOR_STEP.value, _("The step it counts from")),
    (StepField.OFFSET.value, _("Distance")),
    (StepField.UNIT.value, _("Unit")),
    (StepField.ROLL.value, _("Where a day off moves it")),
    (StepField.DURATION_MINUTES.value, _("Duration (minutes)")),
    (StepField.PRIORITY.value, _("Priority")),
    (StepField.REQUIRED.value, _("Required")),
    (StepField.DEPENDS_ON.value, _("Waits for")),
    (StepField.CONDITION.value, _("Only for")),
    (StepField.CHECKLIST.value, _("Checklist")),
    (StepField.MESSAGE.value, _("Message")),
    (StepField.TONE.value, _("Tone")),
    (StepField.ASSUMPTION.value, _("Cultural assumption")),
    (StepField.STAKEHOLDERS.value, _("Reaches")),
    (StepField.IF_PAST.value, _("If its day is past at the start")),
    (StepField.TRANSLATIONS.value, _("Translations")),
]

STAKEHOLDERS = [
    (Stakeholder.USERS.value, _("Users")),
    (Stakeholder.CHAMPION.value, _("Champion")),
    (Stakeholder.DECISION_MAKER.value, _("Decision maker")),
    (Stakeholder.SENIOR_SPONSOR.value, _("Senior sponsor")),
    (Stakeholder.GROUP.value, _("All who have a say, gathered")),
]

SEVERITIES = [
    (Severity.ERROR.value, _("Error: stops publishing")),
    (Severity.WARNING.value, _("Warning: is shown")),
]

GUARDRAIL_KINDS = [
    ("step_required", _("A step is required")),
    ("field_locked", _("A field is locked")),
    ("field_bounded", _("A field has bounds")),
    ("expansion_share", _("Share of steps that look for expansion")),
    ("owner_role", _("Every step has an owner role")),
    ("sponsor_reached", _("A senior sponsor is reached")),
    ("group_gathered", _("The group is gathered")),
    ("first_contact", _("First contact in time")),
    ("kind_before", _("One kind of step before another")),
    ("total_length", _("Total length")),
    ("touches_per_week", _("Contacts in a week")),
]


class KpiUnit(TextChoices):
    """What a KPI is counted in."""

    PERCENT = "percent", _("Percent")
    DAYS = "days", _("Days")
    POINTS = "points", _("Points")
    COUNT = "count", _("Count")


class Better(TextChoices):
    """Which way a KPI should go."""

    UP = "up", _("Higher is better")
    DOWN = "down", _("Lower is better")
