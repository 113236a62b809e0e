"""The resolved playbook of one market: what is carried out there, and who says so."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from playbooks.models.localization import LocalizationRevision
from playbooks.models.playbook import Playbook, PlaybookVersion
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel


class Edition(TenantModel):
    """A version with the localizations of region and market laid over it. It never changes.

    The one with the highest number is in force; runs keep the one they were started with.
    """

    playbook = TenantForeignKey(
        Playbook, models.PROTECT, related_name="editions", indexed=False, verbose_name=_("playbook")
    )
    market = TenantForeignKey(
        Market, models.PROTECT, related_name="editions", verbose_name=_("market")
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    playbook_version = TenantForeignKey(
        PlaybookVersion, models.PROTECT, related_name="editions", verbose_name=_("global version")
    )
    region_revision = TenantForeignKey(
        LocalizationRevision,
        models.PROTECT,
        null=True,
        related_name="editions_of_region",
        verbose_name=_("localization of the region"),
    )
    market_revision = TenantForeignKey(
        LocalizationRevision,
        models.PROTECT,
        null=True,
        related_name="editions_of_market",
        verbose_name=_("localization of the market"),
    )
    header = models.JSONField(_("name and goal"), default=dict, editable=False)
    """The playbook's own fields and their origins, as a step's."""
    dropped = models.JSONField(_("steps left out"), default=dict, editable=False)
    """By key: the title of the step, and who left it out and why."""
    findings = models.JSONField(_("warnings"), default=list, editable=False)
    """The warnings of guardrails that stood when it was published."""
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-number", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            # The one in force is found by it, too.
            models.UniqueConstraint(
                fields=["organization", "playbook", "market", "number"],
                name="playbooks_edition_number",
                violation_error_message=_("The market has an edition of this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.playbook} {self.market} {self.number}"


class EditionStep(TenantModel):
    """One step of an edition; ``origins`` say of every field whose word it is, and why."""

    edition = TenantForeignKey(
        Edition, models.PROTECT, related_name="steps", verbose_name=_("edition")
    )
    key = models.SlugField(_("key"), max_length=60, editable=False)
    position = models.PositiveIntegerField(_("position"), editable=False)
    fields = models.JSONField(_("fields"), default=dict, editable=False)
    origins = models.JSONField(_("origins"), default=dict, editable=False)
    """Of the fields that are not the global version's own."""

    class Meta(TenantModel.Meta):
        verbose_name = _("step of an edition")
        verbose_name_plural = _("steps of editions")
        ordering = ["position", "key"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "edition", "key"],
                name="playbooks_editionstep_key",
                violation_error_message=_("The edition has a step with this key."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.key}"
