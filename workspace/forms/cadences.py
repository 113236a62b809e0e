"""A rhythm of contact: for everybody, or for one market."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from playbooks.models import Cadence
from regions.choices import Weekday
from toolkit.forms import VersionField

HOW_AND_WHEN = (
    "every",
    "unit",
    "weekdays",
    "working_day",
    "mode",
    "channel",
    "duration_minutes",
    "tolerance_days",
)
"""What a market may do differently; what the customer gains is owed everywhere."""


class CadenceForm(forms.ModelForm[Cadence]):
    """A global cadence; it knows which version its reader saw."""

    version = VersionField()
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: any day."),
    )

    class Meta:
        model = Cadence
        fields = ["title", "benefit", *HOW_AND_WHEN]
        widgets = {"benefit": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, data: Any = None, *, instance: Cadence) -> None:
        super().__init__(data, instance=instance, initial={"version": instance.version})

    def cadence(self) -> Cadence:
        """Return what was entered, as a change of the version that its reader saw."""
        self.instance.version = self.cleaned_data["version"]
        return self.instance


class MarketCadenceForm(CadenceForm):
    """How and when one market does it, and why."""

    field_order = (*HOW_AND_WHEN, "reason", "source")

    class Meta(CadenceForm.Meta):
        fields = [*HOW_AND_WHEN, "reason", "source"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, data: Any = None, *, instance: Cadence) -> None:
        super().__init__(data, instance=instance)
        self.fields["reason"].required = True
        self.fields["reason"].help_text = _("So that others understand it, and can take it over.")


class OneMarketForm(forms.Form):
    """The market that is to differ."""

    market = forms.ChoiceField(label=_("Market"))

    def __init__(self, data: Any = None, *, markets: list[Any]) -> None:
        super().__init__(data)
        field = self.fields["market"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(market.pk), str(market)) for market in markets]
