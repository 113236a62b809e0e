"""What people enter."""

from workspace.forms.agreement import AgreementForm
from workspace.forms.filters import AccountFilters, Show, TodayFilters
from workspace.forms.letters import LettersForm
from workspace.forms.operator import OrganizationForm
from workspace.forms.people import JoinForm, NewUserForm, ProfileForm
from workspace.forms.playbooks import DaysForm, MarketForm, PlaybookFilters
from workspace.forms.sign_in import (
    AddressForm,
    ForgottenForm,
    NewPasswordForm,
    PasswordForm,
    SignInForm,
)
from workspace.forms.tasks import DoneForm, HandOverForm, MoveForm, NotApplicableForm

__all__ = [
    "AccountFilters",
    "AddressForm",
    "AgreementForm",
    "DaysForm",
    "DoneForm",
    "ForgottenForm",
    "HandOverForm",
    "JoinForm",
    "LettersForm",
    "MarketForm",
    "MoveForm",
    "NewPasswordForm",
    "NewUserForm",
    "NotApplicableForm",
    "OrganizationForm",
    "PasswordForm",
    "PlaybookFilters",
    "ProfileForm",
    "Show",
    "SignInForm",
    "TodayFilters",
]
