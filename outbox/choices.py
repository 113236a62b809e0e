"""Words of the outbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """What became of a delivery."""

    QUEUED = "queued", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    PARKED = "parked", _("Given up")
