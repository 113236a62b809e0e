"""What somebody did with many tasks at once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.choices import BulkAction
from engagement.querysets import TaskBatchQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel
from tenants.querysets import TenantManager

TaskBatchManager = TenantManager.from_queryset(TaskBatchQuerySet)


class TaskBatch(VersionedTenantModel):
    """One action on many tasks, with an answer for each; kept while anybody asks for it.

    ``done`` are the ids of the tasks that were changed, in the order in which they were;
    ``refused`` says of the others why not, by their ids, and ``kept`` why an undo did not
    take one back.
    """

    action = models.CharField(
        _("action"), max_length=20, choices=BulkAction.choices, editable=False
    )
    made_by = TenantForeignKey(
        Membership,
        models.CASCADE,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
        indexed=False,
    )
    made_at = models.DateTimeField(_("made"), editable=False)
    done = models.JSONField(_("done"), default=list, blank=True, editable=False)
    refused = models.JSONField(_("refused"), default=dict, blank=True, editable=False)
    kept = models.JSONField(_("not taken back"), default=dict, blank=True, editable=False)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    objects = TaskBatchManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("batch of tasks")
        verbose_name_plural = _("batches of tasks")
        indexes = [
            # A member's latest, and those that nobody asks for any more.
            models.Index(
                fields=["organization", "made_by", "made_at"],
                name="engagement_taskbatch_by_maker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.made_at:%Y-%m-%d %H:%M}"
