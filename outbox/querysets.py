"""Filters of letters, and of what goes to endpoints."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

from outbox.choices import DeliveryStatus, EndpointKind

if TYPE_CHECKING:
    from outbox.models import Letter, WebhookDelivery, WebhookEndpoint


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters of the organization in force."""

    def waiting(self) -> "LetterQuerySet":
        """Keep those that are still to be sent."""
        return self.filter(sent_at=None, parked_at=None)

    def due(self) -> "LetterQuerySet":
        """Keep those to send now that nobody is sending, by the database's clock."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=Now())
        return self.waiting().filter(free, due_at__lte=Now())


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Endpoints of the organization in force."""

    def kept(self) -> "WebhookEndpointQuerySet":
        """Leave out those that were removed; what they were sent is still told."""
        return self.filter(removed_at=None)

    def programs(self) -> "WebhookEndpointQuerySet":
        """Keep those of programs: chats are kept where it is said what they are told."""
        return self.kept().filter(kind=EndpointKind.PROGRAM)

    def asking_for(self, event_type: str) -> "WebhookEndpointQuerySet":
        """Keep those that want to hear of such events; without a choice that is all of them."""
        wanted = models.Q(event_types=[]) | models.Q(event_types__contains=[event_type])
        return self.programs().filter(wanted, is_active=True)


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Deliveries of the organization in force."""

    def queued(self) -> "WebhookDeliveryQuerySet":
        """Keep those that are still to be made."""
        return self.filter(status=DeliveryStatus.QUEUED)

    def due(self) -> "WebhookDeliveryQuerySet":
        """Keep those to make now that nobody is making, by the database's clock."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=Now())
        return self.queued().filter(free, due_at__lte=Now())

    def under_way(self) -> "WebhookDeliveryQuerySet":
        """Keep those that somebody is making."""
        return self.queued().filter(leased_until__gte=Now())
