"""Customer companies, the people there, what was agreed with them, and files of accounts."""

from accounts.models.account import Account, Contact
from accounts.models.agreement import WorkingAgreement
from accounts.models.imports import AccountImport, ImportProblem

__all__ = ["Account", "AccountImport", "Contact", "ImportProblem", "WorkingAgreement"]
