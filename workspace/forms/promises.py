"""What making, breaking and renegotiating a promise asks for."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, Contact


def _day(label: Any, first: dt.date | None = None) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if first:
        widget.attrs["min"] = first.isoformat()
    return forms.DateField(label=label, widget=widget)


class PromiseForm(forms.Form):
    """What a customer is promised, to whom and by when; ``today`` is the customer's."""

    what = forms.CharField(label=pgettext_lazy("promise", "What we promise"), max_length=300)
    contact = forms.ModelChoiceField(
        label=_("To whom"),
        queryset=Contact.objects.none(),
        required=False,
        empty_label=_("The customer as a whole"),
    )

    def __init__(
        self, data: Any = None, *, account: Account, today: dt.date, prefix: str = ""
    ) -> None:
        super().__init__(data, auto_id=f"promise-{prefix or account.pk}-%s")
        self.fields["due_date"] = _day(pgettext_lazy("promise", "By when"), today)
        contacts = self.fields["contact"]
        assert isinstance(contacts, forms.ModelChoiceField)
        contacts.queryset = Contact.objects.filter(account=account)
        # Most promises are to whom one turns to first.
        first = next((each.pk for each in contacts.queryset if each.is_primary), None)
        self.initial["contact"] = first


class SeenForm(forms.Form):
    """It knows which state of a promise its reader saw."""

    seen_version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class BreakForm(SeenForm):
    """What kept us from keeping it."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class RenegotiateForm(SeenForm):
    """For which day it is promised now, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=500)

    field_order = ("due_date", "reason")

    def __init__(self, data: Any = None, *, today: dt.date, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["due_date"] = _day(_("New day"), today)
        self.order_fields(self.field_order)
