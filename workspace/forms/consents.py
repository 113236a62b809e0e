"""What a contact says about automatic messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import ConsentState


class ConsentForm(forms.Form):
    """Whether she wants them, and how she said so."""

    state = forms.ChoiceField(
        label=_("Automatic messages"),
        choices=[
            (ConsentState.GIVEN.value, _("She wants them")),
            (ConsentState.WITHDRAWN.value, _("She does not want them")),
        ],
        widget=forms.RadioSelect,
    )
    how = forms.CharField(
        label=_("How she said so"),
        max_length=300,
        help_text=_("Such as: on the phone, on the form of the fair, by mail."),
    )
