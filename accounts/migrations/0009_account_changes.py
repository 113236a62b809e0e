import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import ImmutableTable, SecureTable

RECORD_CHANGES = """
CREATE FUNCTION record_account_changes() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_accountchange (id, organization_id, account_id, what, before, after)
        SELECT uuid7(), n.organization_id, n.id, 'stage', '', n.stage
        FROM new_rows n;
    ELSE
        INSERT INTO accounts_accountchange (id, organization_id, account_id, what, before, after)
        SELECT uuid7(), n.organization_id, n.id, changed.what, changed.before, changed.after
        FROM new_rows n
        JOIN old_rows o ON o.id = n.id
        CROSS JOIN LATERAL (
            VALUES ('stage', o.stage::text, n.stage::text),
                   ('tier', o.tier, n.tier),
                   ('market', o.market_id::text, n.market_id::text)
        ) AS changed (what, before, after)
        WHERE (o.stage, o.tier, o.market_id) IS DISTINCT FROM (n.stage, n.tier, n.market_id)
          AND changed.before IS DISTINCT FROM changed.after;
    END IF;
    RETURN NULL;
END
$$
"""

WATCH_ACCOUNTS = """
CREATE TRIGGER record_{event} AFTER {event} ON accounts_account
REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION record_account_changes()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_attributes"),
        ("tenants", "0013_immutable_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountChange",
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
                    "what",
                    models.CharField(
                        choices=[
                            ("stage", "Lifecycle stage"),
                            ("tier", "Tier"),
                            ("market", "Market"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True, editable=False, max_length=40, verbose_name="before"
                    ),
                ),
                ("after", models.CharField(editable=False, max_length=40, verbose_name="after")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="when",
                    ),
                ),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
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
                "verbose_name": "change of an account",
                "verbose_name_plural": "changes of accounts",
                "ordering": ["-at", "-id"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["organization", "account", "what", "at"],
                        name="accounts_change_of_account",
                    ),
                    models.Index(
                        fields=["organization", "what", "at"], name="accounts_change_latest"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="accounts_accountchange_in_organization"
                    )
                ],
            },
        ),
        # Nobody but the database itself writes them.
        SecureTable("accountchange", audited=False),
        ImmutableTable("accountchange"),
        migrations.RunSQL(
            RECORD_CHANGES, "DROP FUNCTION IF EXISTS record_account_changes() CASCADE"
        ),
        migrations.RunSQL(
            WATCH_ACCOUNTS.format(event="INSERT", transition="NEW TABLE AS new_rows"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            WATCH_ACCOUNTS.format(
                event="UPDATE", transition="OLD TABLE AS old_rows NEW TABLE AS new_rows"
            ),
            migrations.RunSQL.noop,
        ),
    ]
