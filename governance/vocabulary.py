"""The words that playbooks and guardrails share: motions, kinds of steps, who is reached.

Pure. Codes only: what a person reads stands in ``governance.choices``.
"""

from enum import StrEnum


class Motion(StrEnum):
    """What a playbook is for in a customer's life."""

    ONBOARDING = "onboarding"
    ADOPTION = "adoption"
    BUSINESS_REVIEW = "business_review"
    RENEWAL = "renewal"
    EXPANSION = "expansion"
    ESCALATION = "escalation"
    RISK = "risk"
    RE_ENGAGEMENT = "re_engagement"
    SPONSOR_CHANGE = "sponsor_change"


class StepKind(StrEnum):
    """What is done in a step."""

    CALL = "call"
    VIDEO = "video"
    IN_PERSON = "in_person"
    EMAIL = "email"
    MESSAGE = "message"
    SURVEY = "survey"
    INTERNAL = "internal"
    BUSINESS_REVIEW = "business_review"
    TRAINING = "training"
    DIGITAL = "digital"
    EXPANSION = "expansion"


class StepField(StrEnum):
    """What is said of a step, by the names that guardrails, files and programs use."""

    POSITION = "position"
    TITLE = "title"
    INSTRUCTIONS = "instructions"
    OUTCOME = "outcome"
    KIND = "kind"
    OWNER_ROLE = "owner_role"
    CHANNEL = "channel"
    ANCHOR = "anchor"
    ANCHOR_STEP = "anchor_step"
    OFFSET = "offset"
    UNIT = "unit"
    ROLL = "roll"
    DURATION_MINUTES = "duration_minutes"
    PRIORITY = "priority"
    REQUIRED = "required"
    DEPENDS_ON = "depends_on"
    CONDITION = "condition"
    CHECKLIST = "checklist"
    MESSAGE = "message"
    TONE = "tone"
    ASSUMPTION = "assumption"
    STAKEHOLDERS = "stakeholders"
    IF_PAST = "if_past"
    TRANSLATIONS = "translations"


CONTACT_KINDS = frozenset(StepKind) - {StepKind.INTERNAL}
"""The kinds in which the customer hears from us."""


class Stakeholder(StrEnum):
    """Whom on the customer's side a step reaches."""

    USERS = "users"
    CHAMPION = "champion"
    DECISION_MAKER = "decision_maker"
    SENIOR_SPONSOR = "senior_sponsor"
    GROUP = "group"
    """All who have a say, gathered."""


class Severity(StrEnum):
    """What a broken rule leads to: an error stops publishing, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"
