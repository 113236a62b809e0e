import django.contrib.postgres.fields
import django.core.validators
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
        ("regions", "0001_initial"),
        ("tenants", "0002_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
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
                        help_text="As the customer writes it.", max_length=200, verbose_name="name"
                    ),
                ),
                ("search_name", models.CharField(db_collation="C", editable=False, max_length=400)),
                (
                    "external_id",
                    models.CharField(
                        blank=True,
                        help_text="Its id in your CRM; unique in the organization.",
                        max_length=100,
                        null=True,
                        verbose_name="external id",
                    ),
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
                            ("churned", "Churned"),
                        ],
                        default="onboarding",
                        max_length=20,
                        verbose_name="lifecycle stage",
                    ),
                ),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                (
                    "start_date",
                    models.DateField(
                        help_text="Rhythms count from this day.", verbose_name="customer since"
                    ),
                ),
                (
                    "arr",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Annual recurring revenue, in the account's currency.",
                        max_digits=15,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="ARR",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Three capital letters of ISO 4217."
                            )
                        ],
                        verbose_name="currency",
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="archived"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        indexed=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
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
                    "owner",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        help_text="The CSM who looks after it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="tenants.membership",
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                    "name",
                    models.CharField(
                        help_text="As the person writes it.", max_length=200, verbose_name="name"
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="BCP 47, such as ja-JP.",
                        max_length=20,
                        validators=[regions.validators.validate_language_tag],
                        verbose_name="language",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        help_text="What the person does there.",
                        max_length=100,
                        verbose_name="role",
                    ),
                ),
                (
                    "preferred_channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("in_person", "In person"),
                            ("call", "Call"),
                            ("video", "Video call"),
                            ("email", "E-mail"),
                            ("message", "Message"),
                        ],
                        help_text="Beats what the agreement and the cadence say.",
                        max_length=10,
                        verbose_name="preferred channel",
                    ),
                ),
                ("is_primary", models.BooleanField(default=False, verbose_name="first to turn to")),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
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
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["-is_primary", "name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WorkingAgreement",
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
                    "every",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(520),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        blank=True,
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
                        help_text="The days on which the customer wants to hear from us; empty: any.",
                        size=None,
                        verbose_name="weekdays",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("in_person", "In person"),
                            ("call", "Call"),
                            ("video", "Video call"),
                            ("email", "E-mail"),
                            ("message", "Message"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "hours_from",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Minutes since midnight, the customer's local time.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1439)],
                        verbose_name="from",
                    ),
                ),
                (
                    "hours_to",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Minutes since midnight, the customer's local time.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="until",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[regions.validators.validate_language_tag],
                        verbose_name="language",
                    ),
                ),
                (
                    "decides",
                    models.CharField(
                        blank=True,
                        help_text="In words of the customer.",
                        max_length=300,
                        verbose_name="who decides",
                    ),
                ),
                (
                    "escalation",
                    models.CharField(blank=True, max_length=300, verbose_name="how to escalate"),
                ),
                ("agreed_on", models.DateField(blank=True, null=True, verbose_name="agreed on")),
                (
                    "account",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agreements",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "agreed_with",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="agreements",
                        to="accounts.contact",
                        verbose_name="agreed with",
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
                "verbose_name": "working agreement",
                "verbose_name_plural": "working agreements",
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                fields=["organization", "market", "id"], name="accounts_account_market"
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                fields=["organization", "search_name", "id"], name="accounts_account_by_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="accounts_account_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("organization", "external_id"),
                name="accounts_account_external_id",
                violation_error_message="There is an account with this external id.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="accounts_contact_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("organization", "account"),
                name="accounts_contact_one_primary",
                violation_error_message="Another contact is the first to turn to.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workingagreement",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="accounts_workingagreement_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingagreement",
            constraint=models.UniqueConstraint(
                fields=("organization", "account"),
                name="accounts_workingagreement_one",
                violation_error_message="This account has an agreement already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workingagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("every", None), ("unit", "")),
                    models.Q(("every__isnull", False), models.Q(("unit", ""), _negated=True)),
                    _connector="OR",
                ),
                name="accounts_workingagreement_rhythm",
                violation_error_message="A rhythm needs a number and a unit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workingagreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hours_from", None), ("hours_to", None)),
                    models.Q(
                        ("hours_from__isnull", False), ("hours_to__gt", models.F("hours_from"))
                    ),
                    _connector="OR",
                ),
                name="accounts_workingagreement_hours",
                violation_error_message="Give both ends of the hours, the later one last.",
            ),
        ),
        SecureTable("account"),
        SecureTable("contact"),
        SecureTable("workingagreement"),
    ]
