"""What other apps may want to know of organizations and their people."""

from django.dispatch import Signal

letters_written = Signal()
"""``drafts`` (a sequence of ``tenants.letters.Draft``) are to be sent, for the organization in
force. Sent inside the transaction of what they tell of.
"""
