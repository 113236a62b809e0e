"""Customer companies, what is known of them, the people there, agreements, files of accounts."""

from accounts.models.account import Account, Contact
from accounts.models.agreement import WorkingAgreement
from accounts.models.attribute import AccountAttribute
from accounts.models.change import AccountChange
from accounts.models.imports import AccountImport, ImportProblem

__all__ = [
    "Account",
    "AccountAttribute",
    "AccountChange",
    "AccountImport",
    "Contact",
    "ImportProblem",
    "WorkingAgreement",
]
