"""What a reader of playbooks chooses: a market, a motion, days to count from."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.choices import MOTIONS
from playbooks.schedule import Anchor
from regions.calendars import WorkingCalendar
from regions.models import Market
from workspace.step_words import anchor_name


class MarketForm(forms.Form):
    """The market whose playbooks are read."""

    market = forms.ChoiceField(label=_("Market"))

    def __init__(self, data: Any, *, markets: Iterable[Market], market: Market) -> None:
        """Choose ``market`` whatever ``data`` names, which may be nothing."""
        super().__init__({**data.dict(), "market": market.code})
        field = self.fields["market"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.code, each.name) for each in markets]


class PlaybookFilters(MarketForm):
    """Filters of the list of playbooks."""

    motion = forms.ChoiceField(
        label=_("Occasion"), required=False, choices=[("", _("Any occasion")), *MOTIONS]
    )

    @property
    def wanted_motion(self) -> str:
        """The motion that was chosen; a value that is not offered filters nothing."""
        self.is_valid()
        return str(self.cleaned_data.get("motion", ""))


class DaysForm(MarketForm):
    """Days of events from which the steps of a playbook are counted, to see dates."""

    def __init__(
        self, *args: Any, anchors: Sequence[Anchor], calendar: WorkingCalendar, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._calendar = calendar
        for anchor in anchors:
            self.fields[anchor.value] = forms.DateField(
                label=anchor_name(anchor),
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    @property
    def days(self) -> dict[Anchor, dt.date]:
        """The days that were given, by their event; none if one of them cannot be taken."""
        if not self.is_valid():
            return {}
        values = self.cleaned_data.items()
        return {Anchor(name): day for name, day in values if name != "market" and day}

    def clean(self) -> dict[str, Any]:
        """Refuse days of years whose holidays nobody knows."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = self._calendar.first_day, self._calendar.last_day
        for name, day in list(cleaned.items()):
            if name != "market" and day and not first <= day <= last:
                self.add_error(name, _t("The holidays of that year are not known."))
        return cleaned
