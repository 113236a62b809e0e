"""The admin, and what every app builds its part of it on."""

from tenants.admin.actions import asking_list_action, list_action, object_action
from tenants.admin.base import TenantAdmin, TenantStackedInline, TenantTabularInline
from tenants.admin.forms import TenantForm, VersionedForm
from tenants.admin.guarded import ModelT, parent_id
from tenants.admin.registrations import ApiKeyAdmin, AuditEntryAdmin
from tenants.admin.site import site

__all__ = [
    "ApiKeyAdmin",
    "AuditEntryAdmin",
    "ModelT",
    "TenantAdmin",
    "TenantForm",
    "TenantStackedInline",
    "TenantTabularInline",
    "VersionedForm",
    "asking_list_action",
    "list_action",
    "object_action",
    "parent_id",
    "site",
]
