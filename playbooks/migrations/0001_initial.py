import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import tenants.context
import tenants.fields
import toolkit.uuid7
from tenants.operations import SecureTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("regions", "0001_initial"),
        ("tenants", "0002_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cadence",
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
                    "tier",
                    models.CharField(
                        choices=[
                            ("tier_1", "Tier 1: high touch"),
                            ("tier_2", "Tier 2: mid touch"),
                            ("tier_3", "Tier 3: digital"),
                        ],
                        max_length=10,
                        verbose_name="tier",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("onboarding", "Onboarding"),
                            ("adoption", "Adoption"),
                            ("value", "Value"),
                            ("renewal", "Renewal"),
                        ],
                        max_length=20,
                        verbose_name="lifecycle stage",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="What the CSM does.", max_length=200, verbose_name="title"
                    ),
                ),
                (
                    "benefit",
                    models.CharField(
                        blank=True,
                        help_text="Empty: the check-in is internal, and nobody is contacted.",
                        max_length=300,
                        verbose_name="what the customer gains",
                    ),
                ),
                (
                    "every",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        choices=[("days", "days"), ("weeks", "weeks"), ("months", "months")],
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[
                                (1, "Monday"),
                                (2, "Tuesday"),
                                (3, "Wednesday"),
                                (4, "Thursday"),
                                (5, "Friday"),
                                (6, "Saturday"),
                                (7, "Sunday"),
                            ]
                        ),
                        blank=True,
                        default=list,
                        help_text="Empty: any day.",
                        size=None,
                        verbose_name="on weekdays",
                    ),
                ),
                (
                    "working_day",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first", "First working day of the month"),
                            ("last", "Last working day of the month"),
                        ],
                        help_text="For rhythms in months, instead of weekdays.",
                        max_length=10,
                        verbose_name="working day of the month",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("elastic", "Elastic: from the last meaningful contact"),
                            ("fixed", "Fixed: from the calendar"),
                        ],
                        default="elastic",
                        max_length=10,
                        verbose_name="counts",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_person", "In person"),
                            ("call", "Call"),
                            ("video", "Video call"),
                            ("email", "E-mail"),
                            ("message", "Message"),
                        ],
                        default="call",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "duration_minutes",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(480),
                        ],
                        verbose_name="duration (minutes)",
                    ),
                ),
                (
                    "tolerance_days",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="How far a contact may move to a day on which its owner works, too.",
                        validators=[django.core.validators.MaxValueValidator(20)],
                        verbose_name="tolerance (working days)",
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True,
                        help_text="Why it differs here; needed for a region or market.",
                        verbose_name="reason",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "archived_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="archived"),
                ),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        help_text="Holds in this market only.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cadences",
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
                    "region",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        help_text="Holds in this region only.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cadences",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "cadence",
                "verbose_name_plural": "cadences",
                "ordering": ["tier", "stage", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="playbooks_cadence_in_organization"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("region", None), ("market", None), _connector="OR"),
                        name="playbooks_cadence_one_place",
                        violation_error_message="Choose a region or a market, not both.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("archived_at", None)),
                        fields=("organization", "tier", "stage", "region", "market"),
                        name="playbooks_cadence_once",
                        nulls_distinct=False,
                        violation_error_message="There is a cadence for this tier and stage here.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("market", None), ("region", None)),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="playbooks_cadence_reason",
                        violation_error_message="Say why it differs from the global cadence.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("working_day", ""),
                            models.Q(("unit", "months"), ("weekdays", [])),
                            _connector="OR",
                        ),
                        name="playbooks_cadence_working_day",
                        violation_error_message="A working day of the month needs a rhythm in months and no weekdays.",
                    ),
                ],
            },
        ),
        SecureTable("cadence"),
    ]
