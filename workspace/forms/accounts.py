"""An account entered by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CONTRACT_DATES, Account
from regions.models import Market

DATE = {"type": "date"}


class AccountForm(forms.ModelForm[Account]):
    """What a leader knows of a customer; the rest follows in the admin."""

    owner_email = forms.EmailField(
        label=_("Owner's e-mail"),
        required=False,
        help_text=_("Who looks after it. A person who is new is invited later."),
    )

    field_order = ("name", "market", "owner_email", "arr", "currency", *CONTRACT_DATES)

    class Meta:
        model = Account
        fields = [
            "name",
            "market",
            "arr",
            "currency",
            *CONTRACT_DATES,
            "tier",
            "stage",
            "start_date",
        ]
        widgets = {
            name: forms.DateInput(attrs=DATE, format="%Y-%m-%d")
            for name in (*CONTRACT_DATES, "start_date")
        }

    def __init__(self, data: Any = None, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        market = self.fields["market"]
        assert isinstance(market, forms.ModelChoiceField)
        market.queryset = Market.objects.all()
