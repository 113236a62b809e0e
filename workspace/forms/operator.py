"""What an operator says of a new organization."""

from django import forms
from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _


class OrganizationForm(forms.Form):
    """An organization and its first admin, from who has the operator's key."""

    key = forms.CharField(
        label=_("Operator's key"), widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label=_("Organization"), max_length=200)
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=60,
        required=False,
        help_text=_("For commands; small letters, digits and hyphens. From the name by default."),
    )
    admin_name = forms.CharField(label=_("Name of the first admin"), max_length=200)
    admin_email = forms.EmailField(label=_("E-mail of the first admin"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("The language of the invitation."),
    )

    def clean_key(self) -> str:
        """Return the key, if it is the operator's."""
        key: str = self.cleaned_data["key"]
        if not constant_time_compare(key, settings.OPERATOR_KEY):
            raise forms.ValidationError(_("This is not the operator's key."))
        return key
