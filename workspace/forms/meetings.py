"""A meeting that a CSM logs."""

import datetime as dt
from typing import Any, cast

from django import forms

from accounts.models import Account
from engagement.models import Meeting


class MeetingForm(forms.ModelForm[Meeting]):
    """When, how and with whom; ``today`` is the customer's local day."""

    field_order = ("held_on", "channel", "contact", "participants", "note")

    class Meta:
        model = Meeting
        fields = ["held_on", "channel", "contact", "participants", "note"]
        widgets = {
            "held_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, data: Any = None, *, account: Account, today: dt.date) -> None:
        first = account.contacts.filter(is_primary=True).first()
        initial = {
            "held_on": today,
            "contact": first,
            "channel": (first and first.preferred_channel) or "call",
        }
        super().__init__(data, instance=Meeting(account=account), initial=initial)
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        contacts = cast("forms.ModelChoiceField[Any]", self.fields["contact"])
        contacts.queryset = account.contacts.all()
