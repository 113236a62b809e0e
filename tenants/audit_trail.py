"""Who changed what, as the audit trail knows it."""

import datetime as dt

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from tenants.models import AuditEntry, Membership


def with_names(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Add the name of who did it, in the same query."""
    name = Membership.objects.filter(pk=OuterRef("actor_id")).values("name")
    return entries.annotate(actor_name=Subquery(name))


def actor_of(entry: AuditEntry) -> str:
    """Return the name that ``with_names`` added."""
    return getattr(entry, "actor_name", None) or _("The system")


def last_change(instance: models.Model) -> tuple[str, dt.datetime] | None:
    """Return who changed a row last, and when."""
    entries = AuditEntry.objects.filter(table=instance._meta.db_table, row_id=instance.pk)
    entry = with_names(entries).order_by("-id").first()
    return (actor_of(entry), entry.at) if entry else None
