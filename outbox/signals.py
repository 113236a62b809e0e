"""What those who wake workers want to know."""

from django.dispatch import Signal

deliveries_queued = Signal()
"""Something is to be sent to ``endpoints`` (a sequence of ids), of the organization in force.

Sent inside the transaction of what it tells of.
"""

letter_wanted_again = Signal()
"""Somebody wants a ``letter`` sent again that was given up; who minds raises a ``DomainError``.

Sent inside the transaction.
"""
