"""What a field of a market can hold."""

import re

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regions.hours import UnknownZone, load_zone

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")

# CLDR lists groupings and test regions beside the countries.
_COUNTRIES = Locale("en").territories.keys() - {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def validate_zone(value: str) -> None:
    """Take names of the IANA time zone database only."""
    try:
        load_zone(value)
    except UnknownZone:
        raise ValidationError(
            _("“%(value)s” is not a time zone of the IANA database."),
            code="unknown_zone",
            params={"value": value},
        ) from None


def validate_language_tag(value: str) -> None:
    """Take language, script and region of BCP 47."""
    if not _LANGUAGE_TAG.fullmatch(value):
        raise ValidationError(
            _("“%(value)s” is not a language tag such as en-GB (BCP 47)."),
            code="bad_language",
            params={"value": value},
        )


def validate_country(value: str) -> None:
    """Take two capital letters of ISO 3166-1 that name a country."""
    if not re.fullmatch("[A-Z]{2}", value) or value not in _COUNTRIES:
        raise ValidationError(
            _("“%(value)s” is not a country code of ISO 3166-1."),
            code="unknown_country",
            params={"value": value},
        )


def validate_weekdays(value: list[int]) -> None:
    """Take distinct ISO weekdays, at least one."""
    if not value or len(set(value)) != len(value) or not set(value) <= set(range(1, 8)):
        raise ValidationError(
            _("Choose each working day once, Monday (1) to Sunday (7)."), code="bad_weekdays"
        )
