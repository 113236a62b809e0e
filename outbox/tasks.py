"""Celery entry points: ids in, one service call."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings

from outbox import services, webhooks
from outbox.models import Letter, WebhookDelivery
from outbox.webhooks import Sent
from tenants.celery import OrganizationTask
from tenants.context import acting_for

MOST_LETTERS_A_SWEEP = 200
MOST_DELIVERIES_A_TURN = 100
# A little more than the first pause, which is too short for a sweep.
SOON = 6


@shared_task(base=OrganizationTask, one_transaction=False)
def send_letter(*, organization_id: str, letter_id: str, **_: object) -> None:
    """Send one letter; safe to run twice, and by two workers at once."""
    services.send_letter(organization_id=UUID(organization_id), letter_id=UUID(letter_id))


@shared_task
def sweep_letters(**_: object) -> None:
    """Find what no worker was woken for, or what is to be tried again."""
    for organization_id in services.organizations_with_letters_due():
        send_due_letters.delay(organization_id=str(organization_id))


@shared_task(base=OrganizationTask)
def send_due_letters(*, organization_id: str, **_: object) -> None:
    """Send each due letter of one organization to a worker, the oldest first."""
    due = Letter.objects.due().order_by("due_at", "pk").values_list("pk", flat=True)
    for letter_id in due[:MOST_LETTERS_A_SWEEP]:
        send_letter.apply_async(
            kwargs={"organization_id": organization_id, "letter_id": str(letter_id)},
            # By then the next sweep has found it again.
            expires=settings.LETTER_SWEEP_SECONDS,
        )


@shared_task(base=OrganizationTask, one_transaction=False)
def send_to_endpoint(*, organization_id: str, endpoint_id: str, **_: object) -> None:
    """Send an endpoint what is due, one by one; safe to run twice, and by two workers at once.

    One that does not answer is left alone for a while: it would hold a worker up each time.
    """
    organization = UUID(organization_id)
    failed = False
    for _turn in range(MOST_DELIVERIES_A_TURN):
        with acting_for(organization, door="worker"):
            delivery_id = webhooks.next_due(UUID(endpoint_id))
        if delivery_id is None:
            break
        sent = webhooks.send(organization_id=organization, delivery_id=delivery_id)
        failed = failed or sent in {Sent.REFUSED, Sent.NO_ANSWER}
    else:
        wake_for_endpoint(organization_id, endpoint_id)
    if failed:
        wake_for_endpoint(organization_id, endpoint_id, countdown=SOON)


def wake_for_endpoint(organization_id: str, endpoint_id: str, **options: Any) -> None:
    """Have a worker look after an endpoint. Where none can be woken the sweep finds it."""
    send_to_endpoint.apply_async(
        kwargs={"organization_id": organization_id, "endpoint_id": endpoint_id},
        retry=False,
        **options,
    )


@shared_task
def sweep_deliveries(**_: object) -> None:
    """Find what no worker was woken for, or what is to be tried again."""
    for organization_id in webhooks.organizations_with_deliveries_due():
        send_due_deliveries.delay(organization_id=str(organization_id))


@shared_task(base=OrganizationTask)
def send_due_deliveries(*, organization_id: str, **_: object) -> None:
    """Wake a worker for each endpoint of one organization for which something is due."""
    due = WebhookDelivery.objects.due().order_by("endpoint").values_list("endpoint", flat=True)
    for endpoint_id in due.distinct():
        # By then the next sweep has found it again.
        wake_for_endpoint(organization_id, str(endpoint_id), expires=settings.WEBHOOK_SWEEP_SECONDS)


@shared_task
def forget_old_deliveries(**_: object) -> int:
    """Forget what became of deliveries a month ago; safe to run twice."""
    return webhooks.forget_deliveries()
