"""What customer success is for here, how it is measured, and what no market may break."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.choices import GUARDRAIL_KINDS, MOTIONS, SEVERITIES, Better, KpiUnit
from governance.vocabulary import Severity
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel
from toolkit.errors import DomainError


class PhilosophyIsPublished(DomainError):
    """A published text stays as it is; a new one takes its place."""


class Philosophy(TenantModel):
    """What customer success is for here; the newest holds, the older ones stay to be read."""

    number = models.PositiveIntegerField(_("number"), editable=False)
    text = models.TextField(
        _("text"),
        max_length=20_000,
        help_text=_(
            "What customers can rely on from you, whatever the market. Markdown. Every CSM reads "
            "it."
        ),
    )
    published_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("philosophy")
        verbose_name_plural = _("philosophy")
        ordering = ["-number"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "number"], name="governance_philosophy_number"
            ),
        ]

    def __str__(self) -> str:
        return _t("Philosophy %(number)d") % {"number": self.number}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new text.

        :raises PhilosophyIsPublished: for one that is there.
        """
        if not self._state.adding:
            raise PhilosophyIsPublished(_t("A published text stays as it is. Publish a new one."))
        super().save(*args, **kwargs)


class Principle(VersionedTenantModel):
    """One sentence that holds everywhere, and why."""

    position = models.PositiveSmallIntegerField(
        _("position"),
        default=0,
        help_text=_("Principles are read in this order; equal numbers by their title."),
    )
    title = models.CharField(
        _("title"), max_length=200, help_text=_("The principle in a few words, as people quote it.")
    )
    text = models.TextField(
        _("text"), max_length=2000, help_text=_("What it means at work, in every market.")
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where it comes from, so that others can read more."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("principle")
        verbose_name_plural = _("principles")
        ordering = ["position", "title", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "title"],
                name="governance_principle_title",
                violation_error_message=_("There is a principle with this title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class VoiceTrait(VersionedTenantModel):
    """How we sound to customers; a market may vary some of it."""

    key = models.SlugField(
        _("key"),
        max_length=50,
        help_text=_("Short and stable, such as formality: programs name the trait by it."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("As your people say it, such as Formality.")
    )
    description = models.TextField(
        _("description"),
        max_length=2000,
        help_text=_("How one hears it in a letter or a talk, with what would be wrong."),
    )
    is_local = models.BooleanField(
        _("may vary by market"),
        default=False,
        help_text=_("Whether a market may word it in its own way. Otherwise it holds everywhere."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("trait of the brand voice")
        verbose_name_plural = _("traits of the brand voice")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="governance_voicetrait_key",
                violation_error_message=_("There is a trait with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VoiceVariation(VersionedTenantModel):
    """How a trait sounds in one market, and why it differs there."""

    trait = TenantForeignKey(
        VoiceTrait,
        models.PROTECT,
        related_name="variations",
        verbose_name=_("trait"),
        help_text=_("Only traits that may vary by market can be chosen."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        related_name="voice_variations",
        verbose_name=_("market"),
        help_text=_("It holds for what is written and said to customers of this market."),
    )
    wording = models.TextField(
        _("wording"),
        max_length=2000,
        help_text=_("How the trait is meant in this market, instead of everywhere else."),
    )
    reason = models.TextField(
        _("reason"),
        max_length=2000,
        help_text=_("Why it differs here: who asked for it, or what was tried."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("local variation of the voice")
        verbose_name_plural = _("local variations of the voice")
        ordering = ["trait", "market", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "trait", "market"],
                name="governance_voicevariation_once",
                violation_error_message=_("This market varies the trait already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trait}, {self.market}"


class KpiDefinition(VersionedTenantModel):
    """What a figure means, and what it should be."""

    key = models.SlugField(
        _("key"),
        max_length=30,
        help_text=_("Short and stable, such as nrr: programs name the KPI by it."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Written out, with its abbreviation.")
    )
    unit = models.CharField(
        _("unit"),
        max_length=10,
        choices=KpiUnit.choices,
        help_text=_("What its values and targets are counted in."),
    )
    direction = models.CharField(
        _("direction"),
        max_length=5,
        choices=Better.choices,
        default=Better.UP.value,
        help_text=_("Which way is good: a target is met on that side of it."),
    )
    formula = models.TextField(
        _("formula in words"),
        max_length=2000,
        help_text=_("What is divided by what, over which period, and what is left out."),
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where the definition comes from, so that others count the same way."),
    )
    target = models.DecimalField(
        _("target"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("For all markets that have none of their own. Empty: it is watched only."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("KPI")
        verbose_name_plural = _("KPIs")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="governance_kpi_key",
                violation_error_message=_("There is a KPI with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KpiTarget(VersionedTenantModel):
    """What a KPI should be in one market, and why it differs there."""

    kpi = TenantForeignKey(
        KpiDefinition,
        models.PROTECT,
        related_name="targets",
        verbose_name=_("KPI"),
        help_text=_("The figure that has another target in this market."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        related_name="kpi_targets",
        verbose_name=_("market"),
        help_text=_("The target holds here instead of the one for all markets."),
    )
    value = models.DecimalField(
        _("target"),
        max_digits=12,
        decimal_places=2,
        help_text=_("In the unit of the KPI."),
    )
    reason = models.TextField(
        _("reason"),
        max_length=2000,
        help_text=_("Why this market is measured otherwise: its baseline, its stage, its law."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("target of a market")
        verbose_name_plural = _("targets of markets")
        ordering = ["kpi", "market", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "kpi", "market"],
                name="governance_kpitarget_once",
                violation_error_message=_("This market has a target for the KPI already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}, {self.market}"


class Guardrail(VersionedTenantModel):
    """A rule that playbooks may not break, for all of them, one motion or one playbook."""

    name = models.CharField(
        _("name"), max_length=200, help_text=_("As leaders call the rule in lists and reports.")
    )
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=GUARDRAIL_KINDS,
        help_text=_("What is looked at; each kind asks for its own numbers below."),
    )
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_("The numbers and names that this kind of rule needs."),
    )
    severity = models.CharField(
        _("severity"),
        max_length=10,
        choices=SEVERITIES,
        default=Severity.WARNING.value,
        help_text=_("Whether a broken rule stops publishing or is only pointed out."),
    )
    motion = models.CharField(
        _("motion"),
        max_length=20,
        choices=MOTIONS,
        blank=True,
        help_text=_("It holds for playbooks of this motion only. Empty: for every motion."),
    )
    playbook_key = models.SlugField(
        _("key of a playbook"),
        max_length=60,
        blank=True,
        help_text=_("It holds for this playbook only. Empty: for every playbook."),
    )
    protects = models.CharField(
        _("what it protects"),
        max_length=500,
        help_text=_(
            "One plain sentence. It is what a leader reads when a playbook breaks the rule."
        ),
    )
    is_active = models.BooleanField(
        _("in force"),
        default=True,
        help_text=_("Whether playbooks are judged by it. Switched off, it is kept for later."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("guardrail")
        verbose_name_plural = _("guardrails")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="governance_guardrail_name",
                violation_error_message=_("There is a guardrail with this name."),
            ),
            models.CheckConstraint(
                condition=Q(motion="") | Q(playbook_key=""),
                name="governance_guardrail_one_scope",
                violation_error_message=_("Choose a motion or a playbook, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GovernanceSettings(VersionedTenantModel):
    """What an organization chose for itself; one without a row has the defaults.

    How playbooks are approved, and whether figures about single employees are shown.
    """

    second_person_approves = models.BooleanField(
        _("a second person approves"),
        default=False,
        help_text=_("Whether somebody else than its author must approve a version of a playbook."),
    )
    figures_about_people = models.BooleanField(
        _("figures about single employees"),
        default=False,
        help_text=_(
            "Whether those who lead see how much each person has to do. Off: they see markets and "
            "regions only, and everybody sees her own. Ask who speaks for the employees first."
        ),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("settings of the organization")
        verbose_name_plural = _("settings of the organization")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization"],
                name="governance_settings_once",
                violation_error_message=_(
                    "The organization has its settings already. Change them."
                ),
            ),
        ]

    def __str__(self) -> str:
        return _t("Settings of the organization")
