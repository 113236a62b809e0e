"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(TextChoices):
    """What a member may do. An analyst reads only."""

    ADMIN = "admin", pgettext_lazy("role", "Admin")
    LEADER = "leader", _("CS leader")
    REGIONAL_MANAGER = "regional_manager", _("Regional manager")
    CSM = "csm", _("CSM")
    ANALYST = "analyst", _("Analyst")


LEADS = (Role.ADMIN, Role.LEADER, Role.REGIONAL_MANAGER)
"""Who looks after the work of others."""


class Scope(TextChoices):
    """What an API key may do."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class AuditAction(TextChoices):
    """What happened to a row."""

    INSERT = "insert", _("Added")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Removed")
