"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Tier(TextChoices):
    """How much attention an account's revenue carries."""

    TIER_1 = "tier_1", _("Tier 1: high touch")
    TIER_2 = "tier_2", _("Tier 2: mid touch")
    TIER_3 = "tier_3", _("Tier 3: digital")


class Stage(TextChoices):
    """Where a customer is in its life with us. Nothing is planned for a churned one."""

    ONBOARDING = "onboarding", _("Onboarding")
    ADOPTION = "adoption", _("Adoption")
    VALUE = "value", _("Value")
    RENEWAL = "renewal", _("Renewal")
    CHURNED = "churned", _("Churned")


class Changed(TextChoices):
    """What of an account is kept track of."""

    STAGE = "stage", _("Lifecycle stage")
    TIER = "tier", _("Tier")
    MARKET = "market", _("Market")


class Complexity(TextChoices):
    """How much of the product a customer uses, and how hard that part is to master."""

    LOW = "low", _("Low: a few features, used alike by all")
    MEDIUM = "medium", _("Medium: several teams or modules")
    HIGH = "high", _("High: integrations, own workflows or many modules")


class AttributeKind(TextChoices):
    """What the values of a declared attribute are."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("One of several")


class Channel(TextChoices):
    """How we are in touch."""

    IN_PERSON = "in_person", _("In person")
    CALL = "call", _("Call")
    VIDEO = "video", _("Video call")
    EMAIL = "email", _("E-mail")
    MESSAGE = "message", _("Message")


class ConsentState(TextChoices):
    """Whether the person behind an address wants automatic messages."""

    GIVEN = "given", pgettext_lazy("consent", "Given")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class ConsentSource(TextChoices):
    """Through which door it came to be known."""

    HAND = "hand", _("By hand")
    API = "api", _("API")
    LINK = "link", _("The link in a message")


class PromiseStatus(TextChoices):
    """What became of a promise. One that was renegotiated stays open, with another day."""

    OPEN = "open", pgettext_lazy("promise", "Open")
    KEPT = "kept", pgettext_lazy("promise", "Kept")
    BROKEN = "broken", pgettext_lazy("promise", "Broken")


class ImportStatus(TextChoices):
    """How far the import of a file is."""

    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


RUNNING = (ImportStatus.CHECKING, ImportStatus.IMPORTING)
"""What a worker has to do, or is doing."""


class ProposalStatus(TextChoices):
    """What became of what a customer proposed."""

    OPEN = "open", _("Waits for a decision")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REPLACED = "replaced", _("Replaced by a later one")


class RhythmUnit(TextChoices):
    """What a rhythm counts."""

    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


LONGEST_PERIOD: dict[str, int] = {
    RhythmUnit.DAYS: 3650,
    RhythmUnit.WEEKS: 520,
    RhythmUnit.MONTHS: 120,
}
"""Ten years, in each unit of a rhythm."""
