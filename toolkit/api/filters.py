"""Declared filters and orderings only."""

import difflib
from typing import Any

import django_filters
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

UNREADABLE = ("\0", "\N{REPLACEMENT CHARACTER}")
"""What PostgreSQL does not store, and what stands for bytes that are no UTF-8."""


def refuse_unknown(given: MultiValueDict[str, str], known: set[str]) -> None:
    """Raise a 400 that names the first parameter that is unknown, empty, double or unreadable."""
    for name, values in given.lists():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = _("Did you mean %(name)s?") % {"name": close[0]} if close else ""
            reason = f"{_('Unknown parameter.')} {hint}".rstrip()
            raise ValidationError({name: reason}, code="unknown_parameter")
        if len(values) > 1:
            raise ValidationError({name: _("Give this once.")})
        if not values[0]:
            raise ValidationError({name: _("Give a value, or leave this out.")})
        if any(unreadable in values[0] for unreadable in UNREADABLE):
            raise ValidationError({name: _("A character that cannot be stored.")})


class FilterSet(rest_framework.FilterSet):  # type: ignore[misc]
    """The filters of one list. Ids are compared, not looked up: a foreign one finds nothing."""


class IdFilter(django_filters.UUIDFilter):  # type: ignore[misc]
    """Keep the rows that point to an id."""


class DateFilter(django_filters.DateFilter):  # type: ignore[misc]
    """Compare with a day, written as in ISO 8601 whatever the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)


@extend_schema_field(OpenApiTypes.BOOL)
class BooleanFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """Keep the rows for which something is true, or false; any other word is a 400."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))]
        super().__init__(*args, choices=choices, coerce="true".__eq__, **kwargs)
