"""Agreements that were removed before, and the names of those with whom one is shared."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

REMEMBER = """
INSERT INTO accounts_removedagreement (id, organization_id, account_id)
SELECT e.row_id, a.organization_id, a.id
FROM tenants_auditentry e
JOIN accounts_account a
  ON a.id = (e.before ->> 'account_id')::uuid AND a.organization_id = e.organization_id
WHERE e."table" = 'accounts_workingagreement' AND e.action = 'delete'
ON CONFLICT DO NOTHING
"""


def copy_names(apps, schema_editor):
    """Give every link the name of its contact."""
    Contact = apps.get_model("accounts", "Contact")
    AgreementLink = apps.get_model("accounts", "AgreementLink")
    contact = Contact.objects.filter(pk=OuterRef("contact"))
    AgreementLink.objects.using(schema_editor.connection.alias).update(
        contact_name=Subquery(contact.values("name"))
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_removed_agreements")]

    operations = [
        migrations.RunSQL(REMEMBER, migrations.RunSQL.noop),
        migrations.RunPython(copy_names, migrations.RunPython.noop),
    ]
