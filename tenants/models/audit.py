"""The audit trail, written by the database itself."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tenants.choices import AuditAction
from tenants.querysets import TenantManager


class AuditEntry(models.Model):
    """One change of one row: who, when, through which door, before, after.

    Triggers write it; ``app`` may only read it. An update keeps the changed columns only.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "tenants.Organization",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("organization"),
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    actor_id = models.UUIDField(_("member"), null=True)
    door = models.CharField(_("door"), max_length=20)
    request_id = models.CharField(_("request"), max_length=64)
    table = models.CharField(_("table"), max_length=63)
    row_id = models.UUIDField(_("row"))
    action = models.CharField(_("action"), max_length=10, choices=AuditAction.choices)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    objects = TenantManager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            # The whole trail, newest first, and the history of one row.
            models.Index(fields=["organization", "id"], name="tenants_audit_trail"),
            models.Index(
                fields=["organization", "table", "row_id", "id"], name="tenants_audit_row"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.table} {self.row_id}"
