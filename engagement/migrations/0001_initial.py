import datetime

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import regions.validators
import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import SecureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("playbooks", "0001_initial"),
        ("regions", "0001_initial"),
        ("tenants", "0002_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enrolment",
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
                ("origin", models.DateField(verbose_name="counted from")),
                ("next_nominal", models.DateField(null=True, verbose_name="next nominal date")),
                (
                    "next_due",
                    models.DateField(null=True, verbose_name="planned when the horizon reaches"),
                ),
                (
                    "last_contact",
                    models.DateField(
                        help_text="Local date of the last two-way contact.",
                        null=True,
                        verbose_name="last contact",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrolments",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "cadence",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="playbooks.cadence",
                        verbose_name="cadence",
                    ),
                ),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            ],
            options={
                "verbose_name": "enrolment",
                "verbose_name_plural": "enrolments",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MarketPass",
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
                    "trigger",
                    models.CharField(
                        choices=[
                            ("schedule", "Daily planning"),
                            ("change", "A change"),
                            ("command", "Command line"),
                            ("admin", "Admin"),
                        ],
                        max_length=10,
                        verbose_name="started by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("done", "Done"),
                            ("alarm", "Considered nothing"),
                            ("failed", "Failed"),
                        ],
                        default="done",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("today", models.DateField(verbose_name="the market's today")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                (
                    "considered",
                    models.PositiveIntegerField(default=0, verbose_name="accounts considered"),
                ),
                ("planned", models.PositiveIntegerField(default=0, verbose_name="planned")),
                (
                    "moved",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Planned on another day than the rhythm's own.",
                        verbose_name="moved",
                    ),
                ),
                (
                    "late",
                    models.PositiveIntegerField(
                        default=0, help_text="Due before the day of planning.", verbose_name="late"
                    ),
                ),
                (
                    "recorded",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Merged, missed or skipped.",
                        verbose_name="not planned",
                    ),
                ),
                (
                    "reasons",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="How many moved for each reason.",
                        verbose_name="why they moved",
                    ),
                ),
                ("failure", models.TextField(blank=True, verbose_name="why it failed")),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passes",
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
            ],
            options={
                "verbose_name": "planning pass",
                "verbose_name_plural": "planning passes",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegionPlanning",
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
                    "time_zone",
                    models.CharField(
                        max_length=60,
                        validators=[regions.validators.validate_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "local_time",
                    models.TimeField(
                        default=datetime.time(5, 0),
                        help_text="In the region's time zone.",
                        verbose_name="daily at",
                    ),
                ),
                ("next_at", models.DateTimeField(editable=False, verbose_name="next planning")),
                ("lease_token", models.BigIntegerField(default=0, editable=False)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                (
                    "started_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="last planning began"
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="last planning ended"
                    ),
                ),
                (
                    "failure",
                    models.TextField(blank=True, editable=False, verbose_name="why it failed"),
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
                    "region",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plannings",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "region planning",
                "verbose_name_plural": "planning",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Task",
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
                ("nominal_date", models.DateField(verbose_name="nominal date")),
                ("due_date", models.DateField(verbose_name="due on")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("snoozed", "Moved"),
                            ("done", "Done"),
                            ("not_applicable", "Not applicable"),
                            ("merged", "Merged into a later one"),
                            ("missed", "Missed"),
                            ("skipped", "Skipped for a quiet period"),
                        ],
                        default="open",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "moves",
                    models.JSONField(
                        blank=True,
                        help_text="Each step away from the nominal date.",
                        null=True,
                        verbose_name="why this day",
                    ),
                ),
                (
                    "needs_stand_in",
                    models.BooleanField(default=False, verbose_name="needs a stand-in"),
                ),
                (
                    "is_flagged",
                    models.BooleanField(
                        default=False,
                        help_text="Somebody worked on it before its plan changed.",
                        verbose_name="plan changed",
                    ),
                ),
                (
                    "touched_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="touched"
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="closed"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conversation", "We talked"),
                            ("reply", "They replied in writing"),
                            ("no_answer", "No answer"),
                            ("internal", "Internal work"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=5000, verbose_name="note")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "undo",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        null=True,
                        verbose_name="state before",
                    ),
                ),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "cadence",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="playbooks.cadence",
                        verbose_name="cadence",
                    ),
                ),
                (
                    "closed_by",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        editable=False,
                        indexed=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.membership",
                        verbose_name="closed by",
                    ),
                ),
                (
                    "enrolment",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="engagement.enrolment",
                        verbose_name="enrolment",
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
                    "owner",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        indexed=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="tenants.membership",
                        verbose_name="owner",
                    ),
                ),
                (
                    "planned_by",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="engagement.marketpass",
                        verbose_name="pass",
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_enrolment_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                fields=("organization", "account"), name="engagement_enrolment_one"
            ),
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                fields=["organization", "market", "account"],
                include=["is_active"],
                name="engagement_enrolment_market",
            ),
        ),
        migrations.AddIndex(
            model_name="marketpass",
            index=models.Index(fields=["organization", "at", "id"], name="engagement_pass_latest"),
        ),
        migrations.AddConstraint(
            model_name="marketpass",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_marketpass_in_organization"
            ),
        ),
        migrations.AddIndex(
            model_name="regionplanning",
            index=models.Index(fields=["next_at"], name="engagement_planning_due"),
        ),
        migrations.AddConstraint(
            model_name="regionplanning",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_regionplanning_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="regionplanning",
            constraint=models.UniqueConstraint(
                fields=("organization", "region"), name="engagement_regionplanning_one"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "snoozed"])),
                fields=["organization", "owner", "due_date", "id"],
                name="engagement_task_open_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "snoozed"])),
                fields=["organization", "due_date", "id"],
                name="engagement_task_open_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                fields=["organization", "account", "due_date", "id"],
                name="engagement_task_by_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="engagement_task_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                fields=("organization", "enrolment", "nominal_date"),
                name="engagement_task_check_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", False),
                    models.Q(("status__in", ["done", "not_applicable"]), _negated=True),
                    _connector="OR",
                ),
                name="engagement_task_closed_at",
                violation_error_message="A closed task needs the time it was closed.",
            ),
        ),
        SecureTable("enrolment"),
        SecureTable("marketpass"),
        SecureTable("regionplanning"),
        SecureTable("task"),
    ]
