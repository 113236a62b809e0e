"""What is edited on a market's calendar: closures, extra working days, quiet periods."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from regions import services
from regions.models import Closure, ExtraWorkingDay, Market, QuietPeriod
from regions.models.calendar import CalendarPart
from tenants.admin import VersionedForm
from tenants.admin.base import carry_version
from tenants.admin.forms import Refused, refusals
from toolkit.consequences import gathering

MOST_EXTRA_DAYS = 31


class DayInput(forms.DateInput):
    """A day, picked as the device has it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


class EntryForm(VersionedForm[Any]):
    """An entry of the calendar, from a first to a last day."""

    def choose_days(self, first: dt.date, last: dt.date) -> None:
        """Begin with the days that somebody chose in the calendar."""
        self.initial.update(start=first, end=last)

    def parts(self) -> list[CalendarPart]:
        """Return the rows to store."""
        return [self.instance]


class ClosureForm(EntryForm):
    """Days off beside the public holidays."""

    class Meta:
        model = Closure
        fields = ("name", "start", "end")
        widgets = {
            "name": UnfoldAdminTextInputWidget(),
            "start": DayInput(),
            "end": DayInput(),
        }


class QuietPeriodForm(EntryForm):
    """Days that are worked but on which customers are not contacted."""

    class Meta:
        model = QuietPeriod
        fields = ("name", "start", "end", "policy", "source")
        widgets = {
            **ClosureForm.Meta.widgets,
            "policy": UnfoldAdminSelectWidget(),
            "source": UnfoldAdminTextInputWidget(),
        }


class ExtraWorkingDayForm(EntryForm):
    """A day worked whatever else is said, or several in a row, each an entry of its own."""

    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("For several days in a row, the last one; empty: one day."),
        widget=DayInput(),
    )

    class Meta:
        model = ExtraWorkingDay
        fields = ("name", "date")
        widgets = {"name": UnfoldAdminTextInputWidget(), "date": DayInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["until"]

    def choose_days(self, first: dt.date, last: dt.date) -> None:
        """Begin with the days that somebody chose in the calendar."""
        self.initial.update(date=first, until=last if last != first else None)

    def clean(self) -> dict[str, Any] | None:
        """Keep to a stretch that a person can look over."""
        cleaned = super().clean()
        first, last = self.cleaned_data.get("date"), self.cleaned_data.get("until")
        if first and last and not 0 <= (last - first).days < MOST_EXTRA_DAYS:
            said = _("The last day comes after the first, and within %(count)d days.")
            self.add_error("until", said % {"count": MOST_EXTRA_DAYS})
        return cleaned

    def parts(self) -> list[CalendarPart]:
        """Return a row for each day."""
        entry, last = self.instance, self.cleaned_data.get("until")
        following = range(1, (last - entry.date).days + 1) if last else ()
        return [
            entry,
            *(
                ExtraWorkingDay(
                    market=entry.market, name=entry.name, date=entry.date + dt.timedelta(ahead)
                )
                for ahead in following
            ),
        ]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry: how it is called, stored and asked for."""

    slug: str
    form: type[EntryForm]
    title: Any
    add: Any
    change: Any

    @property
    def model(self) -> type[CalendarPart]:
        """Return the rows of this kind."""
        return self.form._meta.model

    def blank(self, market: Market) -> CalendarPart:
        """Return a new row of a market."""
        return self.model(market=market)

    def find(self, market: Market, entry_id: UUID) -> CalendarPart | None:
        """Return a row of a market."""
        return self.model._default_manager.filter(market=market, pk=entry_id).first()

    def add_url(self, market: Market) -> str:
        """Return where one is added."""
        return reverse(f"admin:regions_market_{self.slug}_add", args=[market.pk])

    def change_url(self, entry: CalendarPart) -> str:
        """Return where one is changed."""
        name = f"admin:regions_market_{self.slug}_change"
        return reverse(name, args=[entry.market_id, entry.pk])


KINDS = (
    Kind("closure", ClosureForm, _("Closure"), _("Add a closure"), _("Change the closure")),
    Kind(
        "extra_day",
        ExtraWorkingDayForm,
        _("Extra working day"),
        _("Add an extra working day"),
        _("Change the extra working day"),
    ),
    Kind(
        "quiet",
        QuietPeriodForm,
        _("Quiet period"),
        _("Add a quiet period"),
        _("Change the quiet period"),
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the list below the calendar names it."""

    kind: Any
    name: str
    start: dt.date
    end: dt.date
    what_follows: str
    url: str


def entries_of(market: Market, year: int) -> list[Entry]:
    """Return the entries of a market that concern a year, by day; one query for each kind."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    found = [
        _entry(kind, row)
        for kind in KINDS
        for row in kind.model._default_manager.filter(market=market)
    ]
    shown = [entry for entry in found if entry.start <= last and entry.end >= first]
    return sorted(shown, key=lambda entry: (entry.start, entry.end, entry.name))


def save_entry(form: EntryForm) -> None:
    """Store what a valid form holds; what follows from it follows once.

    :raises Refused: if the service says no.
    """
    carry_version(form.instance, form)
    with transaction.atomic(), refusals(form.prefix), gathering():
        for part in form.parts():
            services.save_part(part)


def remove_entry(form: EntryForm, entry: CalendarPart) -> None:
    """Remove an entry, unless somebody changed it since it was looked at.

    :raises Refused: if somebody did, or the service says no.
    """
    form.is_valid()
    if form.is_stale():
        raise Refused({}, form.prefix)
    with transaction.atomic(), refusals(form.prefix):
        services.remove_part(entry)


def span_of(part: CalendarPart) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of an entry."""
    if isinstance(part, ExtraWorkingDay):
        return part.date, part.date
    assert isinstance(part, Closure | QuietPeriod)
    return part.start, part.end


def chosen_days(values: Iterable[str]) -> list[dt.date]:
    """Return the days among what came with an address, in order."""
    found = []
    for value in values:
        try:
            found.append(dt.date.fromisoformat(value))
        except ValueError:
            continue
    return sorted(found)


def _entry(kind: Kind, row: Any) -> Entry:
    start, end = span_of(row)
    return Entry(
        kind=kind.title,
        name=row.name,
        start=start,
        end=end,
        what_follows=row.get_policy_display() if isinstance(row, QuietPeriod) else "",
        url=kind.change_url(row),
    )
