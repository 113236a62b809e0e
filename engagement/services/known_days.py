"""When a change leaves no day on which a check-in could fall."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from regions.calendars import CalendarRangeError
from toolkit.errors import DomainError


class NoKnownDay(DomainError):
    """A check-in would fall on no working day that the calendar knows."""


@contextmanager
def within_known_days() -> Iterator[None]:
    """Refuse, in words, what would lead planning beyond the calendar.

    :raises NoKnownDay: if it does.
    """
    try:
        yield
    except CalendarRangeError as error:
        raise NoKnownDay(
            _("Check-ins would find no working day between %(first)s and %(last)s.")
            % {"first": error.first_day, "last": error.last_day}
        ) from error
