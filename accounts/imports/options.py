"""What a person may say about a file; whatever she leaves open is proposed."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Stage
from accounts.imports.columns import BY_FIELD
from accounts.imports.markets import choice_of
from accounts.imports.values import (
    DateFormat,
    Formats,
    NumberFormat,
    Unfit,
    read_amount,
    read_currency,
)
from accounts.tiers import Floors
from toolkit.errors import InvalidInput
from toolkit.tables import DELIMITERS, ENCODINGS

MOST_DECISIONS = 1000
LONGEST_TEXT = 500
FALLBACK_CURRENCY = "USD"
"""Where there is no home market to take it from."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be read and what its values mean. Empty: found out, or proposed.

    ``columns`` says which field a column is about, by its name in the file; the empty text
    leaves it out. ``countries`` says what a value of the country column means: ``market:CODE``,
    ``adopt:CODE`` (a market of the library, still to be adopted), or ``leave_out``.
    ``tier_floors`` is by currency. The defaults are for new accounts.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: DateFormat = DateFormat.ISO
    number_format: NumberFormat = NumberFormat.CLEAR
    countries: Mapping[str, str] = field(default_factory=dict)
    tier_floors: Mapping[str, Floors] = field(default_factory=dict)
    default_currency: str = ""
    default_stage: str = ""
    default_start_date: dt.date | None = None
    good_rows_only: bool = False

    @property
    def formats(self) -> Formats:
        """How dates and numbers are written."""
        return Formats(self.date_format, self.number_format)

    @property
    def reading(self) -> dict[str, str]:
        """What opening the file needs."""
        return {"encoding": self.encoding, "delimiter": self.delimiter, "sheet": self.sheet}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ImportOptions":
        """Return the options that JSON holds.

        :raises InvalidInput: for the values that cannot be taken, each by its path.
        """
        return cls().changed(values)

    def changed(self, values: Mapping[str, Any]) -> "ImportOptions":
        """Return these options with some of them changed to what JSON holds.

        :raises InvalidInput: for the values that cannot be taken, each by its path.
        """
        errors: dict[str, str] = {}
        read: dict[str, Any] = {}
        for name, value in values.items():
            reader = _READERS.get(name)
            if reader is None:
                errors[name] = _("Unknown option.")
                continue
            try:
                read[name] = reader(value)
            except Unfit as error:
                errors[name] = str(error)
        if errors:
            raise InvalidInput(errors)
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        """Return the options that differ from the defaults, as JSON holds them."""
        untouched = ImportOptions()
        return {
            each.name: _plain(getattr(self, each.name))
            for each in fields(self)
            if getattr(self, each.name) != getattr(untouched, each.name)
        }


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case tuple():
            return [_plain(item) for item in value]
        case Decimal() | dt.date():
            return str(value)
        case _:
            return value


def _one_of(known: Any) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value == "" or isinstance(value, str) and value in known:
            return str(value)
        raise Unfit(_("Choose one of: %(choices)s.") % {"choices": ", ".join(map(repr, known))})

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        raise Unfit(_("Give a text."))
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit(_("Give true or false."))
    return value


def _day(value: Any) -> dt.date | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and len(value) == 10:
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise Unfit(_("Give a day as in 2026-06-05."))


def _currency(value: Any) -> str:
    return read_currency(_text(value)) if value else ""


def _decisions(read_item: Callable[[str, Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > MOST_DECISIONS:
            raise Unfit(_("Give an object of at most %(most)d members.") % {"most": MOST_DECISIONS})
        return {_text(key): read_item(_text(key), item) for key, item in value.items()}

    return read


def _field(_name: str, value: Any) -> str:
    return _one_of([str(name) for name in BY_FIELD])(value)


def _country(_value: str, choice: Any) -> str:
    text = _text(choice)
    if text and choice_of(text) is None:
        raise Unfit(_("Choose market:CODE, adopt:CODE or leave_out."))
    return text


def _floors(currency: str, value: Any) -> Floors:
    read_currency(currency)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Unfit(_("Give two amounts: tier 1 from, tier 2 from."))
    first, second = (read_amount(_text(str(item)), Formats()).value for item in value)
    if first < second:
        raise Unfit(_("Tier 1 begins where tier 2 ends: give the larger amount first."))
    return first, second


_READERS: dict[str, Callable[[Any], Any]] = {
    "encoding": _one_of(ENCODINGS),
    "delimiter": _one_of(DELIMITERS),
    "sheet": _text,
    "columns": _decisions(_field),
    "date_format": lambda value: DateFormat(_one_of([str(each) for each in DateFormat])(value)),
    "number_format": lambda value: NumberFormat(
        _one_of([str(each) for each in NumberFormat])(value)
    ),
    "countries": _decisions(_country),
    "tier_floors": _decisions(_floors),
    "default_currency": _currency,
    "default_stage": _one_of(Stage.values),
    "default_start_date": _day,
    "good_rows_only": _truth,
}
