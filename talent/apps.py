"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TalentConfig(AppConfig):
    """People's calendars."""

    name = "talent"
    verbose_name = _("People")
