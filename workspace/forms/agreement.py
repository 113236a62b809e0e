"""What was agreed with a customer."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, WorkingAgreement
from regions.choices import Weekday

MINUTES_PER_DAY = 1440


class MinuteField(forms.TimeField):
    """A time of day, kept as minutes since midnight."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show stored minutes as a time."""
        return dt.time(*divmod(value % MINUTES_PER_DAY, 60)) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Read minutes from a time."""
        at = super().to_python(value)
        return None if at is None else at.hour * 60 + at.minute


class EndMinuteField(MinuteField):
    """The end of a stretch of hours: midnight is the end of the day."""

    def to_python(self, value: Any) -> Any:
        """Read minutes from a time, 00:00 as 24:00."""
        minutes = super().to_python(value)
        return MINUTES_PER_DAY if minutes == 0 else minutes


class AgreementForm(forms.ModelForm[WorkingAgreement]):
    """Edits the agreement of one account; it knows which version its reader saw."""

    seen_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    hours_from = MinuteField(label=_("From"), required=False, help_text=_("Their local time."))
    hours_to = EndMinuteField(label=_("Until"), required=False, help_text=_("Their local time."))

    field_order = ("every", "unit", "weekdays", "hours_from", "hours_to")

    class Meta:
        model = WorkingAgreement
        fields = [
            "every",
            "unit",
            "weekdays",
            "hours_from",
            "hours_to",
            "channel",
            "language",
            "decides",
            "escalation",
            "agreed_with",
            "agreed_on",
        ]
        widgets = {"agreed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(
        self, data: Any = None, *, account: Account, agreement: WorkingAgreement | None
    ) -> None:
        instance = agreement or WorkingAgreement(account=account)
        super().__init__(data, instance=instance, initial={"seen_version": instance.version})
        contacts = cast("forms.ModelChoiceField[Any]", self.fields["agreed_with"])
        contacts.queryset = account.contacts.all()

    def agreement(self) -> WorkingAgreement:
        """Return what was entered, as a change of the version that its reader saw."""
        self.instance.version = self.cleaned_data["seen_version"]
        return self.instance
