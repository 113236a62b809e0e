"""The market library: read from its data files, checked whole, kept for the life of the process.

A market has its own file under ``markets/``; reports about several markets stand once under
``reports/`` and are named by each market they speak of.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType

from regions.dimensions import SIDES, Dimension, Side
from regions.hours import UnknownZone, load_zone
from regions.library.records import (
    CulturalStatement,
    LibraryHours,
    LibraryMarket,
    LibraryPhrase,
    LibraryQuietPeriod,
    LibraryResponse,
    LibrarySeason,
    LibraryWorkingWeek,
    Scope,
    Source,
    Urgency,
)
from regions.library.tables import MarketFileError, Table
from regions.offsets import QuietPolicy
from regions.public_holidays import FIRST_YEAR, HolidayDataError, check_country

_HERE = Path(__file__).parent

_LANGUAGE_TAG = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"

# Letter, title and author of the articles that reports come from.
ARTICLES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "A": (
            "International Customer Success - 5 Considerations",
            "Kristen Hayer, The Success League",
        ),
        "B": ("Regional, Cultural and Social Differences in Customer Success", "Tom Batito"),
        "C": ("Customer Success around the globe", None),
        "D": (
            "The Cultural Gap: How to Build a Customer Success Strategy for International"
            " Expansion",
            "Metheus Consultancy",
        ),
        "E": ("When in Rome", None),
    }
)


class UnknownLibraryMarket(LookupError):
    """The library has no market of this code; ``suggestions`` are the nearest that it has."""

    def __init__(self, code: str, suggestions: tuple[str, ...]) -> None:
        super().__init__(f"no market {code!r} in the library; nearest: {', '.join(suggestions)}")
        self.code = code
        self.suggestions = suggestions


@cache
def load_library() -> Mapping[str, LibraryMarket]:
    """Return every market of the library by its code, in the order of the codes.

    :raises MarketFileError: if a file says something that cannot be right.
    """
    markets = [read_market(path) for path in sorted((_HERE / "markets").glob("*.toml"))]
    return MappingProxyType({market.code: market for market in markets})


def library_market(code: str) -> LibraryMarket:
    """Return one market of the library; case and surrounding space do not matter.

    :raises UnknownLibraryMarket: if the library has none of this code.
    """
    library = load_library()
    wanted = code.strip().upper()
    if wanted in library:
        return library[wanted]
    by_name = {market.name.upper(): market.code for market in library.values()}
    near = get_close_matches(wanted, [*library, *by_name], n=3)
    suggestions = dict.fromkeys(by_name.get(match, match) for match in near)
    raise UnknownLibraryMarket(code, tuple(suggestions) or tuple(library))


def read_market(path: Path, *, reports: Path = _HERE / "reports") -> LibraryMarket:
    """Read and check one market file; ``reports`` holds the reports it may name.

    :raises MarketFileError: if the file, or a report it names, says what cannot be right.
    """
    table = _read(path)
    statements, phrases, response = _reports(table, reports)
    country, subdivision = _country(table)
    market = LibraryMarket(
        code=_code(table, path),
        name=table.text("name"),
        country=country,
        subdivision=subdivision,
        region=table.text("region"),
        time_zone=_time_zone(table),
        languages=_languages(table),
        currency=table.matching("currency", "[A-Z]{3}", "an ISO 4217 code"),
        confirmed_through=table.optional_day("confirmed_through"),
        holidays_note=table.optional_text("holidays_note") or "",
        working_weeks=_working_weeks(table),
        business_hours=_business_hours(table.table("business_hours")),
        seasons=tuple(map(_season, table.tables("seasons"))),
        quiet_periods=tuple(map(_quiet_period, table.tables("quiet_periods"))),
        response=response,
        statements=statements,
        phrases=phrases,
    )
    table.finish()
    return market


def _read(path: Path) -> Table:
    try:
        return Table(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MarketFileError(path, "file", str(error)) from error


def _code(table: Table, path: Path) -> str:
    code = table.matching("code", "[A-Z]{2}", "two capital letters")
    if code != path.stem.upper():
        raise table.error("code", f"{code!r} does not fit the name of the file")
    return code


def _country(table: Table) -> tuple[str, str | None]:
    country, subdivision = table.text("country"), table.optional_text("subdivision")
    try:
        check_country(country, subdivision)
    except HolidayDataError as error:
        raise table.error("subdivision" if subdivision else "country", str(error)) from error
    return country, subdivision


def _time_zone(table: Table) -> str:
    name = table.text("time_zone")
    try:
        load_zone(name)
    except UnknownZone as error:
        raise table.error("time_zone", f"{name!r} is not an IANA time zone") from error
    return name


def _languages(table: Table) -> tuple[str, ...]:
    languages = table.texts("languages")
    if not languages:
        raise table.error("languages", "missing")
    for tag in languages:
        if not re.fullmatch(_LANGUAGE_TAG, tag):
            raise table.error("languages", f"{tag!r} is not a BCP 47 tag")
    return languages


def _working_weeks(table: Table) -> tuple[LibraryWorkingWeek, ...]:
    weeks = tuple(map(_working_week, table.tables("working_weeks")))
    days = [week.holds_from for week in weeks]
    if not weeks or days[0].year > FIRST_YEAR:
        raise table.error("working_weeks", f"no week holds at the beginning of {FIRST_YEAR}")
    if days != sorted(set(days)):
        raise table.error("working_weeks", "each week must hold from a later day than the last")
    return weeks


def _working_week(table: Table) -> LibraryWorkingWeek:
    week = LibraryWorkingWeek(
        holds_from=table.day("holds_from"),
        weekdays=table.weekdays("weekdays"),
        source=table.text("source"),
        note=table.note(),
    )
    table.finish()
    return week


def _business_hours(table: Table) -> LibraryHours:
    hours = LibraryHours(
        weekly=table.weekly_hours(), source=table.text("source"), note=table.note()
    )
    table.finish()
    return hours


def _season(table: Table) -> LibrarySeason:
    start, end = table.span()
    season = LibrarySeason(
        name=table.text("name"),
        start=start,
        end=end,
        weekly=table.weekly_hours(),
        estimated=table.flag("estimated"),
        source=table.text("source"),
        note=table.note(),
    )
    table.finish()
    return season


def _quiet_period(table: Table) -> LibraryQuietPeriod:
    start, end = table.span()
    period = LibraryQuietPeriod(
        name=table.text("name"),
        start=start,
        end=end,
        policy=table.choice("policy", QuietPolicy),
        source=table.text("source"),
        note=table.note(),
    )
    table.finish()
    return period


def _reports(
    table: Table, folder: Path
) -> tuple[tuple[CulturalStatement, ...], tuple[LibraryPhrase, ...], LibraryResponse | None]:
    statements: list[CulturalStatement] = []
    phrases: list[LibraryPhrase] = []
    responses: list[LibraryResponse] = []
    for report in _all_reports(table, folder):
        source = _source(report)
        scope = report.optional_choice("scope", Scope) or Scope.CUSTOMERS
        statements += (_statement(row, scope, source) for row in report.tables("statements"))
        phrases += (_phrase(row, source) for row in report.tables("phrases"))
        if response := report.optional_table("response"):
            responses.append(_response(response, source))
        report.finish()
    if len(responses) > 1:
        raise table.error("reports", "more than one report sets the response clocks")
    return tuple(statements), tuple(phrases), responses[0] if responses else None


def _all_reports(table: Table, folder: Path) -> Iterator[Table]:
    yield from table.tables("reports")
    for name in table.texts("shared_reports"):
        shared = _read(folder / f"{name}.toml")
        yield from shared.tables("reports")
        shared.finish()


def _source(table: Table) -> Source:
    letter = table.text("article")
    if letter not in ARTICLES:
        raise table.error("article", f"{letter!r} is none of {', '.join(ARTICLES)}")
    title, author = ARTICLES[letter]
    return Source(
        article=letter,
        title=title,
        author=author,
        practitioner=table.optional_text("practitioner"),
        employer=table.optional_text("employer"),
        reported_year=table.optional_count("reported_year"),
        note=table.note(),
    )


def _statement(table: Table, scope: Scope, source: Source) -> CulturalStatement:
    dimension = table.choice("dimension", Dimension)
    side = table.optional_choice("side", Side)
    if side is not None and side not in SIDES[dimension]:
        raise table.error("side", f"{side} is not a side of {dimension}")
    statement = CulturalStatement(
        dimension=dimension,
        side=side,
        scope=scope,
        text=table.text("text"),
        source=source,
        note=table.note(),
    )
    table.finish()
    return statement


def _phrase(table: Table, source: Source) -> LibraryPhrase:
    phrase = LibraryPhrase(
        language=table.matching("language", _LANGUAGE_TAG, "a BCP 47 tag"),
        phrase=table.text("phrase"),
        meaning=table.text("meaning"),
        urgency=table.choice("urgency", Urgency),
        source=source,
    )
    table.finish()
    return phrase


def _response(table: Table, source: Source) -> LibraryResponse:
    response = LibraryResponse(
        reply_within_hours=table.optional_count("reply_within_hours"),
        gone_dark_after_days=table.optional_count("gone_dark_after_days"),
        source=source,
        note=table.note(),
    )
    table.finish()
    return response
