"""What a cell holds, and how its text is kept from running as a formula. Pure."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell whose value cannot be taken, with what can be shown of it, and why."""

    shown: str
    reason: str


Cell = str | Decimal | dt.date | BadCell
"""An empty cell is the empty text."""

# A spreadsheet may run a cell that begins so. Source: OWASP, CSV injection. Spaces in front do
# not help everywhere; an apostrophe is escaped too, so that the way back is never in doubt.
_MAY_RUN = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]|'")


def escape(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if _MAY_RUN.match(text) else text


def unescape(text: str) -> str:
    """Return what ``escape`` was given; any other text stays as it is."""
    return text[1:] if text.startswith("'") and _MAY_RUN.match(text, 1) else text


def as_text(cell: Cell) -> str:
    """Return a cell as a person reads it; dates as in ISO 8601, numbers with a point."""
    match cell:
        case str():
            return cell
        case Decimal():
            return format(cell, "f")
        case BadCell():
            return cell.shown
        case _:
            return cell.isoformat()
