import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_versions"),
        ("tenants", "0005_member_without_user"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountImport",
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
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("name", models.CharField(editable=False, max_length=255, verbose_name="file")),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="bytes")),
                ("content", models.BinaryField(null=True)),
                (
                    "options",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="How the file is to be read, and what its values mean.",
                        verbose_name="options",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("importing", "Being imported"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="uploaded",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="uploaded",
                    ),
                ),
                (
                    "day",
                    models.DateField(editable=False, null=True, verbose_name="day of the import"),
                ),
                ("language", models.CharField(blank=True, editable=False, max_length=20)),
                (
                    "rows",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="rows"),
                ),
                (
                    "new_rows",
                    models.PositiveIntegerField(
                        editable=False, null=True, verbose_name="new accounts"
                    ),
                ),
                (
                    "changed_rows",
                    models.PositiveIntegerField(
                        editable=False, null=True, verbose_name="changed accounts"
                    ),
                ),
                (
                    "unchanged_rows",
                    models.PositiveIntegerField(
                        editable=False, null=True, verbose_name="unchanged accounts"
                    ),
                ),
                (
                    "left_out_rows",
                    models.PositiveIntegerField(
                        editable=False, null=True, verbose_name="rows left out"
                    ),
                ),
                (
                    "bad_rows",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="bad rows"),
                ),
                (
                    "additions",
                    models.JSONField(
                        default=dict, editable=False, verbose_name="what comes with it"
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="checked"),
                ),
                (
                    "finished_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="finished"),
                ),
                (
                    "failure",
                    models.TextField(blank=True, editable=False, verbose_name="why it failed"),
                ),
                ("lease_token", models.BigIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                (
                    "asked_by",
                    tenants.fields.TenantForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.membership",
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "created_by",
                    tenants.fields.TenantForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_imports",
                        to="tenants.membership",
                        verbose_name="uploaded by",
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
                "verbose_name": "import of accounts",
                "verbose_name_plural": "imports of accounts",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportProblem",
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
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("row", models.PositiveIntegerField(verbose_name="row")),
                ("column", models.CharField(blank=True, max_length=200, verbose_name="column")),
                ("value", models.CharField(blank=True, max_length=200, verbose_name="value")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "account_import",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="problems",
                        to="accounts.accountimport",
                        verbose_name="import",
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
                "verbose_name": "problem of an import",
                "verbose_name_plural": "problems of an import",
                "ordering": ["number"],
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="accountimport",
            index=models.Index(
                fields=["organization", "created_at", "id"], name="accounts_import_latest"
            ),
        ),
        migrations.AddIndex(
            model_name="accountimport",
            index=models.Index(
                condition=models.Q(("status__in", ["checking", "importing"])),
                fields=["leased_until"],
                name="accounts_import_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountimport",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="accounts_accountimport_in_organization"
            ),
        ),
        migrations.AddIndex(
            model_name="importproblem",
            index=models.Index(
                fields=["organization", "account_import", "number", "id"],
                name="accounts_problem_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="importproblem",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="accounts_importproblem_in_organization"
            ),
        ),
        SecureTable("accountimport", hidden=("content", "lease_token", "leased_until")),
        SecureTable("importproblem"),
    ]
