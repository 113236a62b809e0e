"""Every write on the endpoints of chats: what is posted there waits among the deliveries."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from outbox import webhooks
from outbox.addresses import BadTarget, target_of
from outbox.chat import Message, masked, payload
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.queueing import enqueue, new_message_id
from toolkit.errors import InvalidInput


@transaction.atomic
def save_chat(endpoint: WebhookEndpoint, *, url: str = "") -> WebhookEndpoint:
    """Keep the endpoint of a chat; ``url`` is its secret address, empty for that of before.

    :raises InvalidInput: without an address, or for one to which nothing is sent.
    """
    if url:
        try:
            target_of(url, anywhere=settings.WEBHOOKS_ANYWHERE)
        except BadTarget as error:
            raise InvalidInput({"url": error}) from error
        endpoint.secret, endpoint.url = url, masked(url)
    if not endpoint.secret:
        raise InvalidInput({"url": _("Say where messages are posted.")})
    return webhooks.keep(endpoint)


@transaction.atomic
def remove_chat(endpoint: WebhookEndpoint, *, at: dt.datetime) -> None:
    """Post nothing there any more, and forget its address."""
    webhooks.remove_endpoint(endpoint, at=at)


@transaction.atomic
def post_now(event_type: str, endpoint: WebhookEndpoint, message: Message) -> WebhookDelivery:
    """Post one message, and return its delivery.

    :raises EndpointInactive: if the endpoint is switched off.
    """
    webhooks.require_active(endpoint)
    (delivery,) = post(event_type, [(endpoint.pk, endpoint.kind, message)])
    delivery.endpoint = endpoint
    return delivery


def post(event_type: str, messages: Iterable[tuple[UUID, str, Message]]) -> list[WebhookDelivery]:
    """Post messages, each to the endpoint with this id and kind, once this transaction is over."""
    told: list[tuple[UUID, str, dict[str, Any]]] = [
        (endpoint, new_message_id(), dict(payload(kind, message)))
        for endpoint, kind, message in messages
    ]
    return enqueue(event_type, told)
