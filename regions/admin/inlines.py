"""What is edited on a market's page: its working calendar, cultural profile and phrasebook."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from regions import services
from regions.models import (
    BusinessHours,
    Closure,
    CulturalStatement,
    ExtraWorkingDay,
    Phrase,
    QuietPeriod,
    Season,
    WorkingWeek,
)
from tenants.admin import ModelT, TenantStackedInline, TenantTabularInline, parent_id


class PartInline(TenantTabularInline[ModelT]):
    """A part of the market that a line can hold."""

    store = staticmethod(services.save_part)
    remove = staticmethod(services.remove_part)


class WorkingWeekInline(PartInline[WorkingWeek]):
    """The weekdays worked, and since when."""

    model = WorkingWeek
    fields = ("holds_from", "weekdays", "source", "note")


class ClosureInline(PartInline[Closure]):
    """Days off beside the public holidays."""

    model = Closure
    fields = ("name", "start", "end")


class ExtraWorkingDayInline(PartInline[ExtraWorkingDay]):
    """Days worked although week, holiday or closure say otherwise."""

    model = ExtraWorkingDay
    fields = ("date", "name")


class QuietPeriodInline(PartInline[QuietPeriod]):
    """Days that are worked but on which customers are not contacted."""

    model = QuietPeriod
    fields = ("name", "start", "end", "policy", "source")


class SeasonInline(PartInline[Season]):
    """Days with business hours of their own."""

    model = Season
    fields = ("name", "start", "end", "estimated", "source")


class BusinessHoursInline(PartInline[BusinessHours]):
    """Business hours, as stretches of a weekday."""

    model = BusinessHours
    fields = ("weekday", "opens", "closes", "season")
    form_help = {
        "opens": _("From when customers can be reached; HH:MM, local time."),
        "closes": _(
            "Until when; HH:MM, local time, and 24:00 is the next midnight. The last stretch of "
            "a day ends it: check-ins are due by then."
        ),
    }

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer the seasons of this market only."""
        if db_field.name == "season":
            kwargs["queryset"] = Season.objects.filter(market=parent_id(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class CulturalStatementInline(TenantStackedInline[CulturalStatement]):
    """Reports about the market, worded as such."""

    model = CulturalStatement
    store = staticmethod(services.save_part)
    remove = staticmethod(services.remove_part)
    fields = (
        ("dimension", "side"),
        "text",
        "note",
        ("practitioner", "source_title"),
        ("scope", "reported_year"),
        "source_note",
        "standing",
    )
    readonly_fields = ("standing",)

    @admin.display(description=_("local team"))
    def standing(self, statement: CulturalStatement) -> str:
        """Return what the local team made of it, with the way to the page where it says so."""
        if statement._state.adding:
            return ""
        url = reverse("admin:regions_culturalstatement_change", args=[statement.pk])
        said = (standing_of(statement), url, _("Confirm or withdraw"))
        return format_html('{} <a class="underline" href="{}">{}</a>', *said)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[CulturalStatement]:
        """Load who confirmed each one."""
        return super().get_queryset(request).select_related("confirmed_by")


class PhraseInline(PartInline[Phrase]):
    """What a phrase may mean here."""

    model = Phrase
    fields = ("language", "phrase", "meaning", "urgency", "practitioner", "source_title")


MARKET_INLINES = (
    WorkingWeekInline,
    ClosureInline,
    ExtraWorkingDayInline,
    QuietPeriodInline,
    SeasonInline,
    BusinessHoursInline,
    CulturalStatementInline,
    PhraseInline,
)


def standing_of(statement: CulturalStatement) -> str:
    """Return in words whether the local team shares a statement."""
    if statement.withdrawn_at:
        return str(_("Withdrawn on %(day)s") % {"day": statement.withdrawn_at.date()})
    if statement.confirmed_at and statement.confirmed_by:
        said = {"who": statement.confirmed_by, "day": statement.confirmed_at.date()}
        return str(_("Confirmed by %(who)s on %(day)s") % said)
    return str(_("Not confirmed yet"))
