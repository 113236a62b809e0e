"""What an action on many tasks asks for."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.choices import BulkAction, Outcome
from engagement.services import MOST_TASKS, Deed
from engagement.shifting import MOST_DAYS
from tenants.choices import Role
from tenants.models import Membership

_LENGTH_OF_ID = 36


class BulkForm(forms.Form):
    """An action on the very tasks that the page counted; their ids travel in one field."""

    action: BulkAction
    title: Promise
    ids = forms.CharField(max_length=MOST_TASKS * (_LENGTH_OF_ID + 1), widget=forms.HiddenInput)

    def clean_ids(self) -> list[UUID]:
        """Return the ids.

        :raises ValidationError: if they are not as the page wrote them.
        """
        try:
            return [UUID(text) for text in self.cleaned_data["ids"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("Reload the page and try again.")) from None

    def deed(self) -> Deed:
        """Return what is to be done."""
        values: dict[str, Any] = {**self.cleaned_data}
        del values["ids"]
        return Deed(self.action, **values)


class CompleteForm(BulkForm):
    """How it went with all of them."""

    action = BulkAction.COMPLETE
    title = _("Mark as done")
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Not stated")), *Outcome.choices]
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


class HandOverForm(BulkForm):
    """To whom, and why."""

    action = BulkAction.HAND_OVER
    title = _("Hand over to somebody else")
    to = forms.ModelChoiceField(
        label=pgettext_lazy("person", "To"),
        queryset=Membership.objects.filter(is_active=True)
        .exclude(role=Role.ANALYST)
        .order_by("name", "pk"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class ReasonForm(BulkForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class SnoozeForm(ReasonForm):
    """To one day for all of them, and why."""

    action = BulkAction.SNOOZE
    title = _("Move to another day")
    until = forms.DateField(
        label=pgettext_lazy("day", "To"),
        help_text=_("Where nobody works on this day, a task stays as it is and you are told."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ("until", "reason")


class ShiftForm(ReasonForm):
    """By how many working days, and why."""

    action = BulkAction.SHIFT
    title = _("Move by working days")
    days = forms.IntegerField(
        label=_("Working days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=1,
        help_text=_("Each customer's own working days; what is overdue counts from today."),
    )
    field_order = ("days", "reason")


class NotApplicableForm(ReasonForm):
    """Why none of them makes sense this time."""

    action = BulkAction.NOT_APPLICABLE
    title = _("Not applicable this time")


BULK_FORMS: dict[str, type[BulkForm]] = {
    form.action.value: form
    for form in (CompleteForm, SnoozeForm, ShiftForm, HandOverForm, NotApplicableForm)
}
"""The forms by their action, in the order of the buttons."""
