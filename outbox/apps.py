"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Letters and messages on their way."""

    name = "outbox"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        """Listen to who writes letters and messages."""
        from outbox import receivers

        receivers.connect()
