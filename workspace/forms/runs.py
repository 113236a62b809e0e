"""What starting, holding and ending a run asks for."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from engagement.models import Run
from playbooks.models import Edition
from playbooks.schedule import Anchor, dates_of
from regions.working_time import working_time
from workspace.reading import Entry
from workspace.runs import anchors_to_ask
from workspace.step_words import anchor_name


class StartRunForm(forms.Form):
    """Which playbook, from which day, and the days that its steps count from."""

    playbook = forms.ChoiceField(label=_("Playbook"))
    start = forms.DateField(
        label=pgettext_lazy("run", "Start"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, data: Mapping[str, Any], *, account: Account, offered: Sequence[Entry], today: dt.date
    ) -> None:
        """Ask for the days that the playbook named in ``data`` needs, those known filled in."""
        known = {anchor.value: day for anchor, day in dates_of(account).items()}
        super().__init__({"start": today, **known, **data})
        self._calendar = working_time(account.market).calendar
        field = self.fields["playbook"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.edition.playbook.key, str(each.name.words)) for each in offered]
        editions = {each.edition.playbook.key: each.edition for each in offered}
        self.edition: Edition | None = editions.get(str(data.get("playbook", "")))
        for anchor in anchors_to_ask(self.edition) if self.edition else ():
            self.fields[anchor.value] = forms.DateField(
                label=anchor_name(anchor),
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse days of years whose holidays nobody knows."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = self._calendar.first_day, self._calendar.last_day
        for name, day in list(cleaned.items()):
            if isinstance(day, dt.date) and not first <= day <= last:
                self.add_error(name, _t("The holidays of that year are not known."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = {name: day for name, day in self.cleaned_data.items() if isinstance(day, dt.date)}
        start = given.pop("start", None)
        return {"start": start, "anchors": {Anchor(name): day for name, day in given.items()}}

    def said(self) -> list[tuple[str, str]]:
        """Return what was given, to be sent again as it is."""
        return [
            (name, value.isoformat() if isinstance(value, dt.date) else str(value))
            for name, value in self.cleaned_data.items()
            if value
        ]


class RunDatesForm(forms.Form):
    """Dates that the steps of a run count from. It knows which state of the run its reader saw."""

    seen_version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any], *, run: Run, asked: Sequence[str]) -> None:
        """Ask for dates, those that the run has filled in."""
        given = {name: data[name] for name in data if data[name]}
        super().__init__({"seen_version": run.version, **run.anchors, **given})
        self._known = {Anchor(name): day for name, day in run.anchors.items()}
        for anchor in (each for each in Anchor if each in asked):
            self.fields[anchor.value] = forms.DateField(
                label=anchor_name(anchor),
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def anchors(self) -> dict[Anchor, dt.date]:
        """Return the dates that are others than those that the run has."""
        given = {name: day for name, day in self.cleaned_data.items() if isinstance(day, dt.date)}
        return {
            Anchor(name): day
            for name, day in given.items()
            if self._known.get(Anchor(name)) != day.isoformat()
        }

    def said(self) -> list[tuple[str, str]]:
        """Return what was given, to be sent again as it is."""
        days = [(anchor.value, day.isoformat()) for anchor, day in self.anchors().items()]
        return [("seen_version", str(self.cleaned_data["seen_version"] or "")), *days]


class RunReasonForm(forms.Form):
    """Why a run is held or ended. It knows which state of the run its reader saw."""

    seen_version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=500)
