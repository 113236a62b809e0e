"""What lower apps write, and how it comes to be sent."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from outbox import services
from outbox.models import Letter
from outbox.tasks import send_letter
from tenants.letters import Draft
from tenants.signals import letters_written


def connect() -> None:
    """Listen."""
    letters_written.connect(_on_letters_written, dispatch_uid="keep letters")


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
