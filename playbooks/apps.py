"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybooksConfig(AppConfig):
    """Playbooks, localizations, editions and cadences."""

    name = "playbooks"
    verbose_name = _("Playbooks")

    def ready(self) -> None:
        """Listen to what lower apps tell."""
        from playbooks import receivers

        receivers.connect()
