"""Start-up of the app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_migrate
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Organizations, users, memberships, API keys, row security, audit trail."""

    name = "tenants"
    verbose_name = _("Organization")

    def ready(self) -> None:
        """Watch the two database roles from the first connection on."""
        from tenants import roles

        connection_created.connect(roles.refuse_unsafe_role, dispatch_uid="refuse unsafe role")
        pre_migrate.connect(roles.grant_future_tables, dispatch_uid="grant future tables")
