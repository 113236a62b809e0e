"""The home market, and markets made or corrected by hand."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regions.choices import MarketStatus, Weekday
from regions.library import LibraryMarket
from regions.models import Market, Region
from regions.proposals import MarketProposal, country_names
from regions.services import region_named
from toolkit.forms import VersionField

HAVE, ADOPT = "have", "adopt"


class HomeForm(forms.Form):
    """Which market the organization comes from; it knows which one its reader saw there."""

    market = forms.ChoiceField(label=_("Home market"))
    seen_home = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        markets: Iterable[Market],
        library: Iterable[LibraryMarket],
        proposed: str,
    ) -> None:
        markets = list(markets)
        home = next((market for market in markets if market.is_home), None)
        chosen = f"{HAVE}:{home.pk}" if home else f"{ADOPT}:{proposed}"
        super().__init__(data, initial={"market": chosen, "seen_home": home.pk if home else ""})
        field = self.fields["market"]
        assert isinstance(field, forms.ChoiceField)
        taken = {market.code for market in markets}
        own = [(f"{HAVE}:{market.pk}", f"{market} ({market.region})") for market in markets]
        offered = [
            (f"{ADOPT}:{each.code}", f"{each.name} ({each.region})")
            for each in library
            if each.code not in taken
        ]
        field.choices = [
            (label, choices)
            for label, choices in ((_("Your markets"), own), (_("From the library"), offered))
            if choices
        ]

    @property
    def choice(self) -> tuple[str, str]:
        """Whether the market is there or to be adopted, and its id or code."""
        kind, _sign, which = self.cleaned_data["market"].partition(":")
        return kind, which


class CountryForm(forms.Form):
    """The country of a market that is made by hand."""

    country = forms.ChoiceField(label=_("Country"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        names = country_names(get_language() or "en")
        by_name = sorted((name, code) for code, name in names.items())
        field.choices = [(code, name) for name, code in by_name]


class LanguagesField(forms.CharField):
    """Language tags, separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list as a line of text."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Read the tags."""
        tags = (super().to_python(value) or "").split(",")
        return [tag.strip() for tag in tags if tag.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the tags."""
        return bool(list(initial or ()) != self.to_python(data))


class MarketForm(forms.ModelForm[Market]):
    """What a leader corrects of a market in preparation; the rest is in the admin."""

    region_name = forms.CharField(
        label=_("Region"),
        max_length=100,
        help_text=_("Markets of a region are planned and led together. A new name makes one."),
    )
    languages = LanguagesField(
        label=_("Languages"), help_text=_("BCP 47, the main one first, such as fr-FR.")
    )
    version = VersionField()

    field_order: "tuple[str, ...]" = ("name", "region_name", "time_zone", "languages", "currency")

    class Meta:
        model = Market
        fields = ["name", "time_zone", "languages", "currency"]

    def __init__(self, data: Any = None, *, instance: Market, **kwargs: Any) -> None:
        initial = {"version": instance.version, "languages": instance.languages}
        if instance.region_id:
            initial["region_name"] = instance.region.name
        super().__init__(data, instance=instance, initial=initial | kwargs.pop("initial", {}))
        self.fields["region_name"].widget.attrs["list"] = "regions"

    @property
    def regions(self) -> list[str]:
        """The names of the regions there are."""
        return list(Region.objects.values_list("name", flat=True))

    def market(self) -> Market:
        """Return the market as entered, in its region, which may be a new one."""
        if not self.instance._state.adding:
            self.instance.version = self.cleaned_data["version"]
        self.instance.region = region_named(self.cleaned_data["region_name"])
        return self.instance


class NewMarketForm(MarketForm):
    """A market that the library lacks, filled in by what is known of its country."""

    time_zone = forms.ChoiceField(label=_("Time zone"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    is_home = forms.BooleanField(label=_("This is our home market"), required=False)

    field_order = (*MarketForm.field_order, "weekdays", "is_home")

    def __init__(
        self, data: Any = None, *, country: str, proposal: MarketProposal, code: str
    ) -> None:
        market = Market(country=country, code=code, status=MarketStatus.PREPARING)
        super().__init__(
            data,
            instance=market,
            initial={
                "name": proposal.name,
                "region_name": proposal.region,
                "languages": proposal.languages,
                "currency": proposal.currency,
                "weekdays": proposal.weekdays,
            },
        )
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [(zone, zone.replace("_", " ")) for zone in proposal.time_zones]


class AdoptForm(forms.Form):
    """Markets of the library, to be prepared."""

    codes = forms.MultipleChoiceField(
        label=_("From the library"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, library: Iterable[LibraryMarket]) -> None:
        super().__init__(data)
        field = self.fields["codes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(each.code, f"{each.name} ({each.region})") for each in library]
