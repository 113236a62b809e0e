"""From a cell to a value. Strict: what could mean two things is asked, never guessed."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.days import reason_against
from toolkit.tables import BadCell, Cell
from toolkit.tables.cells import as_text


class Unfit(ValueError):
    """A value that cannot be taken; its text says why."""


class DateFormat(StrEnum):
    """The order of day, month and year. ISO 8601 is read always, as it leaves no doubt."""

    ISO = ""
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


class NumberFormat(StrEnum):
    """What separates the decimals. Without one only what leaves no doubt is read."""

    CLEAR = ""
    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True, slots=True)
class Formats:
    """How dates and numbers are written in a file."""

    dates: DateFormat = DateFormat.ISO
    numbers: NumberFormat = NumberFormat.CLEAR


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money; ``currencies`` are those that what stood beside the number may mean."""

    value: Decimal
    currencies: frozenset[str] = frozenset()


# What may follow a day without saying more than the day.
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+]00:00)?)?"
_ISO_DATE = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_MIDNIGHT}", re.ASCII)
_NAMED_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_ANY_DATE = re.compile(rf"(\d{{1,4}})([./\- ]) ?(\d{{1,2}})\2 ?(\d{{1,4}}){_MIDNIGHT}", re.ASCII)

_DOLLARS = frozenset({"USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"})
_SYMBOLS: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "$": _DOLLARS,
    "US$": frozenset({"USD"}),
    "A$": frozenset({"AUD"}),
    "AU$": frozenset({"AUD"}),
    "NZ$": frozenset({"NZD"}),
    "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}),
    "S$": frozenset({"SGD"}),
    "HK$": frozenset({"HKD"}),
    "¥": frozenset({"JPY", "CNY"}),
    "￥": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
    "₱": frozenset({"PHP"}),
    "lei": frozenset({"RON"}),
    "Fr.": frozenset({"CHF"}),
    "kr": frozenset({"DKK", "NOK", "SEK"}),
    "kr.": frozenset({"DKK", "NOK", "SEK"}),
    "zł": frozenset({"PLN"}),
    "₹": frozenset({"INR"}),
    "₩": frozenset({"KRW"}),
    "R$": frozenset({"BRL"}),
    "﷼": frozenset({"OMR", "QAR", "SAR"}),
    "د.إ": frozenset({"AED"}),
    "د.إ.": frozenset({"AED"}),
    "ر.س": frozenset({"SAR"}),
    "ر.س.": frozenset({"SAR"}),
}
_CODE = re.compile("[A-Z]{3}")
_NUMBER = re.compile(r"[-+]?[0-9](?:[0-9.,'’\s]*[0-9])?")
_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_SPACES = re.compile(r"(?<=[0-9])[\s'’](?=[0-9]{3}(?![0-9]))")
_GROUPED = {
    mark: re.compile(rf"[-+]?[0-9]{{1,3}}(?:\{mark}[0-9]{{2,3}})*\{mark}[0-9]{{3}}")
    for mark in ".,"
}
_DECIMALS = 2


def text_of(cell: Cell) -> str:
    """Return a cell as text without the white space around it; a whole number without a point.

    :raises Unfit: for a cell that holds no value.
    """
    if isinstance(cell, BadCell):
        raise Unfit(cell.reason)
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return str(int(cell))
    return as_text(cell).strip()


def read_text(cell: Cell, longest: int) -> str:
    """Return a text that is not too long.

    :raises Unfit: if it is.
    """
    text = text_of(cell)
    if len(text) > longest:
        raise Unfit(
            _("At most %(longest)d characters fit; these are %(length)d.")
            % {"longest": longest, "length": len(text)}
        )
    return text


def read_email(cell: Cell) -> str:
    """Return an e-mail address in lower case.

    :raises Unfit: if it is none.
    """
    return _email(text_of(cell).lower())


@lru_cache(maxsize=10_000)
def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise Unfit(_("This is not an e-mail address.")) from error
    if len(text) > 254:
        raise Unfit(_("This address is too long."))
    return text


def read_date(cell: Cell, formats: Formats) -> dt.date:
    """Return a day.

    :raises Unfit: if it is none, or its order has to be told.
    """
    if isinstance(cell, dt.date):
        return _within_years(cell)
    return _date(text_of(cell), formats.dates)


@lru_cache(maxsize=10_000)
def _date(text: str, order: DateFormat) -> dt.date:
    found = _ISO_DATE.fullmatch(text) or _NAMED_DATE.fullmatch(text)
    if found:
        return _day(*found.groups())
    found = _ANY_DATE.fullmatch(text)
    if not found:
        raise Unfit(_("This is not a date. Write it as 2026-06-05."))
    first, _mark, second, third = found.groups()
    match order:
        case DateFormat.ISO:
            raise Unfit(_("Say in which order day, month and year are written here."))
        case DateFormat.DAY_FIRST:
            return _day(third, second, first)
        case DateFormat.MONTH_FIRST:
            return _day(third, first, second)
        case DateFormat.YEAR_FIRST:
            return _day(first, second, third)


def _day(year: str, month: str, day: str) -> dt.date:
    if len(year) != 4:
        raise Unfit(_("Write the year with four digits, in the order that was told."))
    try:
        return _within_years(dt.date(int(year), int(month), int(day)))
    except ValueError as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(_("There is no such day.")) from error


def _within_years(day: dt.date) -> dt.date:
    if reason := reason_against(day):
        raise Unfit(reason)
    return day


def is_date_in_question(cell: Cell) -> bool:
    """Return whether a cell may be a date whose order has to be told."""
    return isinstance(cell, str) and bool(
        _ANY_DATE.fullmatch(cell.strip()) and not _ISO_DATE.fullmatch(cell.strip())
    )


def read_currency(cell: Cell) -> str:
    """Return a currency code.

    :raises Unfit: if it is none.
    """
    code = text_of(cell).upper()
    if not _CODE.fullmatch(code):
        raise Unfit(_("Three letters of ISO 4217 are needed, such as EUR."))
    return code


def read_amount(cell: Cell, formats: Formats) -> Amount:
    """Return a sum of money, with what its symbol or code says of the currency.

    :raises Unfit: if it is none, negative, too large or too exact, or could be two numbers.
    """
    if isinstance(cell, Decimal):
        return Amount(_fitting(cell))
    text = text_of(cell)
    if _PLAIN.fullmatch(text):
        return Amount(_fitting(_number(text, formats.numbers)))
    found = _NUMBER.search(text)
    if not found:
        raise Unfit(_("This is not an amount. Write it as 1234.50."))
    beside = [part.strip() for part in (text[: found.start()], text[found.end() :])]
    if any(char.isdigit() for part in beside for char in part):
        raise Unfit(_("This is not an amount. Write it as 1234.50."))
    currencies = [_currencies(part) for part in beside if part]
    if len(currencies) > 1:
        raise Unfit(_("This names two currencies."))
    return Amount(_fitting(_number(found[0], formats.numbers)), *currencies)


def _currencies(text: str) -> frozenset[str]:
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    if _CODE.fullmatch(text.upper()):
        return frozenset({text.upper()})
    raise Unfit(_("“%(text)s” is not a currency.") % {"text": text[:20]})


def _number(text: str, form: NumberFormat) -> Decimal:
    text = _SPACES.sub("", text)
    marks = [char for char in text if char in ".,"]
    decimal_mark = {NumberFormat.POINT: ".", NumberFormat.COMMA: ","}.get(form)
    if decimal_mark is None:
        decimal_mark = _clear_decimal_mark(text, marks)
    whole, _mark, decimals = text.partition(decimal_mark)
    group_mark = "," if decimal_mark == "." else "."
    if group_mark in whole and not _GROUPED[group_mark].fullmatch(whole):
        raise Unfit(_("The groups of digits in this number make no sense."))
    digits = whole.replace(group_mark, "")
    if not re.fullmatch("[-+]?[0-9]+", digits) or not re.fullmatch("[0-9]*", decimals):
        raise Unfit(_("This is not an amount. Write it as 1234.50."))
    return Decimal(f"{digits}.{decimals or '0'}")


def _clear_decimal_mark(text: str, marks: list[str]) -> str:
    """Return the decimal mark where there is no doubt.

    :raises Unfit: for 1.234 and the like.
    """
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "." if marks[0] == "," else ","
    if not marks:
        return "."
    before, _mark, after = text.lstrip("+-").partition(marks[0])
    if len(after) == 3 and len(before) <= 3 and not before.startswith("0"):
        raise Unfit(_("Say whether decimals follow a point or a comma: this could be either."))
    return marks[0]


def is_number_in_question(cell: Cell) -> bool:
    """Return whether a cell is an amount whose decimal mark has to be told."""
    if not isinstance(cell, str) or not (found := _NUMBER.search(cell)):
        return False
    text = _SPACES.sub("", found[0])
    marks = [char for char in text if char in ".,"]
    try:
        _clear_decimal_mark(text, marks)
    except Unfit:
        return True
    return False


def _fitting(value: Decimal) -> Decimal:
    if value < 0:
        raise Unfit(_("This must not be negative."))
    rounded = value.quantize(Decimal(1).scaleb(-_DECIMALS)) if value < Decimal(10) ** 20 else value
    if rounded >= Decimal(10) ** 13:
        raise Unfit(_("This is too large."))
    if rounded != value:
        raise Unfit(_("At most two decimals fit."))
    return rounded
