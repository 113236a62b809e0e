"""What other apps may want to know of accounts."""

from django.dispatch import Signal

accounts_changed = Signal()
"""Tier, stage, market, owner, start or agreement of ``accounts`` (a queryset) changed.

Sent inside the transaction of the change.
"""

contract_dates_changed = Signal()
"""Renewal date or notice deadline of ``accounts`` (a queryset) changed. Sent like the other."""

consent_withdrawn = Signal()
"""The person behind ``address`` (lower case) wants no automatic messages any more.

Sent inside the transaction in which that was noted.
"""
