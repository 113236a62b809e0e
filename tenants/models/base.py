"""The base of every tenant-owned table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.context import current_organization
from tenants.fields import TenantForeignKey
from tenants.querysets import TenantManager
from toolkit.uuid7 import uuid7


class TenantModel(models.Model):
    """A row that belongs to one organization and is invisible to every other.

    Its migration runs ``SecureTable`` once after creating it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = TenantForeignKey(
        "tenants.Organization",
        models.PROTECT,
        default=current_organization,
        editable=False,
        related_name="+",
        indexed=False,
        verbose_name=_("organization"),
    )

    objects = TenantManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="%(app_label)s_%(class)s_in_organization"
            )
        ]


class VersionedTenantModel(TenantModel):
    """A row that people edit: its version counts saved changes, so that none is overwritten."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta(TenantModel.Meta):
        abstract = True
