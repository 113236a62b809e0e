"""The working calendar of a market: what is edited by people, on top of the public holidays."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.choices import QUIET_POLICIES, Weekday
from regions.models.market import Market
from regions.validators import validate_weekdays
from tenants.fields import TenantForeignKey
from tenants.models import VersionedTenantModel
from toolkit.fields import MinutesField

ENDS_AFTER_START = models.Q(end__gte=models.F("start"))


class MarketPart(VersionedTenantModel):
    """A row that belongs to a market and is edited on it."""

    market = TenantForeignKey(
        Market,
        models.CASCADE,
        related_name="%(class)s_set",
        verbose_name=_("market"),
        help_text=_("The market whose calendar, profile or phrasebook this is a part of."),
    )

    class Meta(VersionedTenantModel.Meta):
        abstract = True


class CalendarPart(MarketPart):
    """A part of the working calendar: changing it may move working days."""

    class Meta(MarketPart.Meta):
        abstract = True


class Span(CalendarPart):
    """Days from a first to a last, both included."""

    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("What people there call it; the calendar and moved check-ins show it."),
    )
    start = models.DateField(_("first day"), help_text=_("The first day on which it holds."))
    end = models.DateField(
        _("last day"),
        help_text=_("The last day on which it holds; for a single day, the first day again."),
    )

    class Meta(CalendarPart.Meta):
        abstract = True
        ordering = ["start", "id"]
        constraints = [
            *CalendarPart.Meta.constraints,
            models.CheckConstraint(
                condition=ENDS_AFTER_START,
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start} – {self.end})"


class WorkingWeek(CalendarPart):
    """The weekdays worked from a day on, until the next working week holds."""

    holds_from = models.DateField(
        _("holds from"),
        help_text=_(
            "The weekdays count from this day until the next working week holds; the earlier weeks "
            "stay as they were."
        ),
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        verbose_name=_("working days"),
        validators=[validate_weekdays],
        help_text=_("Check-ins fall on these days; on all others they move."),
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Where it can be looked up: a law, an announcement, your local team."),
    )
    note = models.TextField(
        _("note"),
        blank=True,
        help_text=_("What others should know of it, such as an exception for a sector."),
    )

    class Meta(CalendarPart.Meta):
        verbose_name = _("working week")
        verbose_name_plural = _("working weeks")
        ordering = ["holds_from", "id"]
        constraints = [
            *CalendarPart.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "market", "holds_from"],
                name="regions_workingweek_from",
                violation_error_message=_("Another working week holds from this day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holds_from}"


class Season(Span):
    """Days with business hours of their own, such as Ramadan."""

    estimated = models.BooleanField(
        _("estimated"),
        default=False,
        help_text=_(
            "Tick it while the days depend on the moon or on an announcement still to come."
        ),
    )
    source = models.CharField(
        _("source"), max_length=300, blank=True, help_text=_("Where the days can be looked up.")
    )

    class Meta(Span.Meta):
        verbose_name = _("season")
        verbose_name_plural = _("seasons")


class BusinessHours(CalendarPart):
    """One stretch of business hours on a weekday, all year or in a season."""

    season = TenantForeignKey(
        Season,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="hours",
        verbose_name=_("season"),
        help_text=_("Empty: outside the seasons."),
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=Weekday.choices,
        help_text=_(
            "The stretch repeats on this day every week; for a lunch break give two stretches."
        ),
    )
    opens = MinutesField(
        _("opens"),
        validators=[MaxValueValidator(1439)],
        help_text=_("Minutes since midnight, local time."),
    )
    closes = MinutesField(
        _("closes"),
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("Minutes since midnight, local time; 1440 is the next midnight."),
    )

    class Meta(CalendarPart.Meta):
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")
        ordering = ["weekday", "opens", "id"]
        constraints = [
            *CalendarPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")),
                name="regions_businesshours_close_after_opening",
                violation_error_message=_("They close before they open."),
            ),
            models.UniqueConstraint(
                fields=["organization", "market", "season", "weekday", "opens"],
                nulls_distinct=False,
                name="regions_businesshours_once",
                violation_error_message=_("These hours are there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens // 60:02}:{self.opens % 60:02}"


class Closure(Span):
    """Days off beside the public holidays, such as a bridge day."""

    class Meta(Span.Meta):
        verbose_name = _("closure")
        verbose_name_plural = _("closures")


class ExtraWorkingDay(CalendarPart):
    """A day worked although week, holiday or closure say otherwise."""

    date = models.DateField(
        _("day"),
        help_text=_("Check-ins may fall on this day, whatever week, holidays and closures say."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Why it is worked, such as the day it makes up for.")
    )

    class Meta(CalendarPart.Meta):
        verbose_name = _("extra working day")
        verbose_name_plural = _("extra working days")
        ordering = ["date", "id"]
        constraints = [
            *CalendarPart.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "market", "date"],
                name="regions_extraworkingday_once",
                violation_error_message=_("This day is an extra working day already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.date})"


class QuietPeriod(Span):
    """Days that are worked but on which customers are not contacted."""

    policy = models.CharField(
        _("what becomes of contact"),
        max_length=10,
        choices=QUIET_POLICIES,
        default="after",
        help_text=_(
            "What planning does with a contact that would fall into it. Internal work goes on."
        ),
    )
    source = models.CharField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("Who says that customers want quiet then."),
    )

    class Meta(Span.Meta):
        verbose_name = _("quiet period")
        verbose_name_plural = _("quiet periods")
