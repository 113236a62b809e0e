"""The way in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from tenants.models import User


class SignInForm(AuthenticationForm):
    """Takes an e-mail address as the name."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


class ForgottenForm(forms.Form):
    """Whose password it is that was forgotten."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


class NewPasswordField(forms.CharField):
    """A password that nobody knows yet; the service judges whether it is good enough."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            strip=False,
            help_text=_("Ten characters or more; a few words are easy to remember."),
        )


class NewPasswordForm(forms.Form):
    """Another password."""

    password = NewPasswordField(label=_("New password"))


class PresentPasswordField(forms.CharField):
    """The password that a person has, to show that it is she."""

    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})

    def __init__(self) -> None:
        super().__init__(label=_("Your present password"), strip=False)


class PresentPasswordForm(forms.Form):
    """Asks for the password that ``user`` has."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self._user = user
        super().__init__(*args, **kwargs)

    def clean_present(self) -> str:
        """Return the password, if it is hers."""
        present: str = self.cleaned_data["present"]
        if not self._user.check_password(present):
            raise forms.ValidationError(_("This is not your password."))
        return present


class PasswordForm(PresentPasswordForm, NewPasswordForm):
    """Another password, from who knows the present one."""

    prefix = "password"
    present = PresentPasswordField()
    field_order = ("present", "password")


class AddressForm(PresentPasswordForm):
    """Another address to sign in with."""

    prefix = "address"
    email = forms.EmailField(
        label=_("New e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    present = PresentPasswordField()
