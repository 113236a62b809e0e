"""Start-up of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    """Regions and markets."""

    name = "regions"
    verbose_name = _("Regions and markets")
