"""Which days an account may carry."""

import datetime as dt

from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 1900, 2199


def reason_against(day: dt.date) -> str:
    """Return why a day cannot be taken; nothing when it can."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return ""
    return _("The year must lie between %(first)d and %(last)d.") % {
        "first": FIRST_YEAR,
        "last": LAST_YEAR,
    }
