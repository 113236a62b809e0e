"""What other apps may want to know of people."""

from django.dispatch import Signal

availability_changed = Signal()
"""``membership`` works on other days than before. Sent inside the transaction of the change."""
