"""How messages come to wait for their endpoints."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from outbox.models import WebhookDelivery
from outbox.signals import deliveries_queued
from toolkit.uuid7 import uuid7

CHUNK = 1000


def new_message_id() -> str:
    """Return the id of a message: the same for every attempt."""
    return f"msg_{uuid7().hex}"


def enqueue(
    event_type: str, told: Sequence[tuple[UUID, str, Mapping[str, Any]]]
) -> list[WebhookDelivery]:
    """Let endpoint, message id and payload wait to be sent, once this transaction is over."""
    if not told:
        return []
    queued = WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint_id=endpoint,
                message_id=message_id,
                event_type=event_type,
                payload=dict(payload),
            )
            for endpoint, message_id, payload in told
        ],
        batch_size=CHUNK,
    )
    endpoints = list(dict.fromkeys(endpoint for endpoint, _message_id, _payload in told))
    deliveries_queued.send(sender=WebhookDelivery, endpoints=endpoints)
    return queued
