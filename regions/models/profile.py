"""What is reported of a market: hints for people, never a score of an account."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from regions.choices import DIMENSIONS, SCOPES, SIDES, URGENCIES
from regions.models.calendar import MarketPart
from tenants.fields import TenantForeignKey
from tenants.models import Membership

CONFIRMATION_HOLDS_DAYS = 365


class Sourced(MarketPart):
    """A report, with where it comes from."""

    source_title = models.CharField(
        _("source"),
        max_length=300,
        help_text=_("Where it was reported, so that others can judge it."),
    )
    practitioner = models.CharField(
        _("reported by"),
        max_length=200,
        blank=True,
        help_text=_("Who says so, with role and employer."),
    )
    reported_year = models.PositiveSmallIntegerField(
        _("reported in"),
        null=True,
        blank=True,
        help_text=_("The year of the report; habits change."),
    )
    source_note = models.TextField(
        _("what limits this report"),
        blank=True,
        help_text=_("Who was not asked, how few cases it rests on, what may have changed since."),
    )

    class Meta(MarketPart.Meta):
        abstract = True


class CulturalStatement(Sourced):
    """One report on one dimension; the local team confirms, changes or withdraws it."""

    dimension = models.CharField(
        _("dimension"),
        max_length=30,
        choices=DIMENSIONS,
        help_text=_("The part of working together that it is about."),
    )
    side = models.CharField(
        _("side"),
        max_length=30,
        choices=SIDES,
        blank=True,
        help_text=_(
            "The end of the dimension that customers there lean to; leave it empty if the report "
            "takes none."
        ),
    )
    scope = models.CharField(
        _("scope"),
        max_length=10,
        choices=SCOPES,
        default="customers",
        help_text=_("Whether it speaks of your customers or of your own people there."),
    )
    text = models.TextField(
        _("what is reported"),
        help_text=_("One statement, worded as a report and not as a rule about people."),
    )
    note = models.TextField(
        _("our note"), blank=True, help_text=_("What your team makes of it in its own work.")
    )
    confirmed_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta(Sourced.Meta):
        verbose_name = _("cultural statement")
        verbose_name_plural = _("cultural profile")
        ordering = ["dimension", "id"]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()}: {self.text[:60]}"


class Phrase(Sourced):
    """What a phrase may mean here, and how urgent it is."""

    language = models.CharField(
        _("language"),
        max_length=20,
        help_text=_("BCP 47, such as en-GB: the language in which it is said."),
    )
    phrase = models.CharField(
        _("phrase"),
        max_length=300,
        help_text=_("As customers write or say it, such as “slightly concerned”."),
    )
    meaning = models.CharField(
        _("what it may mean"),
        max_length=300,
        help_text=_("What the sender may want you to understand, in plain words."),
    )
    urgency = models.CharField(
        _("urgency"),
        max_length=10,
        choices=URGENCIES,
        default="normal",
        help_text=_("How soon somebody should ask what is behind it."),
    )

    class Meta(Sourced.Meta):
        verbose_name = _("phrase")
        verbose_name_plural = _("phrasebook")
        ordering = ["phrase", "id"]

    def __str__(self) -> str:
        return self.phrase
