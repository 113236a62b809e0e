"""Customer companies, the people there, agreements, promises, files of accounts."""

from accounts.models.account import CONTRACT_DATES, Account, Contact
from accounts.models.agreement import RemovedAgreement, WorkingAgreement
from accounts.models.attribute import AccountAttribute
from accounts.models.change import AccountChange
from accounts.models.consent import ContactConsent
from accounts.models.imports import AccountImport, ImportProblem
from accounts.models.promise import Promise, PromiseChange
from accounts.models.sharing import AgreementLink, AgreementProposal

__all__ = [
    "CONTRACT_DATES",
    "Account",
    "AccountAttribute",
    "AccountChange",
    "AccountImport",
    "AgreementLink",
    "AgreementProposal",
    "Contact",
    "ContactConsent",
    "ImportProblem",
    "Promise",
    "PromiseChange",
    "RemovedAgreement",
    "WorkingAgreement",
]
