"""Filters of Today that somebody kept under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.choices import Visibility
from engagement.querysets import SavedViewQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import Membership, VersionedTenantModel
from tenants.querysets import TenantManager

SavedViewManager = TenantManager.from_queryset(SavedViewQuerySet)


class SavedView(VersionedTenantModel):
    """A list of tasks that is looked at again and again: its filters, and how it is divided."""

    owner = TenantForeignKey(
        Membership,
        models.CASCADE,
        editable=False,
        related_name="saved_views",
        verbose_name=_("owner"),
        indexed=False,
    )
    name = models.CharField(
        _("name"), max_length=60, help_text=_("What it shows; as short as a tab.")
    )
    visibility = models.CharField(
        _("who sees it"),
        max_length=10,
        choices=Visibility.choices,
        default=Visibility.MINE.value,
        help_text=_("A team are those who work in a market together; only leads share with all."),
    )
    filters = models.JSONField(
        _("filters"),
        default=dict,
        blank=True,
        help_text=_("What the list of Today is filtered and divided by, by the filter's name."),
    )

    objects = SavedViewManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "owner", "name"],
                name="engagement_savedview_name",
                violation_error_message=_("You have a view of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
