"""What a region or a market changes in a playbook, with its reasons."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from playbooks.changes import Action, Change, Reason, ReasonKind
from playbooks.choices import ACTIONS, REASON_KINDS
from playbooks.models.playbook import Playbook, PlaybookVersion
from regions.models import CulturalStatement, Market, Region
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel


class Localization(VersionedTenantModel):
    """What one region or one market changes in a playbook: worked on here, in force once published.

    ``base`` is the global version against which its changes were last looked at. ``version``
    counts the edits of the whole, its changes included.
    """

    playbook = TenantForeignKey(
        Playbook,
        models.CASCADE,
        related_name="localizations",
        verbose_name=_("playbook"),
        help_text=_("The global playbook that is changed here."),
    )
    region = TenantForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="localizations",
        verbose_name=_("region"),
        help_text=_("It holds for all markets of this region; theirs win over it."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="localizations",
        verbose_name=_("market"),
        help_text=_("It holds for this market, and wins over that of its region."),
    )
    base = TenantForeignKey(
        PlaybookVersion,
        models.PROTECT,
        editable=False,
        related_name="localizations",
        verbose_name=_("rests on version"),
    )
    note = models.TextField(
        _("note"), blank=True, help_text=_("What the others should know of this localization.")
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("localization")
        verbose_name_plural = _("localizations")
        ordering = ["id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(region=None) ^ Q(market=None),
                name="playbooks_localization_one_place",
                violation_error_message=_("Choose a region or a market."),
            ),
            models.UniqueConstraint(
                fields=["organization", "playbook", "region", "market"],
                nulls_distinct=False,
                name="playbooks_localization_once",
                violation_error_message=_("This place has a localization of the playbook."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.playbook}: {self.place}"

    @property
    def place(self) -> Market | Region:
        """The region or market that it holds for."""
        place = self.market or self.region
        assert place is not None
        return place


class LocalChange(TenantModel):
    """One change of one step, or of one of its fields, and why."""

    localization = TenantForeignKey(
        Localization, models.CASCADE, related_name="changes", verbose_name=_("localization")
    )
    action = models.CharField(
        _("what"),
        max_length=10,
        choices=ACTIONS,
        help_text=_("Whether a field is changed, or a step added, left out or brought back."),
    )
    step = models.SlugField(
        _("step"),
        max_length=60,
        blank=True,
        help_text=_("The key of the step; empty for the playbook's own name and goal."),
    )
    field = models.CharField(
        _("field"), max_length=60, blank=True, help_text=_("Which field of the step is changed.")
    )
    value = models.JSONField(
        _("value here"),
        null=True,
        blank=True,
        help_text=_("What holds here instead; empty says that it is empty here."),
    )
    reason_kind = models.CharField(
        _("kind of reason"),
        max_length=10,
        choices=REASON_KINDS,
        help_text=_("What the difference comes from."),
    )
    reason = models.TextField(
        _("reason"),
        help_text=_("Why it is done otherwise here; everybody who follows it reads it."),
    )
    evidence = models.TextField(
        _("evidence"), blank=True, help_text=_("What it rests on: a law, a report, own figures.")
    )
    statement = TenantForeignKey(
        CulturalStatement,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="local_changes",
        verbose_name=_("report in the market's profile"),
        help_text=_("The report that speaks for it, if the market's profile has one."),
    )
    author = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("author"),
    )
    since = models.DateTimeField(_("since"), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("local change")
        verbose_name_plural = _("local changes")
        ordering = ["step", "field", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "localization", "step", "field"],
                name="playbooks_localchange_once",
                violation_error_message=_("This is changed already."),
            ),
            models.CheckConstraint(
                condition=Q(action=Action.SET.value) & ~Q(field="")
                | ~Q(action=Action.SET.value) & Q(field=""),
                name="playbooks_localchange_field",
                violation_error_message=_("Name the field that is changed."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="playbooks_localchange_reason",
                violation_error_message=_("Say why it is done otherwise here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.field}".strip()

    @property
    def change(self) -> Change:
        """The change as the pure rules know it."""
        statement = str(self.statement_id or "")
        reason = Reason(ReasonKind(self.reason_kind), self.reason, self.evidence, statement)
        return Change(
            Action(self.action),
            self.step,
            reason,
            field=self.field,
            value=self.value,
            author=str(self.author_id or ""),
            since=self.since.isoformat(),
        )


class LocalizationRevision(TenantModel):
    """What a localization published: it never changes, and editions say which one they hold."""

    localization = TenantForeignKey(
        Localization, models.PROTECT, related_name="revisions", verbose_name=_("localization")
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    base = TenantForeignKey(
        PlaybookVersion,
        models.PROTECT,
        editable=False,
        related_name="revisions",
        verbose_name=_("rests on version"),
    )
    changes = models.JSONField(_("changes"), default=list, editable=False)
    published_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("published localization")
        verbose_name_plural = _("published localizations")
        ordering = ["-number", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "localization", "number"],
                name="playbooks_revision_number",
                violation_error_message=_("The localization has a revision of this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.localization} {self.number}"
