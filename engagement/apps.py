"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    """Enrolments, check-ins, tasks, planning."""

    name = "engagement"
    verbose_name = _("Engagement")

    def ready(self) -> None:
        """Listen to what lower apps tell."""
        from engagement import receivers

        receivers.connect()
