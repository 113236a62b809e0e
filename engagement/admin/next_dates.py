"""The next dates of a rhythm as it is typed, market by market."""

import datetime as dt
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from engagement.rhythm import Rhythm, first_on_or_after, nominal_dates
from engagement.schedule import CadenceMode, CadenceTiming, CheckInState, PlannedCheckIn, plan
from engagement.timing import rhythm_of
from playbooks.models import Cadence
from regions.admin.year import name_for_reader
from regions.calendars import CalendarRangeError, WorkingCalendar
from regions.choices import MarketStatus, Weekday
from regions.models import Market
from regions.offsets import Move, MoveReason
from regions.working_time import prepare_working_times, working_time

DATES_SHOWN = 10
# Rolls and quiet periods may carry the last date further.
MARGIN_DAYS = 60


MOVE_REASONS = {
    MoveReason.REST_DAY: _("rest day"),
    MoveReason.HOLIDAY: _("public holiday"),
    MoveReason.CLOSURE: _("closure"),
    MoveReason.QUIET_PERIOD: _("quiet period"),
    MoveReason.BEFORE_TODAY: _("not before today"),
    MoveReason.OWNER_AWAY: _("owner away"),
    MoveReason.SPREAD: _("spread after days off"),
    MoveReason.BUDGET: _("contact budget"),
    MoveReason.BUDGET_FAR: _("contact budget, beyond the tolerance"),
    MoveReason.OVER_BUDGET: _("over the contact budget"),
}


@dataclass(frozen=True, slots=True)
class NextDate:
    """A date of the rhythm and the day it falls due, with why they differ."""

    nominal: dt.date
    due: dt.date
    skipped: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextDates:
    """The next check-ins in one market; fewer where the holiday data end."""

    market: Market
    dates: tuple[NextDate, ...]


class RhythmForm(forms.ModelForm[Cadence]):
    """The fields of a cadence that decide on dates."""

    class Meta:
        model = Cadence
        fields = (
            "region",
            "market",
            "every",
            "unit",
            "weekdays",
            "working_day",
            "benefit",
            "tolerance_days",
        )

    weekdays = forms.TypedMultipleChoiceField(choices=Weekday.choices, coerce=int, required=False)

    def clean_weekdays(self) -> list[int]:
        """Return them in order, as rhythms take them."""
        return sorted(set(self.cleaned_data["weekdays"]))


@require_POST
def next_dates_view(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Show the next ten dates in each market for the cadence in the form, saved or not."""
    form = RhythmForm(request.POST)
    found = next_dates(form.instance, now=timezone.now()) if form.is_valid() else None
    return TemplateResponse(request, "admin/engagement/next_dates.html", {"markets": found})


def next_dates(cadence: Cadence, *, now: dt.datetime) -> list[NextDates]:
    """Return the next dates in the open markets in which ``cadence`` may hold.

    For an account that begins today, without an owner; a fixed count, whatever the mode: an
    elastic one depends on contacts still to come. ``now`` is UTC.
    """
    markets = list(_markets(cadence))
    prepare_working_times(markets)
    return [_in_market(cadence, market, now) for market in markets]


def _markets(cadence: Cadence) -> QuerySet[Market]:
    markets = Market.objects.filter(status=MarketStatus.OPEN)
    if cadence.market_id:
        return markets.filter(pk=cadence.market_id)
    if cadence.region_id:
        return markets.filter(region=cadence.region_id)
    return markets


def _in_market(cadence: Cadence, market: Market, now: dt.datetime) -> NextDates:
    time = working_time(market)
    today = time.today(now)
    rhythm = rhythm_of(cadence)
    timing = CadenceTiming(rhythm, CadenceMode.FIXED, cadence.is_contact, cadence.tolerance_days)
    limit = (_last_nominal(rhythm, today, time.calendar) - today).days + MARGIN_DAYS
    known = (time.calendar.last_day - today).days - MARGIN_DAYS
    planned = plan(
        timing,
        origin=today,
        next_nominal=first_on_or_after(rhythm, today, today, time.calendar),
        market=time,
        owner=None,
        today=today,
        horizon_days=min(limit, known),
    )
    shown = [each for each in planned.check_ins if each.state is not CheckInState.MERGED]
    return NextDates(market, tuple(map(_readable, shown[:DATES_SHOWN])))


def _last_nominal(rhythm: Rhythm, today: dt.date, calendar: WorkingCalendar) -> dt.date:
    """Return the nominal date of the last check-in to show, as far as the calendar goes."""
    try:
        return max(islice(nominal_dates(rhythm, today, today, calendar), DATES_SHOWN))
    except CalendarRangeError as error:
        return error.last_day


def _readable(check_in: PlannedCheckIn) -> NextDate:
    return NextDate(
        nominal=check_in.nominal,
        due=check_in.due_date,
        skipped=check_in.state is CheckInState.SKIPPED,
        reasons=tuple(_reason(move) for move in check_in.moves),
    )


def _reason(move: Move) -> str:
    name = name_for_reader(move.names)
    return f"{MOVE_REASONS[move.reason]} ({name})" if name else str(MOVE_REASONS[move.reason])
