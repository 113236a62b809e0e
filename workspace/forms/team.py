"""What a reader of the workload chooses: a region, a market."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from regions.models import Market


class TeamFilters(forms.Form):
    """Filters of the workload; a value that is not offered filters nothing."""

    region = forms.ChoiceField(label=_("Region"), required=False)
    market = forms.ChoiceField(label=_("Market"), required=False)

    def __init__(self, data: Any, *, markets: Iterable[Market]) -> None:
        super().__init__(data)
        markets = list(markets)
        regions = {str(market.region_id): market.region.name for market in markets}
        names = {str(market.pk): market.name for market in markets}
        for name, label, found in (
            ("region", _("Any region"), regions),
            ("market", _("Any market"), names),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", label), *found.items()]
        self.is_valid()

    @property
    def wanted(self) -> dict[str, UUID]:
        """What was chosen, by name."""
        return {name: UUID(value) for name, value in self.cleaned_data.items() if value}
