"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    """Enrolments, check-ins, tasks, planning."""

    name = "engagement"
    verbose_name = _("Engagement")

    def ready(self) -> None:
        """Listen to what lower apps tell, and say what webhooks may ask for."""
        from engagement import events, receivers

        receivers.connect()
        events.declare()
