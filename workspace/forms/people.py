"""What a person says of herself: her name, her language, where she works."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regions.models import Market
from workspace.forms.sign_in import NewPasswordField


class MarketSelect(forms.Select):
    """Tells the time zone of each market, so that the browser's own can be proposed."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return one choice, with its zone."""
        option = super().create_option(name, value, *args, **kwargs)
        if market := getattr(value, "instance", None):
            option["attrs"]["data-zone"] = market.time_zone
        return option


class HomeMarketField(forms.ModelChoiceField[Market]):
    """The market whose calendar and clock are a member's own."""

    widget = MarketSelect

    def __init__(self) -> None:
        super().__init__(
            Market.objects.order_by("name", "pk"),
            label=_("Where you work"),
            required=False,
            empty_label=_("None of these"),
            help_text=_("Times are shown on its clock, and its holidays are yours."),
        )

    def label_from_instance(self, market: Market) -> str:
        """Name the market and its zone."""
        return f"{market.name} ({market.time_zone})"


class JoinForm(forms.Form):
    """What a member says when she joins."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As you write it. Everybody in the organization sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    home_market = HomeMarketField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Market.objects.exists():
            del self.fields["home_market"]


class ProfileForm(JoinForm):
    """What a member says of herself at any time."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("The language of the pages.")
    )

    field_order: tuple[str, ...] = ("name", "language", "home_market")


class NewUserForm(ProfileForm):
    """What somebody says who signs in for the first time."""

    password = NewPasswordField(label=_("Password"))

    field_order = ("name", "password", "language", "home_market")
