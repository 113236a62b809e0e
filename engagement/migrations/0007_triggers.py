import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import ImmutableTable, SecureTable


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_account_changes"),
        ("engagement", "0006_letters"),
        ("playbooks", "0006_allows_several"),
        ("regions", "0003_help_texts"),
        ("tenants", "0013_immutable_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trigger",
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
                (
                    "name",
                    models.CharField(
                        help_text="What leaders call it, such as “90 days to go”.",
                        max_length=200,
                        verbose_name="name",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stage_entered", "A lifecycle stage is entered"),
                            ("tier_changed", "The tier changes"),
                            ("market_moved", "The account moves to another market"),
                            ("before_renewal", "Days before the renewal"),
                            ("after_start", "Days after the start as a customer"),
                            ("silent", "Silence that is unusual in the market"),
                            ("manual", "By hand"),
                            ("api", "By another program, through the API"),
                        ],
                        help_text="Changes and dates are looked at each morning, after the market's daily planning. By hand and by the API: at once, and at no other time.",
                        max_length=20,
                        verbose_name="starts it",
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How many calendar days before the renewal, or after the start; else empty.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="days",
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="For silence: from how much of the agreed rhythm, or of the cadence's, silence is unusual, in working days of the market. Empty: 200, two contacts that failed.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(100),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="percent of the rhythm",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("onboarding", "Onboarding"),
                            ("adoption", "Adoption"),
                            ("value", "Value"),
                            ("renewal", "Renewal"),
                        ],
                        help_text="The stage that is entered; for others, only accounts in it. Empty: any.",
                        max_length=20,
                        verbose_name="lifecycle stage",
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("tier_1", "Tier 1: high touch"),
                            ("tier_2", "Tier 2: mid touch"),
                            ("tier_3", "Tier 3: digital"),
                        ],
                        help_text="The tier that is come into; for others, only accounts of it. Empty: any.",
                        max_length=10,
                        verbose_name="tier",
                    ),
                ),
                (
                    "cool_down_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="For so many days after it started for an account, it does not again.",
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="cool-down (days)",
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="For so many days a date or a change that was missed still starts it, once: after a failure, or when the trigger is new.",
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="grace (days)",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=False,
                        help_text="Look at the dry run before you switch it on.",
                        verbose_name="active",
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="archived"),
                ),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        help_text="The market that is moved to; for others, only accounts there. Empty: any.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="triggers",
                        to="regions.market",
                        verbose_name="market",
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
                    "playbook",
                    tenants.fields.TenantForeignKey(
                        help_text="What it starts, in the edition of the account's market.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="triggers",
                        to="playbooks.playbook",
                        verbose_name="playbook",
                    ),
                ),
            ],
            options={
                "verbose_name": "trigger",
                "verbose_name_plural": "triggers",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TriggerFiring",
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
                    "occasion",
                    models.CharField(editable=False, max_length=100, verbose_name="occasion"),
                ),
                ("due_on", models.DateField(editable=False, verbose_name="due")),
                ("day", models.DateField(editable=False, verbose_name="day")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("cool_down", "In the cool-down"),
                            ("not_active", "Archived or churned"),
                            ("not_for_it", "The playbook is for others"),
                            ("under_way", "Under way already"),
                            ("anchor_missing", "A date is not known"),
                            ("step_past", "A step must not be late"),
                            ("nothing_to_do", "No step is for it"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="detail"
                    ),
                ),
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
                        related_name="firings",
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
                (
                    "run",
                    tenants.fields.TenantForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="engagement.run",
                        verbose_name="run",
                    ),
                ),
                (
                    "trigger",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="engagement.trigger",
                        verbose_name="trigger",
                    ),
                ),
            ],
            options={
                "verbose_name": "firing of a trigger",
                "verbose_name_plural": "firings of triggers",
                "ordering": ["-id"],
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="run",
            name="engagement_run_one_under_way",
        ),
        migrations.AddField(
            model_name="run",
            name="beside_others",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                verbose_name="may stand beside others",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("beside_others", False), ("status__in", ("active", "paused"))),
                fields=("organization", "account", "playbook"),
                name="engagement_run_one_under_way",
                violation_error_message="This playbook is under way for the account already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("beside_others", True), ("status__in", ("active", "paused"))),
                fields=("organization", "account", "playbook", "start_date"),
                name="engagement_run_one_a_day",
                violation_error_message="This playbook is under way for the account already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_trigger_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("days__isnull", False), ("kind__in", ("after_start", "before_renewal"))
                    ),
                    models.Q(
                        models.Q(("kind__in", ("after_start", "before_renewal")), _negated=True),
                        ("days", None),
                    ),
                    _connector="OR",
                ),
                name="engagement_trigger_days",
                violation_error_message="Days are needed before a renewal and after a start, and only there.",
            ),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent", None), ("kind", "silent"), _connector="OR"),
                name="engagement_trigger_percent",
                violation_error_message="A percentage belongs to silence, and only there.",
            ),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "stage_entered"), _negated=True),
                    models.Q(("stage", ""), _negated=True),
                    _connector="OR",
                ),
                name="engagement_trigger_stage",
                violation_error_message="Name the stage that is entered.",
            ),
        ),
        migrations.AddIndex(
            model_name="triggerfiring",
            index=models.Index(
                fields=["organization", "account", "id"], name="engagement_firing_of_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="triggerfiring",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_triggerfiring_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="triggerfiring",
            constraint=models.UniqueConstraint(
                fields=("organization", "trigger", "account", "occasion"),
                name="engagement_triggerfiring_once",
                violation_error_message="This occasion was decided.",
            ),
        ),
        migrations.AddConstraint(
            model_name="triggerfiring",
            constraint=models.CheckConstraint(
                condition=models.Q(("result", "started"), ("run", None), _connector="XOR"),
                name="engagement_triggerfiring_run",
                violation_error_message="What started has a run, and only that.",
            ),
        ),
        SecureTable("trigger"),
        SecureTable("triggerfiring"),
        ImmutableTable("triggerfiring"),
    ]
