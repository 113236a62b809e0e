"""What a reader of a timeline chooses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.choices import TimelineKind


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class TimelineFilters(forms.Form):
    """Of what, and of which days where the customer is. A wrong value filters nothing."""

    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("Everything")), *TimelineKind.choices],
    )
    first = _day(pgettext_lazy("day", "From"))
    last = _day(pgettext_lazy("day", "Until"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.cleaned_data.values())

    def values(self) -> dict[str, Any]:
        """Return what the timeline is asked for."""
        kind = self.cleaned_data.get("kind")
        return {
            "kinds": [kind] if kind else (),
            "first": self.cleaned_data.get("first"),
            "last": self.cleaned_data.get("last"),
        }
