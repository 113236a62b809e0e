import django.db.models.deletion
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import ImmutableTable, SecureTable

REMEMBER_AGREEMENTS = """
CREATE FUNCTION remember_removed_agreements() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    INSERT INTO accounts_removedagreement (id, organization_id, account_id)
    SELECT o.id, o.organization_id, o.account_id
    FROM old_rows o;
    RETURN NULL;
END
$$
"""

WATCH_AGREEMENTS = """
CREATE TRIGGER remember_removed AFTER DELETE ON accounts_workingagreement
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION remember_removed_agreements()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_notice_deadline"),
        ("tenants", "0013_immutable_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedAgreement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=toolkit.uuid7.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removed_agreements",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "organization",
                    tenants.fields.TenantForeignKey(
                        default=tenants.context.current_organization,
                        editable=False,
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "removed agreement",
                "verbose_name_plural": "removed agreements",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="accounts_removedagreement_in_organization",
                    )
                ],
            },
        ),
        # Nobody but the database itself writes them.
        SecureTable("removedagreement", audited=False),
        ImmutableTable("removedagreement"),
        migrations.RunSQL(
            REMEMBER_AGREEMENTS, "DROP FUNCTION IF EXISTS remember_removed_agreements() CASCADE"
        ),
        migrations.RunSQL(WATCH_AGREEMENTS, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="agreementlink",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="agreementlink",
            name="contact_name",
            field=models.CharField(
                default="", editable=False, max_length=200, verbose_name="shared with"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="agreementlink",
            name="contact",
            field=tenants.fields.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="agreement_links",
                to="accounts.contact",
                verbose_name="contact",
            ),
        ),
    ]
