"""What templates say in the reader's words."""

import datetime as dt

from django import template
from django.utils import timezone

from tenants.choices import Role
from tenants.permissions import may
from workspace import formats
from workspace.explanations import TIERS_IN_SHORT, names_for_reader

register = template.Library()

register.filter("may", may)
register.filter("day", formats.day)
register.filter("full_day", formats.full_day)
register.filter("clock_time", formats.clock_time)
register.filter("language_name", formats.language_name)
register.filter("names_for_reader", names_for_reader)


@register.filter
def moment(at: dt.datetime) -> str:
    """Return day and time of an instant in the reader's zone, which is named."""
    local = timezone.localtime(at)
    return f"{formats.day(local.date())} {formats.clock_time(local)} {local:%Z}"


@register.filter
def tier(code: str) -> str:
    """Return the short name of a tier."""
    return str(TIERS_IN_SHORT[code])


@register.filter
def role(code: str) -> str:
    """Return the name of a role."""
    return str(Role(code).label)
