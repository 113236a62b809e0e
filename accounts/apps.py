"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Customer companies."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Say what webhooks may ask for."""
        from accounts import events

        events.declare()
