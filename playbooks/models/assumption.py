"""What a market answers where a step's cultural assumption does not fit its profile."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from playbooks.models.playbook import Playbook
from regions.choices import SIDES
from regions.models import Market
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel


class AssumptionDecision(VersionedTenantModel):
    """A step that rests on another side than the market's profile, and is fine there as it is."""

    playbook = TenantForeignKey(
        Playbook,
        models.CASCADE,
        related_name="assumption_decisions",
        verbose_name=_("playbook"),
        help_text=_("The playbook whose step was looked at."),
    )
    market = TenantForeignKey(
        Market,
        models.CASCADE,
        related_name="assumption_decisions",
        verbose_name=_("market"),
        help_text=_("The market whose profile says otherwise."),
    )
    step = models.SlugField(
        _("step"), max_length=60, help_text=_("The key of the step that rests on the assumption.")
    )
    assumption = models.CharField(
        _("assumption"),
        max_length=30,
        choices=SIDES,
        help_text=_("What the step takes for granted; another one is asked about anew."),
    )
    because = models.TextField(
        _("fine as it is, because"),
        help_text=_("Why the step fits here all the same; the next leader reads it."),
    )
    decided_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("decision on an assumption")
        verbose_name_plural = _("decisions on assumptions")
        ordering = ["step", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "playbook", "market", "step", "assumption"],
                name="playbooks_assumptiondecision_once",
                violation_error_message=_("This is decided already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(because=""),
                name="playbooks_assumptiondecision_because",
                violation_error_message=_("Say why it is fine as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market} {self.step}"
