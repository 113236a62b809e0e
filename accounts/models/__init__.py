"""Customer companies, the people there, and what was agreed with them."""

from accounts.models.account import Account, Contact
from accounts.models.agreement import WorkingAgreement

__all__ = ["Account", "Contact", "WorkingAgreement"]
