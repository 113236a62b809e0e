"""All that an organization owns."""

from uuid import UUID

from django.apps import apps
from django.db import models

from tenants.context import acting_for, tenant_cursor
from tenants.models import AuditEntry, Organization, TenantModel

OWNED: list[type[models.Model]] = [
    model for model in apps.get_models() if issubclass(model, TenantModel)
]
"""The models whose rows belong to an organization."""


def digest(organization_id: UUID, *, with_users: bool = True) -> str:
    """Return a digest of every row that belongs to an organization, in one query.

    ``with_users`` adds the users behind its members, who note when they sign in.
    """
    owned = [(model._meta.db_table, "organization_id") for model in OWNED]
    owned.append((AuditEntry._meta.db_table, "organization_id"))
    rows = [
        f"SELECT '{table}' || row::text AS text FROM {table} row WHERE {column} = %(organization)s"
        for table, column in (*owned, (Organization._meta.db_table, "id"))
    ]
    if with_users:
        rows.append(
            "SELECT row::text FROM tenants_user row JOIN tenants_membership member"
            " ON member.user_id = row.id WHERE member.organization_id = %(organization)s"
        )
    with acting_for(organization_id, door="test"), tenant_cursor() as cursor:
        cursor.execute(
            f"SELECT md5(string_agg(text, chr(10) ORDER BY text)) FROM ({' UNION ALL '.join(rows)})"
            " AS everything",
            {"organization": organization_id},
        )
        (found,) = cursor.fetchone()
    return str(found)
