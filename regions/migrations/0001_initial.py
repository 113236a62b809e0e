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
        ("tenants", "0002_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Region",
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
                    "code",
                    models.SlugField(
                        help_text="Short and stable, such as emea.",
                        max_length=30,
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
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
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Market",
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
                    "code",
                    models.CharField(
                        help_text="Short and stable, such as FR or US-WEST.",
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9][A-Z0-9-]*$", "Capital letters and digits."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "country",
                    models.CharField(
                        help_text="ISO 3166-1, such as FR; its public holidays are taken.",
                        max_length=2,
                        validators=[regions.validators.validate_country],
                        verbose_name="country",
                    ),
                ),
                (
                    "subdivision",
                    models.CharField(
                        blank=True,
                        help_text="Where holidays differ inside the country, such as ENG or NSW.",
                        max_length=10,
                        verbose_name="subdivision",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        help_text="A name of the IANA database, such as Europe/Paris.",
                        max_length=60,
                        validators=[regions.validators.validate_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            max_length=20, validators=[regions.validators.validate_language_tag]
                        ),
                        help_text="BCP 47, the main one first, such as fr-FR.",
                        size=None,
                        verbose_name="languages",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("preparing", "Preparing"),
                            ("open", "Open"),
                        ],
                        default="open",
                        help_text="Check-ins are planned in open markets only.",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "is_home",
                    models.BooleanField(
                        default=False,
                        help_text="The market the organization comes from; there is one at most.",
                        verbose_name="home market",
                    ),
                ),
                (
                    "library_code",
                    models.CharField(
                        blank=True, editable=False, max_length=10, verbose_name="from the library"
                    ),
                ),
                (
                    "confirmed_through",
                    models.DateField(
                        blank=True,
                        help_text="Lunar holidays after this day are marked as estimated.",
                        null=True,
                        verbose_name="lunar holidays confirmed through",
                    ),
                ),
                (
                    "holidays_note",
                    models.TextField(blank=True, verbose_name="note on the holidays"),
                ),
                (
                    "reply_within_hours",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How soon customers here expect an answer. Empty: the neutral default.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(720),
                        ],
                        verbose_name="we reply within (hours)",
                    ),
                ),
                (
                    "gone_dark_after_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How long a customer here may be silent. Empty: the neutral default.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="silence means something after (days)",
                    ),
                ),
                (
                    "calendar_revision",
                    models.UUIDField(default=toolkit.uuid7.uuid7, editable=False),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="markets",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "market",
                "verbose_name_plural": "markets",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Assignment",
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
                    "membership",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
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
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="regions.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "region",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Season",
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
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("start", models.DateField(verbose_name="first day")),
                ("end", models.DateField(verbose_name="last day")),
                ("estimated", models.BooleanField(default=False, verbose_name="estimated")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
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
                "verbose_name": "season",
                "verbose_name_plural": "seasons",
                "ordering": ["start", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BusinessHours",
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
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Monday"),
                            (2, "Tuesday"),
                            (3, "Wednesday"),
                            (4, "Thursday"),
                            (5, "Friday"),
                            (6, "Saturday"),
                            (7, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                (
                    "opens",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes since midnight, local time.",
                        validators=[django.core.validators.MaxValueValidator(1439)],
                        verbose_name="opens",
                    ),
                ),
                (
                    "closes",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes since midnight, local time; 1440 is the next midnight.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="closes",
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
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
                        to="regions.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "season",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        help_text="Empty: outside the seasons.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="regions.season",
                        verbose_name="season",
                    ),
                ),
            ],
            options={
                "verbose_name": "business hours",
                "verbose_name_plural": "business hours",
                "ordering": ["weekday", "opens", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WorkingWeek",
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
                ("holds_from", models.DateField(verbose_name="holds from")),
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
                        size=None,
                        validators=[regions.validators.validate_weekdays],
                        verbose_name="working days",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
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
                "verbose_name": "working week",
                "verbose_name_plural": "working weeks",
                "ordering": ["holds_from", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ExtraWorkingDay",
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
                ("date", models.DateField(verbose_name="day")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
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
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
                        to="regions.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "extra working day",
                "verbose_name_plural": "extra working days",
                "ordering": ["date", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="regions_extraworkingday_in_organization",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "market", "date"),
                        name="regions_extraworkingday_once",
                        violation_error_message="This day is an extra working day already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CulturalStatement",
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
                ("source_title", models.CharField(max_length=300, verbose_name="source")),
                (
                    "practitioner",
                    models.CharField(blank=True, max_length=200, verbose_name="reported by"),
                ),
                (
                    "reported_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="reported in"
                    ),
                ),
                (
                    "source_note",
                    models.TextField(blank=True, verbose_name="what limits this report"),
                ),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("voice_and_tone", "Voice and tone"),
                            ("response_time", "Response time"),
                            ("communication_pattern", "Communication pattern"),
                            ("meeting_style", "Meeting style"),
                            ("language", "Language"),
                            ("decision_making", "Decision making"),
                            ("trust", "Trust"),
                            ("cs_maturity", "Maturity of customer success"),
                            ("pace_and_automation", "Pace and automation"),
                            ("value", "What counts as value"),
                        ],
                        max_length=30,
                        verbose_name="dimension",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("formal", "Formal"),
                            ("informal", "Informal"),
                            ("immediate", "Immediate"),
                            ("elastic", "Elastic"),
                            ("direct", "Direct"),
                            ("indirect", "Indirect"),
                            ("in_person", "In person"),
                            ("remote", "Remote"),
                            ("csm_learns_language", "The CSM learns the language"),
                            ("interpreter", "Interpreter"),
                            ("local_csm", "Local CSM"),
                            ("hierarchical", "Hierarchical"),
                            ("decentralized", "Decentralized"),
                            ("individual", "Individual"),
                            ("group", "Group"),
                            ("evidence", "Evidence"),
                            ("continuity", "Continuity"),
                            ("new", "New"),
                            ("established", "Established"),
                            ("automated", "Automated"),
                            ("personal", "Personal"),
                            ("efficiency", "Efficiency"),
                            ("reliability", "Reliability"),
                            ("lower_risk", "Less risk"),
                            ("executive_visibility", "Visibility to executives"),
                            ("long_partnership", "Long partnership"),
                        ],
                        max_length=30,
                        verbose_name="side",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("customers", "About customers"), ("teams", "About teams there")],
                        default="customers",
                        max_length=10,
                        verbose_name="scope",
                    ),
                ),
                ("text", models.TextField(verbose_name="what is reported")),
                ("note", models.TextField(blank=True, verbose_name="our note")),
                (
                    "confirmed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="confirmed"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="withdrawn"),
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
                    "confirmed_by",
                    tenants.fields.TenantForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.membership",
                        verbose_name="confirmed by",
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
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
                        to="regions.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "cultural statement",
                "verbose_name_plural": "cultural profile",
                "ordering": ["dimension", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="regions_culturalstatement_in_organization",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Closure",
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
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("start", models.DateField(verbose_name="first day")),
                ("end", models.DateField(verbose_name="last day")),
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
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
                        to="regions.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "closure",
                "verbose_name_plural": "closures",
                "ordering": ["start", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="regions_closure_in_organization"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__gte", models.F("start"))),
                        name="regions_closure_ends_after_start",
                        violation_error_message="The last day is before the first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Phrase",
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
                ("source_title", models.CharField(max_length=300, verbose_name="source")),
                (
                    "practitioner",
                    models.CharField(blank=True, max_length=200, verbose_name="reported by"),
                ),
                (
                    "reported_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="reported in"
                    ),
                ),
                (
                    "source_note",
                    models.TextField(blank=True, verbose_name="what limits this report"),
                ),
                ("language", models.CharField(max_length=20, verbose_name="language")),
                ("phrase", models.CharField(max_length=300, verbose_name="phrase")),
                ("meaning", models.CharField(max_length=300, verbose_name="what it may mean")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        default="normal",
                        max_length=10,
                        verbose_name="urgency",
                    ),
                ),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
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
                "verbose_name": "phrase",
                "verbose_name_plural": "phrasebook",
                "ordering": ["phrase", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="regions_phrase_in_organization"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuietPeriod",
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
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("start", models.DateField(verbose_name="first day")),
                ("end", models.DateField(verbose_name="last day")),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("after", "Move contact after the period"),
                            ("before", "Bring contact forward"),
                            ("skip", "Skip the contact"),
                        ],
                        default="after",
                        max_length=10,
                        verbose_name="what becomes of contact",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "market",
                    tenants.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)s_set",
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
                "verbose_name": "quiet period",
                "verbose_name_plural": "quiet periods",
                "ordering": ["start", "id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="regions_quietperiod_in_organization"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__gte", models.F("start"))),
                        name="regions_quietperiod_ends_after_start",
                        violation_error_message="The last day is before the first.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_region_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.UniqueConstraint(
                fields=("organization", "code"),
                name="regions_region_code",
                violation_error_message="There is a region with this code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="market",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_market_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="market",
            constraint=models.UniqueConstraint(
                fields=("organization", "code"),
                name="regions_market_code",
                violation_error_message="There is a market with this code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="market",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_home", True)),
                fields=("organization",),
                name="regions_market_one_home",
                violation_error_message="Another market is the home market already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_assignment_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("region", None), ("market", None), _connector="XOR"),
                name="regions_assignment_region_or_market",
                violation_error_message="Choose a region or a market.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("organization", "membership", "region", "market"),
                name="regions_assignment_once",
                nulls_distinct=False,
                violation_error_message="This member works there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="season",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_season_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="season",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gte", models.F("start"))),
                name="regions_season_ends_after_start",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="businesshours",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_businesshours_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="businesshours",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes__gt", models.F("opens"))),
                name="regions_businesshours_close_after_opening",
                violation_error_message="They close before they open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="businesshours",
            constraint=models.UniqueConstraint(
                fields=("organization", "market", "season", "weekday", "opens"),
                name="regions_businesshours_once",
                nulls_distinct=False,
                violation_error_message="These hours are there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workingweek",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="regions_workingweek_in_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingweek",
            constraint=models.UniqueConstraint(
                fields=("organization", "market", "holds_from"),
                name="regions_workingweek_from",
                violation_error_message="Another working week holds from this day.",
            ),
        ),
        SecureTable("region"),
        SecureTable("market"),
        SecureTable("assignment"),
        SecureTable("season"),
        SecureTable("businesshours"),
        SecureTable("workingweek"),
        SecureTable("extraworkingday"),
        SecureTable("culturalstatement"),
        SecureTable("closure"),
        SecureTable("phrase"),
        SecureTable("quietperiod"),
    ]
