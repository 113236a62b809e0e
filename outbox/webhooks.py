"""Every write on webhooks: endpoints kept, events announced, sent, tried again, given up."""

import datetime as dt
import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from outbox import events, signatures
from outbox.addresses import BadTarget, target_of
from outbox.choices import DeliveryStatus
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.posting import NoAnswer, post
from outbox.querysets import WebhookDeliveryQuerySet
from outbox.queueing import enqueue, new_message_id
from outbox.signals import deliveries_queued
from tenants.context import acting_for
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

log = structlog.get_logger(__name__)

# Longer than looking a host up and waiting for its answer take.
LEASE = dt.timedelta(minutes=2)
# Three days and a few hours. Source: Standard Webhooks, "Deliverability and reliability".
PAUSES = (
    dt.timedelta(seconds=5),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=5),
    dt.timedelta(hours=10),
    dt.timedelta(hours=14),
    dt.timedelta(hours=20),
    dt.timedelta(hours=24),
)
# Up to so much longer, so that what failed together does not come back together.
JITTER = 0.1
MOST_ATTEMPTS = len(PAUSES) + 1
# Who does not answer holds a worker up each time, so it is left alone for a while.
FIRST_SILENCE = PAUSES[0]
FURTHER_SILENCES = dt.timedelta(minutes=1)
OLD_SECRET_SIGNS = dt.timedelta(hours=24)
LONGEST_FAILURE = 500
GONE = 410
REMEMBERED_DAYS = 30


class EndpointInactive(DomainError):
    """Nothing is sent to an endpoint that is switched off."""


class OnItsWay(DomainError):
    """A delivery that is still tried needs no replay."""


class Sent(Enum):
    """How an attempt went."""

    NOT_OURS = "not due, or somebody else has it"
    DELIVERED = "delivered"
    REFUSED = "answered, but not with a success"
    NO_ANSWER = "not answered"


@transaction.atomic
def create_endpoint(endpoint: WebhookEndpoint) -> tuple[WebhookEndpoint, str]:
    """Keep a new endpoint; return it with its secret, which is never shown again.

    :raises InvalidInput: for an address to which nothing is sent, or an unknown type of event.
    """
    endpoint.secret = signatures.new_secret()
    _check(endpoint)
    store(endpoint)
    return endpoint, endpoint.secret


@transaction.atomic
def save_endpoint(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Save a changed endpoint; what waits for one that is switched off is given up.

    :raises InvalidInput: for an address to which nothing is sent, or an unknown type of event.
    """
    _check(endpoint)
    return keep(endpoint)


@transaction.atomic
def keep(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Save an endpoint that was found good; what waits for one that is off is given up."""
    if endpoint.is_active:
        endpoint.disabled_at, endpoint.disabled_because = None, ""
    store(endpoint)
    if not endpoint.is_active:
        _give_up_all(endpoint.pk, "The endpoint was switched off.")
    return endpoint


@transaction.atomic
def remove_endpoint(endpoint: WebhookEndpoint, *, at: dt.datetime) -> None:
    """Send nothing there any more, and forget its secrets; what it was sent is still told."""
    endpoint.is_active, endpoint.removed_at = False, at
    endpoint.secret, endpoint.old_secret, endpoint.old_secret_until = "removed", "", None
    store(endpoint)
    _give_up_all(endpoint.pk, "The endpoint was removed.")


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint, *, at: dt.datetime) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint another secret and return it, once.

    For a day messages are signed with the one of before, too; the one before that ends at once.
    """
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, at + OLD_SECRET_SIGNS
    endpoint.secret = signatures.new_secret()
    store(endpoint)
    return endpoint, endpoint.secret


@transaction.atomic
def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send an endpoint a message that tells of nothing.

    :raises EndpointInactive: if it is switched off.
    """
    require_active(endpoint)
    (delivery,) = _queue(events.TEST, [{"endpoint": str(endpoint.pk)}], [endpoint.pk])
    delivery.endpoint = endpoint
    return delivery


@transaction.atomic
def replay(delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a message again that was delivered or given up, with the same id.

    :raises OnItsWay: if it is still tried.
    :raises EndpointInactive: if its endpoint is switched off.
    """
    require_active(delivery.endpoint)
    closed = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(status=DeliveryStatus.QUEUED)
    if not closed.update(
        status=DeliveryStatus.QUEUED,
        attempts=0,
        due_at=Now(),
        closed_at=None,
        failure="",
        version=F("version") + 1,
    ):
        raise OnItsWay(_("This is on its way already."))
    deliveries_queued.send(sender=WebhookDelivery, endpoints=[delivery.endpoint_id])
    return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery.pk)


def is_wanted(event_type: str) -> bool:
    """Return whether any endpoint of the organization in force asks for such events."""
    return WebhookEndpoint.objects.asking_for(event_type).exists()


def announce(event_type: str, *payloads: Mapping[str, Any]) -> None:
    """Tell the endpoints that ask for it what happened, once this transaction is over.

    Each payload is one event. When it happened is added, by the database's clock.
    """
    assert events.is_declared(event_type), f"nobody declared {event_type}"
    asking = WebhookEndpoint.objects.asking_for(event_type).values_list("pk", flat=True)
    _queue(event_type, payloads, list(asking))


def organizations_with_deliveries_due() -> list[UUID]:
    """Return the organizations that have a message to send now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_with_deliveries_due()")
        return [organization_id for (organization_id,) in cursor.fetchall()]


def forget_deliveries() -> int:
    """Forget what was delivered or given up a month ago, in all organizations; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_deliveries(%s)", [REMEMBERED_DAYS])
        (count,) = cursor.fetchone()
    return int(count)


def next_due(endpoint_id: UUID) -> UUID | None:
    """Return the delivery that an endpoint waits for most.

    None while it is busy with another, and for a while after it did not answer.
    """
    if WebhookEndpoint.objects.filter(pk=endpoint_id, silent_until__gt=Now()).exists():
        return None
    of_endpoint = WebhookDelivery.objects.filter(endpoint=endpoint_id)
    if of_endpoint.under_way().exists():
        return None
    return of_endpoint.due().order_by("due_at", "pk").values_list("pk", flat=True).first()


def send(*, organization_id: UUID, delivery_id: UUID) -> Sent:
    """Send a message that is due, unless somebody else does; return how it went.

    Three steps, and no transaction is open while the endpoint answers: call this outside of one.
    A worker that dies after the second leaves the message to the next, who sends it again with
    the same id.
    """
    with acting_for(organization_id, door="worker"):
        delivery = _lease(delivery_id)
    if delivery is None:
        return Sent.NOT_OURS
    began = time.monotonic()
    answer, failure = _attempt(delivery)
    took = round((time.monotonic() - began) * 1000)
    with acting_for(organization_id, door="worker"):
        _note(delivery, answer, failure, took)
    if not failure:
        return Sent.DELIVERED
    return Sent.NO_ANSWER if answer is None else Sent.REFUSED


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return what is posted: the same bytes at every attempt."""
    if delivery.endpoint.is_chat:
        return json.dumps(delivery.payload, ensure_ascii=False).encode()
    message = {
        "type": delivery.event_type,
        "timestamp": delivery.created_at.astimezone(dt.UTC).isoformat(),
        "data": delivery.payload,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _queue(
    event_type: str, payloads: Sequence[Mapping[str, Any]], endpoints: Sequence[UUID]
) -> list[WebhookDelivery]:
    """Write a row for each event and endpoint."""
    if not payloads or not endpoints:
        return []
    messages = [(new_message_id(), payload) for payload in payloads]
    return enqueue(
        event_type,
        [
            (endpoint, message_id, payload)
            for message_id, payload in messages
            for endpoint in endpoints
        ],
    )


def _check(endpoint: WebhookEndpoint) -> None:
    try:
        target_of(endpoint.url, anywhere=settings.WEBHOOKS_ANYWHERE)
    except BadTarget as error:
        raise InvalidInput({"url": error}) from error
    endpoint.event_types = sorted(set(endpoint.event_types))
    unknown = [each for each in endpoint.event_types if not events.is_declared(each)]
    if unknown:
        said = _("There are no such events: %(names)s.") % {"names": ", ".join(unknown)}
        raise InvalidInput({"event_types": said})


def require_active(endpoint: WebhookEndpoint) -> None:
    """Refuse to send to an endpoint that is switched off.

    :raises EndpointInactive: if it is.
    """
    if not endpoint.is_active:
        raise EndpointInactive(_("%(endpoint)s is switched off.") % {"endpoint": endpoint})


def _lease(delivery_id: UUID) -> WebhookDelivery | None:
    """Take a delivery that is due; None when it is not, or somebody has it."""
    taken = (
        WebhookDelivery.objects.due()
        .filter(pk=delivery_id)
        .update(
            lease_token=F("lease_token") + 1,
            leased_until=Now() + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    if not taken:
        return None
    delivery = WebhookDelivery.objects.select_related("endpoint").get(pk=delivery_id)
    if not delivery.endpoint.is_active:
        _close(delivery, status=DeliveryStatus.PARKED, failure="The endpoint was switched off.")
        return None
    if delivery.attempts <= MOST_ATTEMPTS:
        return delivery
    # Nobody told how the last attempt ended: it took its worker along.
    reason = delivery.failure or "No worker survived it."
    _close(delivery, status=DeliveryStatus.PARKED, failure=reason)
    return None


def _attempt(delivery: WebhookDelivery) -> tuple[int | None, str]:
    """Post the message; return the status of the answer and why it is no success."""
    endpoint = delivery.endpoint
    assert delivery.leased_until is not None
    # By the database's clock, as everything here.
    now = delivery.leased_until - LEASE
    body = body_of(delivery)
    headers = {
        **({} if endpoint.is_chat else _signed(delivery, body, now)),
        "Content-Type": "application/json",
        "User-Agent": "cs-platform-webhooks/1",
    }
    anywhere = settings.WEBHOOKS_ANYWHERE
    try:
        target = target_of(endpoint.target, anywhere=anywhere)
        status = post(target, body, headers, anywhere=anywhere)
    except (NoAnswer, BadTarget) as error:
        return None, str(error)
    except Exception as error:
        log.exception("a webhook was not sent", delivery=str(delivery.pk))
        return None, type(error).__name__
    return status, "" if 200 <= status < 300 else f"The endpoint answered {status}."


def _signed(delivery: WebhookDelivery, body: bytes, now: dt.datetime) -> Mapping[str, str]:
    return signatures.headers(
        body,
        message_id=delivery.message_id,
        timestamp=int(now.timestamp()),
        keys=_secrets(delivery.endpoint, now),
    )


def _secrets(endpoint: WebhookEndpoint, now: dt.datetime) -> Iterable[str]:
    yield endpoint.secret
    if endpoint.old_secret_until and endpoint.old_secret_until > now:
        yield endpoint.old_secret


def _note(delivery: WebhookDelivery, answer: int | None, failure: str, took: int) -> None:
    """Write down how an attempt went."""
    values = {"answer": answer, "failure": failure[:LONGEST_FAILURE], "milliseconds": took}
    _note_silence(delivery.endpoint, silent=answer is None)
    if not failure:
        _close(delivery, status=DeliveryStatus.DELIVERED, **values)
    elif answer == GONE:
        if _close(delivery, status=DeliveryStatus.PARKED, **values):
            _disable(delivery.endpoint)
    elif delivery.attempts >= MOST_ATTEMPTS:
        log.error("a webhook was given up", delivery=str(delivery.pk), reason=failure)
        _close(delivery, status=DeliveryStatus.PARKED, **values)
    else:
        pause = PAUSES[delivery.attempts - 1] * random.uniform(1, 1 + JITTER)
        _held(delivery).update(due_at=Now() + pause, leased_until=None, **values)


def _note_silence(endpoint: WebhookEndpoint, *, silent: bool) -> None:
    known = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if silent:
        pause = FURTHER_SILENCES if endpoint.silences else FIRST_SILENCE
        known.update(silences=F("silences") + 1, silent_until=Now() + pause)
    elif endpoint.silences:
        known.update(silences=0, silent_until=None)


def _disable(endpoint: WebhookEndpoint) -> None:
    """Take an endpoint at its word that it is gone, unless somebody changed it meanwhile."""
    known = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True, url=endpoint.url)
    disabled = known.update(
        is_active=False,
        disabled_at=Now(),
        disabled_because=f"It answered {GONE}: it is gone.",
        version=F("version") + 1,
    )
    if disabled:
        log.warning("a webhook endpoint is gone", endpoint=str(endpoint.pk))
        _give_up_all(endpoint.pk, "The endpoint is gone.")


def _give_up_all(endpoint_id: UUID, reason: str) -> None:
    """Give up what waits for an endpoint; what is under way just now ends by itself."""
    waiting = WebhookDelivery.objects.queued().filter(endpoint=endpoint_id)
    waiting.exclude(leased_until__gte=Now()).update(
        status=DeliveryStatus.PARKED, closed_at=Now(), failure=reason, leased_until=None
    )


def _close(delivery: WebhookDelivery, **values: object) -> int:
    return _held(delivery).update(leased_until=None, closed_at=Now(), **values)


def _held(delivery: WebhookDelivery) -> WebhookDeliveryQuerySet:
    """Return the delivery for writing, unless another worker has taken it over since."""
    queued = WebhookDelivery.objects.queued()
    return queued.filter(pk=delivery.pk, lease_token=delivery.lease_token)
