"""What an action on a task asks for."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.choices import Outcome, Sentiment
from engagement.models import Task
from engagement.services import NextStep
from regions.calendars import CalendarRangeError
from regions.offsets import quiet_period_on
from regions.working_time import today_in, working_time
from tenants.choices import Role
from tenants.models import Membership
from workspace import formats

SUGGESTED_DAYS = 5


class TaskForm(forms.Form):
    """An action on one task; ``now`` is UTC. It knows which state of the task its reader saw."""

    seen_version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, task: Task, now: dt.datetime) -> None:
        super().__init__(data, initial={"seen_version": task.version}, auto_id=f"task-{task.pk}-%s")
        self.task = task
        self.now = now

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}


def _reason(*, required: bool = True) -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=500, required=required)


class DoneForm(TaskForm):
    """How it went; nothing has to be said."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("Not stated")), *Outcome.choices],
    )
    sentiment = forms.ChoiceField(
        label=_("How did they feel about it?"),
        required=False,
        choices=[("", _("Not stated")), *Sentiment.choices],
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_title = forms.CharField(label=_("Next step"), required=False, max_length=200)
    next_date = forms.DateField(
        label=_("Next step on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: the next day on which they work."),
    )

    FIELDS: ClassVar[Mapping[str, str]] = {
        "next_step.title": "next_title",
        "next_step.due_date": "next_date",
    }
    """What the service calls the fields, and what they are called here."""

    def clean(self) -> dict[str, Any]:
        """Ask what is to be done on a day that is given."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("next_date") and not cleaned.get("next_title"):
            self.add_error("next_title", _("Say what is to be done on that day."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        values = super().values()
        title, day = values.pop("next_title"), values.pop("next_date")
        return {**values, "next_step": NextStep(title, day) if title else None}


class MoveForm(TaskForm):
    """Another day, and why; the next days on which the customer works are one key away."""

    day = forms.ChoiceField(
        label=pgettext_lazy("day", "To"), required=False, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=_("Another day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = _reason()

    def __init__(self, data: Any = None, *, task: Task, now: dt.datetime) -> None:
        super().__init__(data, task=task, now=now)
        suggested = _next_working_days(task, now)
        self.today = today_in(task.due_market, now)
        field = self.fields["day"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.isoformat(), formats.day(each)) for each in suggested]
        self.fields["until"].widget.attrs["min"] = self.today.isoformat()

    def clean(self) -> dict[str, Any]:
        """Take the date entered, else the day chosen."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.pop("day", "")
        if not self.has_error("until") and not cleaned.get("until"):
            if chosen:
                cleaned["until"] = dt.date.fromisoformat(chosen)
            else:
                self.add_error("until", _("Choose a day."))
        return cleaned


class NotApplicableForm(TaskForm):
    """Why it makes no sense this time."""

    reason = _reason()


class HandOverForm(TaskForm):
    """To whom, and why."""

    to = forms.ModelChoiceField(
        label=pgettext_lazy("person", "To"), queryset=Membership.objects.none()
    )
    reason = _reason(required=False)

    def __init__(self, data: Any = None, *, task: Task, now: dt.datetime) -> None:
        super().__init__(data, task=task, now=now)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        others = (
            Membership.objects.filter(is_active=True)
            .exclude(role=Role.ANALYST)
            .order_by("name", "pk")
        )
        field.queryset = others.exclude(pk=task.owner_id) if task.owner_id else others


def _next_working_days(task: Task, now: dt.datetime) -> list[dt.date]:
    """Return the next days on which the customer works and may be contacted."""
    time = working_time(task.due_market)
    quiet = time.quiet if task.work.is_contact else ()
    found: list[dt.date] = []
    day = time.today(now)
    try:
        while len(found) < SUGGESTED_DAYS:
            day = time.calendar.next_working_day(day)
            if quiet_period_on(day, quiet) is None and day != task.due_date:
                found.append(day)
    except CalendarRangeError:
        # Beyond the holidays known there is nothing to suggest.
        pass
    return found
