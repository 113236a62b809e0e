"""Where the tiers begin, in each currency."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.tiers import Floors


class SeenField(forms.CharField):
    """A state that the form was opened with; shown again, it is the present one."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the present state, so that a person who was told may save."""
        return initial


class TiersForm(forms.Form):
    """Two floors for each currency; it knows which tiers its reader saw."""

    seen = SeenField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, floors: Mapping[str, Floors], seen: str) -> None:
        super().__init__(data, initial={"seen": seen})
        self.currencies = list(floors)
        for currency, (first, second) in floors.items():
            for tier, label, value in (
                ("tier_1", _("Tier 1 from"), first),
                ("tier_2", _("Tier 2 from"), second),
            ):
                self.fields[f"{currency}-{tier}"] = forms.DecimalField(
                    label=label,
                    min_value=0,
                    max_digits=15,
                    decimal_places=2,
                    initial=_plain(value),
                )

    @property
    def fields_by_currency(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields of each currency."""
        for currency in self.currencies:
            yield currency, [self[f"{currency}-tier_1"], self[f"{currency}-tier_2"]]

    @property
    def floors(self) -> dict[str, Floors]:
        """The floors entered."""
        return {
            currency: (
                self.cleaned_data[f"{currency}-tier_1"],
                self.cleaned_data[f"{currency}-tier_2"],
            )
            for currency in self.currencies
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a tier 1 that begins below tier 2."""
        cleaned = super().clean() or self.cleaned_data
        for currency in self.currencies:
            first, second = cleaned.get(f"{currency}-tier_1"), cleaned.get(f"{currency}-tier_2")
            if first is not None and second is not None and first < second:
                self.add_error(f"{currency}-tier_2", _("Tier 2 begins below tier 1."))
        return cleaned


def _plain(value: Decimal) -> Decimal:
    """Return an amount without cents where it has none."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
