"""Organizations, the people in them, and what they changed."""

from tenants.models.audit import AuditEntry
from tenants.models.base import TenantModel, VersionedTenantModel
from tenants.models.idempotency import KeptAnswer
from tenants.models.identity import ApiKey, Membership, Organization, User
from tenants.models.invitation import Invitation
from tenants.models.passwords import PasswordRequest

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Invitation",
    "KeptAnswer",
    "Membership",
    "Organization",
    "PasswordRequest",
    "TenantModel",
    "User",
    "VersionedTenantModel",
]
