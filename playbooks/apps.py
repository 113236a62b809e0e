"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybooksConfig(AppConfig):
    """Cadences."""

    name = "playbooks"
    verbose_name = _("Playbooks")
