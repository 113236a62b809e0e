"""Celery entry points: ids in, one service call."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from outbox import services
from outbox.models import Letter
from tenants.celery import OrganizationTask

MOST_LETTERS_A_SWEEP = 200


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
