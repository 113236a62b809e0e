"""What an outcome leads to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from engagement.choices import Outcome, Sentiment
from playbooks.models import Playbook
from tenants.fields import TenantForeignKey
from tenants.models import VersionedTenantModel


class OutcomeRule(VersionedTenantModel):
    """A playbook that is proposed once a task is done with an outcome, a sentiment, or both.

    An empty part fits anything. A proposal starts nothing: a person does, once she has seen what
    would be planned.
    """

    outcome = models.CharField(
        _("outcome"),
        max_length=20,
        choices=Outcome.choices,
        blank=True,
        help_text=_("What became of the task; empty: whatever became of it."),
    )
    sentiment = models.CharField(
        _("sentiment"),
        max_length=10,
        choices=Sentiment.choices,
        blank=True,
        help_text=_("How the customer felt about it; empty: whatever was felt, or not said."),
    )
    playbook = TenantForeignKey(
        Playbook,
        models.CASCADE,
        related_name="outcome_rules",
        verbose_name=_("playbook"),
        help_text=_("Proposed where it is in force in the market, unless it is under way."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("proposal after an outcome")
        verbose_name_plural = _("proposals after outcomes")
        ordering = ["outcome", "sentiment", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "outcome", "sentiment", "playbook"],
                name="engagement_outcomerule_one",
                violation_error_message=_("This playbook is proposed for this already."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="", sentiment=""),
                name="engagement_outcomerule_when",
                violation_error_message=_("Choose an outcome, a sentiment, or both."),
            ),
        ]

    def __str__(self) -> str:
        when = filter(None, (self.get_outcome_display(), self.get_sentiment_display()))
        return f"{', '.join(str(each) for each in when)}: {self.playbook}"
