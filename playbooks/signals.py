"""What other apps may want to know of playbooks."""

from django.dispatch import Signal

cadence_changed = Signal()
"""``cadence`` was added, changed or archived. Sent inside the transaction of the change."""
