"""The global template of a motion, and its versions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import Complexity, Stage, Tier
from governance.choices import MOTIONS
from playbooks.choices import MarketMove, VersionStatus
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel

STAGES = [choice for choice in Stage.choices if choice[0] != Stage.CHURNED]
FINAL = (VersionStatus.PUBLISHED.value, VersionStatus.RETIRED.value)
"""The statuses in which the database itself keeps a version as it is."""
EDITED = (VersionStatus.DRAFT.value, VersionStatus.IN_REVIEW.value)


class Playbook(VersionedTenantModel):
    """The organization's one way of carrying out a motion; places localize it."""

    key = models.SlugField(
        _("key"),
        max_length=60,
        help_text=_(
            "Short and stable, such as onboarding: files, guardrails and programs name it."
        ),
    )
    motion = models.CharField(
        _("motion"),
        max_length=20,
        choices=MOTIONS,
        help_text=_("What it is for in a customer's life; guardrails may hold for one motion."),
    )
    on_market_move = models.CharField(
        _("when an account moves to another market"),
        max_length=10,
        choices=MarketMove.choices,
        default=MarketMove.GO_ON.value,
        db_default=MarketMove.GO_ON.value,
        help_text=_(
            "What becomes of runs that are under way then. One that cannot start anew goes on, "
            "and says why."
        ),
    )
    allows_several = models.BooleanField(
        _("several at a time"),
        default=False,
        db_default=False,
        help_text=_(
            "Whether it may run more than once for an account at the same time, such as a training "
            "for each new team; each run then begins on a day of its own."
        ),
    )
    library_key = models.CharField(_("from the library"), max_length=60, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        ordering = ["key", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="playbooks_playbook_key",
                violation_error_message=_("There is a playbook with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PlaybookVersion(VersionedTenantModel):
    """One version of a playbook: edited as a draft, and never again once it is published.

    ``version`` counts the edits of the whole, its steps included; ``number`` is what people call
    it.
    """

    playbook = TenantForeignKey(
        Playbook, models.CASCADE, related_name="versions", verbose_name=_("playbook")
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=VersionStatus.choices,
        default=VersionStatus.DRAFT.value,
        editable=False,
    )
    name = models.CharField(
        _("name"), max_length=200, help_text=_("What leaders and CSMs call the playbook.")
    )
    goal = models.TextField(
        _("goal"), help_text=_("What the customer has at the end of it, in one paragraph.")
    )
    tiers = ArrayField(
        models.CharField(max_length=10, choices=Tier.choices),
        default=list,
        blank=True,
        verbose_name=_("tiers"),
        help_text=_("For accounts of these tiers; none chosen: of any."),
    )
    stages = ArrayField(
        models.CharField(max_length=20, choices=STAGES),
        default=list,
        blank=True,
        verbose_name=_("lifecycle stages"),
        help_text=_("For accounts in these stages; none chosen: in any."),
    )
    complexities = ArrayField(
        models.CharField(max_length=10, choices=Complexity.choices),
        default=list,
        blank=True,
        verbose_name=_("product complexity"),
        help_text=_("For customers of products this hard; none chosen: of any."),
    )
    change_note = models.TextField(
        _("what is new"),
        blank=True,
        help_text=_("What changes for those who follow it, and why; markets read it first."),
    )
    created_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    submitted_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    decided_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("decided by"),
    )
    decision_comment = models.TextField(_("comment"), blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("version of a playbook")
        verbose_name_plural = _("versions of playbooks")
        ordering = ["-number", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "playbook", "number"],
                name="playbooks_version_number",
                violation_error_message=_("The playbook has a version of this number."),
            ),
            models.UniqueConstraint(
                fields=["organization", "playbook"],
                condition=Q(status__in=EDITED),
                name="playbooks_version_one_draft",
                violation_error_message=_("Another version is being worked on already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "playbook"],
                condition=Q(status=VersionStatus.PUBLISHED.value),
                name="playbooks_version_one_published",
                violation_error_message=_("Another version is the published one."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=EDITED) | Q(published_at__isnull=False),
                name="playbooks_version_published_at",
                violation_error_message=_("A published version needs the time of publication."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
