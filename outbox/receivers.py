"""What lower apps write, and how it comes to be sent."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from outbox import services
from outbox.models import Letter
from outbox.signals import deliveries_queued
from outbox.tasks import send_letter, wake_for_endpoint
from tenants.context import current_organization
from tenants.letters import Draft
from tenants.signals import letters_written


def connect() -> None:
    """Listen."""
    letters_written.connect(_on_letters_written, dispatch_uid="keep letters")
    deliveries_queued.connect(_on_deliveries_queued, dispatch_uid="wake for endpoints")


def _on_letters_written(*, drafts: Sequence[Draft], **_: Any) -> None:
    letters = services.keep_letters(drafts)
    # Robust: where nobody can be woken the sweep finds them.
    transaction.on_commit(lambda: _wake(letters), robust=True)


def _wake(letters: Sequence[Letter]) -> None:
    for letter in letters:
        send_letter.apply_async(
            kwargs={
                "organization_id": str(letter.organization_id),
                "letter_id": str(letter.pk),
            },
            retry=False,
        )


def _on_deliveries_queued(*, endpoints: Sequence[UUID], **_: Any) -> None:
    organization_id = str(current_organization())
    transaction.on_commit(lambda: _wake_for(organization_id, endpoints), robust=True)


def _wake_for(organization_id: str, endpoints: Sequence[UUID]) -> None:
    for endpoint_id in endpoints:
        wake_for_endpoint(organization_id, str(endpoint_id))
