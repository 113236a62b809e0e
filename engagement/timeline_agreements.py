"""What working agreements said, before and after each change, as the audit trail knows it."""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import WorkingAgreement
from accounts.wording import agreed_parts
from engagement.timeline_words import changes
from tenants.choices import AuditAction
from tenants.models import AuditEntry

SEPARATOR = " · "
"""Between the parts of an agreement: some of them are lists themselves."""
COLUMNS = (
    *("every", "unit", "weekdays", "channel", "hours_from", "hours_to", "language"),
    *("decides", "escalation"),
)

Columns: TypeAlias = Mapping[str, Any]


def said_in(entries: Collection[AuditEntry]) -> dict[int, str]:
    """Return what was agreed, changed or given up with each entry, by the entry's id.

    An update keeps only the columns that it changed, so each agreement's story is read from its
    beginning; one query for all of them.
    """
    agreements = {entry.row_id for entry in entries}
    if not agreements:
        return {}
    stories = AuditEntry.objects.filter(
        table=WorkingAgreement._meta.db_table, row_id__in=agreements
    ).order_by("id")
    said: dict[int, str] = {}
    standing: dict[UUID, Columns] = {}
    for entry in stories:
        before = standing.get(entry.row_id, {})
        after = {**before, **(entry.after or {})}
        standing[entry.row_id] = after
        if entry.action == AuditAction.UPDATE:
            said[entry.pk] = _changed(before, after)
        else:
            said[entry.pk] = _listed(entry.after or entry.before or {})
    return said


def _listed(columns: Columns) -> str:
    agreed = ((term, text) for term, text in _parts(columns).values() if text)
    return SEPARATOR.join(_("%(term)s: %(said)s") % {"term": t, "said": s} for t, s in agreed)


def _changed(before: Columns, after: Columns) -> str:
    old, new = _parts(before), _parts(after)
    return SEPARATOR.join(
        changes([(term, old[part][1], text)])
        for part, (term, text) in new.items()
        if text != old[part][1]
    )


def _parts(columns: Columns) -> dict[str, tuple[str, str]]:
    known = {name: columns[name] for name in COLUMNS if name in columns}
    return agreed_parts(WorkingAgreement(**known))
