"""Form fields that every app shares."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MINUTES_PER_HOUR = 60
LAST_MINUTE = 24 * MINUTES_PER_HOUR

_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])")


def clock(minutes: int) -> str:
    """Return minutes since midnight as HH:MM; 1440 is 24:00."""
    return f"{minutes // MINUTES_PER_HOUR:02}:{minutes % MINUTES_PER_HOUR:02}"


class MinuteOfDayField(forms.IntegerField):
    """Minutes since midnight, read and written as HH:MM; 24:00 is the next midnight."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Write a time as HH:MM, such as 09:30.")}

    def to_python(self, value: Any) -> int | None:
        """Return the minutes.

        :raises ValidationError: for what is not a time of the day.
        """
        if value in self.empty_values:
            return None
        match = _TIME.fullmatch(str(value).strip())
        minutes = int(match[1]) * MINUTES_PER_HOUR + int(match[2]) if match else LAST_MINUTE + 1
        if minutes > LAST_MINUTE:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        """Return minutes as HH:MM, and what somebody typed as it is."""
        if not isinstance(value, int):
            return value
        return clock(value)


class VersionField(forms.IntegerField):
    """The version that a form was opened with; shown again, it is the stored one."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the stored version, so that a person who was told may save."""
        return initial
