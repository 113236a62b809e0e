"""What other apps may want to know of markets."""

from django.dispatch import Signal

market_added = Signal()
"""``market`` is new. Sent inside the transaction of the change."""

calendar_changed = Signal()
"""Working days, hours, zone or quiet periods of ``market`` are no longer what they were.

Sent inside the transaction of the change.
"""

markets_opened = Signal()
"""``markets`` (a list) are open now: check-ins are to be planned there.

Sent inside the transaction of the change.
"""
