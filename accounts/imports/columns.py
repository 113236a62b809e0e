"""The columns of a file of accounts: one table from which import, export and pages are made."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import Stage, Tier
from accounts.imports.values import (
    Formats,
    Unfit,
    read_amount,
    read_currency,
    read_date,
    read_email,
    read_text,
    text_of,
)
from accounts.models import Account
from tenants.models import Membership
from toolkit.tables import Cell
from toolkit.texts import search_form

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Field(StrEnum):
    """What a column of a file can be about."""

    ID = "id"
    EXTERNAL_ID = "external_id"
    NAME = "name"
    COUNTRY = "country"
    OWNER_EMAIL = "owner_email"
    OWNER_NAME = "owner_name"
    ARR = "arr"
    CURRENCY = "currency"
    RENEWAL_DATE = "renewal_date"
    NOTICE_DEADLINE = "notice_deadline"
    START_DATE = "start_date"
    TIER = "tier"
    STAGE = "stage"
    CITY = "city"


class WhenEmpty(Enum):
    """What an empty cell means where its column is imported."""

    CLEARS = "clears"
    """The account has none."""
    KEEPS = "keeps"
    """An account stays as it is; a new one gets the default."""
    IS_REFUSED = "is refused"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how people call it, how its cells are read, and what an export writes in it."""

    field: Field
    title: str
    """In the files that we write; the same in every language, so that every reader finds it."""
    label: "_StrPromise"
    when_empty: WhenEmpty
    read: Callable[[Cell, Formats], Any]
    path: str
    """Where an account keeps it."""


def length_of(model: type[models.Model], name: str) -> int:
    """Return how many characters a field of a model holds."""
    field = cast("models.CharField[Any, Any]", model._meta.get_field(name))
    assert field.max_length is not None
    return field.max_length


def _text(name: str, model: type[models.Model] = Account) -> Callable[[Cell, Formats], str]:
    longest = length_of(model, name)
    return lambda cell, _formats: read_text(cell, longest)


def _choice(
    choices: type[models.TextChoices], also: dict[str, str]
) -> Callable[[Cell, Formats], str]:
    known = {search_form(value): value for value in choices.values}
    known |= {search_form(value.replace("_", " ")): value for value in choices.values} | also

    def read(cell: Cell, _formats: Formats) -> str:
        text = search_form(text_of(cell))
        if text in known:
            return known[text]
        for value, label in choices.choices:
            if text == search_form(str(label)):
                return str(value)
        raise Unfit(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices.values)})

    return read


COLUMNS: tuple[Column, ...] = (
    Column(
        Field.NAME,
        "Name",
        gettext_lazy("Name"),
        WhenEmpty.IS_REFUSED,
        _text("name"),
        "name",
    ),
    Column(
        Field.COUNTRY,
        "Market",
        gettext_lazy("Country or market"),
        WhenEmpty.IS_REFUSED,
        lambda cell, _formats: text_of(cell),
        "market__code",
    ),
    Column(
        Field.OWNER_EMAIL,
        "Owner e-mail",
        gettext_lazy("Owner's e-mail"),
        WhenEmpty.CLEARS,
        lambda cell, _formats: read_email(cell),
        "owner__email",
    ),
    Column(
        Field.OWNER_NAME,
        "Owner name",
        gettext_lazy("Owner's name"),
        WhenEmpty.KEEPS,
        _text("name", Membership),
        "owner__name",
    ),
    Column(
        Field.ARR,
        "ARR",
        gettext_lazy("ARR"),
        WhenEmpty.CLEARS,
        read_amount,
        "arr",
    ),
    Column(
        Field.CURRENCY,
        "Currency",
        gettext_lazy("Currency"),
        WhenEmpty.KEEPS,
        lambda cell, _formats: read_currency(cell),
        "currency",
    ),
    Column(
        Field.RENEWAL_DATE,
        "Renewal date",
        gettext_lazy("Renewal date"),
        WhenEmpty.CLEARS,
        read_date,
        "renewal_date",
    ),
    Column(
        Field.NOTICE_DEADLINE,
        "Notice deadline",
        gettext_lazy("Notice deadline"),
        WhenEmpty.CLEARS,
        read_date,
        "notice_deadline",
    ),
    Column(
        Field.START_DATE,
        "Customer since",
        gettext_lazy("Customer since"),
        WhenEmpty.KEEPS,
        read_date,
        "start_date",
    ),
    Column(
        Field.TIER,
        "Tier",
        gettext_lazy("Tier"),
        WhenEmpty.KEEPS,
        _choice(
            Tier,
            {str(number): f"tier_{number}" for number in (1, 2, 3)}
            | {"high touch": "tier_1", "mid touch": "tier_2", "digital": "tier_3"},
        ),
        "tier",
    ),
    Column(
        Field.STAGE,
        "Stage",
        gettext_lazy("Lifecycle stage"),
        WhenEmpty.KEEPS,
        _choice(Stage, {"churn": "churned"}),
        "stage",
    ),
    Column(
        Field.CITY,
        "City",
        gettext_lazy("City"),
        WhenEmpty.CLEARS,
        _text("city"),
        "city",
    ),
    Column(
        Field.EXTERNAL_ID,
        "External id",
        gettext_lazy("External id"),
        WhenEmpty.CLEARS,
        _text("external_id"),
        "external_id",
    ),
    Column(
        Field.ID,
        "Platform id",
        gettext_lazy("Id in this platform"),
        WhenEmpty.KEEPS,
        lambda cell, _formats: text_of(cell),
        "pk",
    ),
)
"""In the order of an export."""

BY_FIELD: dict[str, Column] = {column.field: column for column in COLUMNS}

OF_TEMPLATE = (
    (Field.NAME, "Name"),
    (Field.COUNTRY, "Country"),
    (Field.OWNER_EMAIL, "Owner e-mail"),
    (Field.ARR, "ARR"),
    (Field.RENEWAL_DATE, "Renewal date"),
)
"""The five columns that are enough to begin with."""

_NOT_LETTERS = re.compile(r"[\W_]+")


def spelled(title: str) -> str:
    """Return a title as it is compared: letters and digits only, no case, no accents."""
    return _NOT_LETTERS.sub("", search_form(title))


def _spellings() -> dict[str, tuple[Field, int]]:
    """Return which field a title means, and how well: the lower, the better."""
    known: dict[str, tuple[Field, int]] = {spelled(BY_FIELD[Field.ID].title): (Field.ID, 0)}
    texts = files(__package__).joinpath("spellings.toml").read_text(encoding="utf-8")
    for name, titles in tomllib.loads(texts).items():
        column = BY_FIELD[name]
        for rank, title in enumerate((column.title, name, *titles)):
            known.setdefault(spelled(title), (column.field, rank))
    return known


SPELLINGS = _spellings()
