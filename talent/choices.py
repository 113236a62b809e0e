"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """From where a role is filled."""

    LOCAL = "local", _("Local: in the market")
    REGIONAL = "regional", _("Regional")
    HQ = "hq", _("Headquarters")
