"""What a file seems to hold, and what it would become: for a person to look at and correct."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from accounts.imports.columns import BY_FIELD, SPELLINGS, Column, Field, spelled
from accounts.imports.markets import MarketFinder
from accounts.imports.options import FALLBACK_CURRENCY, ImportOptions
from accounts.imports.values import (
    DateFormat,
    Formats,
    NumberFormat,
    Unfit,
    is_date_in_question,
    is_number_in_question,
    read_amount,
    read_currency,
    read_date,
    read_email,
)
from accounts.tiers import Floors, TierProposal, proposal, proposed_floors
from tenants.models import Membership
from toolkit.tables import Cell, Table, UnreadableTable
from toolkit.tables.cells import as_text

SAMPLES = 3
LONGEST_SAMPLE = 60
MOST_SHOWN = 300
_ASKED_FORMATS = tuple(each for each in DateFormat if each is not DateFormat.ISO)
_DATES = (Field.RENEWAL_DATE, Field.START_DATE)


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column of the file; without a field it is not imported."""

    header: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountryChoice:
    """A value of the country column, and where its accounts go; empty: to be chosen."""

    value: str
    count: int
    choice: str
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnerChoice:
    """An owner; who is no member yet is prepared as one, and invited by a person later."""

    email: str
    name: str
    count: int
    is_member: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file seems to hold. With ``trouble`` it cannot be read before that is told."""

    trouble: UnreadableTable | None = None
    table: Table | None = None
    rows: int = 0
    columns: tuple[ProposedColumn, ...] = ()
    missing: tuple[Column, ...] = ()
    """What a new account needs and no column gives."""
    doubtful: tuple[Column, ...] = ()
    """What several columns of the same name could give."""
    date_formats: tuple[DateFormat, ...] = ()
    """The formats that read every date, where ISO 8601 does not."""
    asks_date_format: bool = False
    asks_number_format: bool = False
    countries: tuple[CountryChoice, ...] = ()
    owners: tuple[OwnerChoice, ...] = ()
    tiers: tuple[TierProposal, ...] = ()
    default_currency: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be told before a check makes sense."""
        return not (
            self.trouble
            or self.missing
            or self.asks_date_format
            or self.asks_number_format
            or any(not country.choice for country in self.countries)
        )


@dataclass(slots=True)
class Survey:
    """What one reading of the whole file finds, whatever is wrong with single rows."""

    rows: int = 0
    samples: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    countries: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)
    owner_names: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    """Positive ones by currency, of accounts whose tier no column gives."""
    asks_date_format: bool = False
    asks_number_format: bool = False
    date_formats: set[DateFormat] = field(default_factory=lambda: set(_ASKED_FORMATS))


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column is about which field."""

    columns: dict[Field, int]
    doubtful: tuple[Field, ...] = ()


def mapping_of(table: Table, options: ImportOptions) -> Mapping:
    """Return the columns as chosen, and for the rest as their titles suggest.

    Two columns of one title leave the field open: which of them is meant is for a person to say.
    """
    chosen = {
        Field(name): index
        for index, header in enumerate(table.header)
        if (name := options.columns.get(header))
    }
    best: dict[Field, list[tuple[int, int]]] = defaultdict(list)
    for index, (header, title) in enumerate(zip(table.header, table.titles, strict=True)):
        if header in options.columns or (found := SPELLINGS.get(spelled(title))) is None:
            continue
        name, rank = found
        if name not in chosen:
            best[name].append((rank, index))
    doubtful = tuple(
        name for name, found in best.items() if len(found) > 1 and _equal_titles(table, found)
    )
    proposed = {name: min(found)[1] for name, found in best.items() if name not in doubtful}
    return Mapping(_by_content(table, proposed) | chosen, doubtful)


def survey_of(
    table: Table, mapping: dict[Field, int], options: ImportOptions, *, ask: bool = False
) -> Survey:
    """Read a whole file once, for all that depends on more than one row.

    ``ask`` also looks for what has to be asked, for a person to see.
    """
    survey = Survey()
    currency = options.default_currency or MarketFinder({}).home_currency or FALLBACK_CURRENCY
    for row in table.rows():
        survey.rows += 1
        if row.problem:
            continue
        if len(survey.samples[0]) < SAMPLES:
            for index, cell in enumerate(row.cells):
                survey.samples[index].append(as_text(cell)[:LONGEST_SAMPLE])
        cells = {name: row.cells[index] for name, index in mapping.items()}
        if ask:
            _note_questions(survey, cells)
        if cells.get(Field.OWNER_EMAIL):
            _note_owner(survey, cells[Field.OWNER_EMAIL], _text(cells, Field.OWNER_NAME))
        if cells.get(Field.ARR) and not _text(cells, Field.TIER):
            _note_amount(survey, cells, options.formats, currency)
    return survey


def floors_of(survey: Survey, options: ImportOptions) -> dict[str, Floors]:
    """Return where the tiers begin in each currency: as chosen, else as the revenue suggests."""
    proposed = {
        currency: proposed_floors(amounts)
        for currency, amounts in survey.amounts.items()
        if currency not in options.tier_floors
    }
    return proposed | dict(options.tier_floors)


def propose_for(table: Table, options: ImportOptions) -> Proposal:
    """Return what a file seems to hold, by the options that were given."""
    mapping = mapping_of(table, options)
    survey = survey_of(table, mapping.columns, options, ask=True)
    finder = MarketFinder(options.countries)
    fields = {index: str(name) for name, index in mapping.columns.items()}
    floors = floors_of(survey, options)
    needed = (Field.NAME, Field.COUNTRY)
    return Proposal(
        table=table,
        rows=survey.rows,
        columns=tuple(
            ProposedColumn(header, fields.get(index, ""), tuple(survey.samples[index]))
            for index, header in enumerate(table.header)
        ),
        missing=tuple(BY_FIELD[name] for name in needed if name not in mapping.columns),
        doubtful=tuple(BY_FIELD[name] for name in mapping.doubtful),
        date_formats=tuple(each for each in _ASKED_FORMATS if each in survey.date_formats)
        if survey.asks_date_format
        else (),
        asks_date_format=survey.asks_date_format and options.date_format is DateFormat.ISO,
        asks_number_format=survey.asks_number_format
        and options.number_format is NumberFormat.CLEAR,
        countries=tuple(
            CountryChoice(value, count, finder.choice_for(value), tuple(finder.offers(value)))
            for value, count in survey.countries.most_common(MOST_SHOWN)
        ),
        owners=tuple(_owners(survey)),
        tiers=tuple(
            proposal(currency, amounts, floors[currency])
            for currency, amounts in sorted(survey.amounts.items())
        ),
        default_currency=options.default_currency or finder.home_currency or FALLBACK_CURRENCY,
    )


def _equal_titles(table: Table, found: list[tuple[int, int]]) -> bool:
    """Return whether the best two of the columns have one title."""
    (_, first), (_, second), *_ = sorted(found)
    return spelled(table.titles[first]) == spelled(table.titles[second])


def _by_content(table: Table, proposed: dict[Field, int]) -> dict[Field, int]:
    """Tell a column of addresses from one of names: both are titled “Owner” or “CSM”."""
    ours = [name for name in (Field.OWNER_EMAIL, Field.OWNER_NAME) if name in proposed]
    if len(ours) != 1:
        return proposed
    index = proposed[ours[0]]
    filled = [
        as_text(row.cells[index]).strip()
        for row in islice(table.rows(), 100)
        if not row.problem and row.cells[index] != ""
    ]
    if not filled:
        return proposed
    holds = Field.OWNER_EMAIL if all("@" in text for text in filled) else Field.OWNER_NAME
    says_mail = "mail" in table.header[index].casefold()
    if holds is Field.OWNER_NAME and (says_mail or any("@" in text for text in filled)):
        return proposed
    return {name: place for name, place in proposed.items() if name not in ours} | {holds: index}


def _note_questions(survey: Survey, cells: dict[Field, Cell]) -> None:
    if country := _text(cells, Field.COUNTRY):
        survey.countries[country] += 1
    for name in _DATES:
        if name in cells and is_date_in_question(cells[name]):
            survey.asks_date_format = True
            survey.date_formats -= set(_failing(cells[name], survey.date_formats))
    if Field.ARR in cells and not survey.asks_number_format:
        survey.asks_number_format = is_number_in_question(cells[Field.ARR])


def _note_owner(survey: Survey, cell: Cell, name: str) -> None:
    try:
        email = read_email(cell)
    except Unfit:
        return
    survey.owners[email] += 1
    if name:
        survey.owner_names.setdefault(email, name)


def _note_amount(survey: Survey, cells: dict[Field, Cell], formats: Formats, currency: str) -> None:
    try:
        amount = read_amount(cells[Field.ARR], formats)
        if _text(cells, Field.CURRENCY):
            currency = read_currency(cells[Field.CURRENCY])
        elif len(amount.currencies) == 1:
            (currency,) = amount.currencies
    except Unfit:
        return
    if amount.value > 0:
        survey.amounts[currency].append(amount.value)


def _failing(cell: Cell, formats: set[DateFormat]) -> Iterator[DateFormat]:
    for each in formats:
        try:
            read_date(cell, Formats(dates=each))
        except Unfit:
            yield each


def _owners(survey: Survey) -> Iterator[OwnerChoice]:
    members = dict(
        Membership.objects.filter(email__in=list(survey.owners)).values_list("email", "name")
    )
    for email, count in survey.owners.most_common(MOST_SHOWN):
        name = members.get(email) or survey.owner_names.get(email, "")
        yield OwnerChoice(email, name, count, email in members)


def _text(cells: dict[Field, Cell], name: Field) -> str:
    cell = cells.get(name, "")
    return as_text(cell).strip()
