"""Days, times, lengths and numbers as the reader writes them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toolkit.formats import clock_time as clock_time
from toolkit.formats import day as day
from toolkit.formats import full_day as full_day
from toolkit.formats import language_name as language_name
from toolkit.formats import language_of as language_of
from toolkit.formats import listed as listed
from toolkit.formats import minute_of_day as minute_of_day
from toolkit.formats import sentence as sentence
from toolkit.formats import weekday_time as weekday_time


def duration(minutes: int) -> str:
    """Return a length of time in hours and minutes."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


def shown_number(count: int, *, more: bool) -> str:
    """Return how many rows are shown, and whether others follow."""
    if not count:
        return _("nothing")
    if more:
        return _("first %(count)d") % {"count": count}
    return ngettext("%(count)d task", "%(count)d tasks", count) % {"count": count}
