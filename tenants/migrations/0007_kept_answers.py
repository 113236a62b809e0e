import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import SecureTable
from tenants.roles import app_role

FORGET_KEPT_ANSWERS = """
CREATE FUNCTION forget_kept_answers(seconds integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    forgotten bigint;
BEGIN
    -- Copies of what was answered: what the requests did is in the audit trail, this need not be.
    PERFORM set_config('app.audit_cover', 'forget_kept_answers', true);
    DELETE FROM tenants_keptanswer WHERE created_at < now() - make_interval(secs => seconds);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('app.audit_cover', '', true);
    RETURN forgotten;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0006_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
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
                ("key", models.CharField(max_length=255, verbose_name="idempotency key")),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "api_key",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.apikey",
                        verbose_name="API key",
                    ),
                ),
                (
                    "membership",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.membership",
                        verbose_name="member",
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
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "abstract": False,
                "indexes": [models.Index(fields=["created_at"], name="tenants_keptanswer_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="tenants_keptanswer_in_organization"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "membership", "api_key", "key"),
                        name="tenants_keptanswer_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        SecureTable("keptanswer", hidden=("status", "headers", "body")),
        migrations.RunSQL([FORGET_KEPT_ANSWERS], "DROP FUNCTION forget_kept_answers(integer)"),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION forget_kept_answers(integer) FROM PUBLIC;"
            f'GRANT EXECUTE ON FUNCTION forget_kept_answers(integer) TO "{app_role()}"',
            migrations.RunSQL.noop,
        ),
    ]
