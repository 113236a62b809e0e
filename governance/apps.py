"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    """Philosophy, principles, brand voice, KPIs and guardrails."""

    name = "governance"
    verbose_name = _("Governance")
