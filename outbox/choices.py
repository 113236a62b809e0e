"""Words of the outbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """What became of a delivery."""

    QUEUED = "queued", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    PARKED = "parked", _("Given up")


class EndpointKind(models.TextChoices):
    """Who reads what is posted to an endpoint."""

    PROGRAM = "program", _("A program")
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"


CHATS = [(kind.value, kind.label) for kind in EndpointKind if kind != EndpointKind.PROGRAM]
"""Where people read."""
