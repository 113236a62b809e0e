"""Closed sets of values."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CadenceMode(TextChoices):
    """What the next check-in counts from."""

    ELASTIC = "elastic", _("Elastic: from the last meaningful contact")
    FIXED = "fixed", _("Fixed: from the calendar")


class WorkingDayOfMonth(TextChoices):
    """The working day of a month on which a monthly rhythm falls."""

    FIRST = "first", _("First working day of the month")
    LAST = "last", _("Last working day of the month")
