"""What a customer proposes, and what the CSM makes of it."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Channel, RhythmUnit
from accounts.models import Account, AgreementProposal, Contact, WorkingAgreement
from accounts.sharing import FIELDS, parts_of
from regions.choices import Weekday
from workspace import explanations, formats
from workspace.forms.agreement import EndMinuteField, MinuteField


class CorrectionForm(forms.Form):
    """What the customer wants; it begins with what was agreed, in the customer's words."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    every = forms.IntegerField(label=_("We talk every"), required=False, min_value=1, max_value=520)
    unit = forms.ChoiceField(
        label=pgettext_lazy("unit of a rhythm", "Days, weeks or months"),
        required=False,
        choices=[("", "—"), *RhythmUnit.choices],
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    hours_from = MinuteField(label=_("From"), required=False, help_text=_("Your local time."))
    hours_to = EndMinuteField(label=_("Until"), required=False, help_text=_("Your local time."))
    channel = forms.ChoiceField(
        label=_("How we reach you"), required=False, choices=[("", "—"), *Channel.choices]
    )
    language = forms.ChoiceField(label=_("Our language"), required=False)
    decides = forms.CharField(label=_("Who decides on your side"), required=False, max_length=300)
    escalation = forms.CharField(
        label=_("Whom to turn to if something goes wrong"), required=False, max_length=300
    )
    remark = forms.CharField(
        label=_("Anything else"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, agreement: WorkingAgreement, seen_version: int) -> None:
        initial = {name: getattr(agreement, name) for name in FIELDS}
        super().__init__(data, initial={**initial, "seen_version": seen_version})
        tags = [code for code, _name in settings.LANGUAGES]
        tags += [*agreement.account.market.languages, agreement.language]
        field = cast("forms.ChoiceField", self.fields["language"])
        known = dict.fromkeys(tag for tag in tags if tag)
        field.choices = [("", "—"), *((tag, formats.language_name(tag)) for tag in known)]

    def clean(self) -> dict[str, Any]:
        """Take number and unit, and both ends of the hours, together or not at all."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("every")) != bool(cleaned.get("unit")):
            self.add_error("every", _("A rhythm needs a number and a unit."))
        start, end = cleaned.get("hours_from"), cleaned.get("hours_to")
        if (start is None) != (end is None) or (start is not None and end <= start):
            self.add_error("hours_to", _("Give both ends of the hours, the later one last."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the fields of an agreement."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class ShareForm(forms.Form):
    """With whom, and how."""

    contact = forms.ModelChoiceField(label=_("With whom"), queryset=Contact.objects.none())
    mail = forms.BooleanField(
        label=_("Write to this person"),
        required=False,
        initial=True,
        help_text=_("A letter in her language, with the link. Otherwise you copy the link."),
    )

    def __init__(self, data: Any = None, *, account: Account) -> None:
        first = account.contacts.filter(is_primary=True).first()
        super().__init__(data, initial={"contact": first})
        field = cast("forms.ModelChoiceField[Any]", self.fields["contact"])
        field.queryset = account.contacts.select_related("account__market")


class DecisionForm(forms.Form):
    """Which parts of a proposal to accept; it knows which agreement its reader saw."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    parts = forms.MultipleChoiceField(
        label=_("What you accept"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Any = None,
        *,
        proposal: AgreementProposal,
        agreement: WorkingAgreement | None,
    ) -> None:
        parts = parts_of(proposal)
        version = agreement.version if agreement else 0
        super().__init__(data, initial={"seen_version": version, "parts": parts})
        field = cast("forms.MultipleChoiceField", self.fields["parts"])
        said = explanations.proposed(proposal, agreement)
        field.choices = [(part, said[part]) for part in parts]
        if not parts:
            del self.fields["parts"]


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
