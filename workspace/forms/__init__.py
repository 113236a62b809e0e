"""What people enter."""

from engagement.choices import Show
from workspace.forms.agreement import AgreementForm
from workspace.forms.bulk import BULK_FORMS, BulkForm
from workspace.forms.filters import AccountFilters, TodayFilters
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
from workspace.forms.views import ViewForm

__all__ = [
    "BULK_FORMS",
    "AccountFilters",
    "AddressForm",
    "AgreementForm",
    "BulkForm",
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
    "ViewForm",
]
