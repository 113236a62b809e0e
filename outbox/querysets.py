"""Filters of letters."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from outbox.models import Letter


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters of the organization in force."""

    def waiting(self) -> "LetterQuerySet":
        """Keep those that are still to be sent."""
        return self.filter(sent_at=None, parked_at=None)

    def due(self) -> "LetterQuerySet":
        """Keep those to send now that nobody is sending, by the database's clock."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=Now())
        return self.waiting().filter(free, due_at__lte=Now())
