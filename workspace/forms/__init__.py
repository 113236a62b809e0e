"""What people enter."""

from workspace.forms.agreement import AgreementForm
from workspace.forms.filters import AccountFilters, Show, TodayFilters
from workspace.forms.people import JoinForm, NewUserForm
from workspace.forms.sign_in import SignInForm
from workspace.forms.tasks import DoneForm, HandOverForm, MoveForm, NotApplicableForm

__all__ = [
    "AccountFilters",
    "AgreementForm",
    "DoneForm",
    "HandOverForm",
    "JoinForm",
    "MoveForm",
    "NewUserForm",
    "NotApplicableForm",
    "Show",
    "SignInForm",
    "TodayFilters",
]
