import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import ImmutableTable, SecureTable


def go_by_the_account(apps, schema_editor):
    """Let every run go by the market that its account is in."""
    Account = apps.get_model("accounts", "Account")
    Run = apps.get_model("engagement", "Run")
    account = Account.objects.filter(pk=OuterRef("account"))
    Run.objects.using(schema_editor.connection.alias).update(
        market=Subquery(account.values("market"))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0009_promises_and_outcomes"),
        ("playbooks", "0007_market_moves"),
        ("regions", "0003_help_texts"),
        ("tenants", "0013_immutable_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="anchors_by_hand",
            field=models.JSONField(
                db_default=[], default=list, editable=False, verbose_name="dates given by hand"
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="market",
            field=tenants.fields.TenantForeignKey(
                editable=False,
                help_text="Whose calendar, hours and zone decide when its tasks fall due.",
                indexed=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.market",
                verbose_name="market",
            ),
        ),
        migrations.RunPython(go_by_the_account, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="run",
            name="market",
            field=tenants.fields.TenantForeignKey(
                editable=False,
                help_text="Whose calendar, hours and zone decide when its tasks fall due.",
                indexed=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.market",
                verbose_name="market",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="stays",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="It goes by this market to its end, though the account moved to another.",
                verbose_name="finishes there",
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="cause",
            field=models.CharField(
                choices=[
                    ("hand", "By hand"),
                    ("trigger", "A trigger"),
                    ("market", "A move to another market"),
                ],
                default="hand",
                editable=False,
                max_length=10,
                verbose_name="started by",
            ),
        ),
        migrations.CreateModel(
            name="RunMove",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("edition", "To another edition"),
                            ("market", "To another market"),
                            ("anchor", "A date that steps count from"),
                        ],
                        max_length=10,
                        verbose_name="what moved",
                    ),
                ),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("moved_at", models.DateTimeField(verbose_name="moved at")),
                (
                    "from_edition",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="playbooks.edition",
                        verbose_name="edition before",
                    ),
                ),
                (
                    "from_market",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.market",
                        verbose_name="market before",
                    ),
                ),
                (
                    "moved_by",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.membership",
                        verbose_name="moved by",
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
                (
                    "run",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="engagement.run",
                        verbose_name="run",
                    ),
                ),
                (
                    "to_edition",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="playbooks.edition",
                        verbose_name="edition after",
                    ),
                ),
                (
                    "to_market",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.market",
                        verbose_name="market after",
                    ),
                ),
            ],
            options={
                "verbose_name": "move of a run",
                "verbose_name_plural": "moves of runs",
                "ordering": ["-moved_at", "-id"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["organization", "run", "id"], name="engagement_runmove_by_run"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="engagement_runmove_in_organization"
                    )
                ],
            },
        ),
        SecureTable("run"),
        SecureTable("runmove"),
        ImmutableTable("runmove"),
    ]
