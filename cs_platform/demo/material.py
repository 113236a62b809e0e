"""Raw material of the demo organizations: companies, people and cadences of their markets.

Everything is read from TOML files and chosen by a seed, so it is the same on every machine.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from cs_platform.demo.draws import draw, pick
from cs_platform.demo.tables import decode, require
from playbooks.starting import starting_rows

DATA = Path(__file__).parent / "data"
SHARED_FILES = frozenset({"organizations", "cadences", "contacts"})

Role = Literal["admin", "leader", "regional_manager", "csm", "analyst"]
UiLanguage = Literal["en", "ar", "ja", "fr", "de", "es"]
Unit = Literal["days", "weeks", "months"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WorkingDay = Literal["first", "last"]
Mode = Literal["fixed", "elastic"]
Channel = Literal["call", "video", "in_person", "email", "message"]

ROLES_WITH_SCOPE: frozenset[Role] = frozenset({"regional_manager", "csm"})


@dataclass(frozen=True, slots=True)
class Company:
    """``domain`` is one ASCII label; addresses end in ``<domain>.example``."""

    name: str
    domain: str

    def __post_init__(self) -> None:
        require(self.domain.isascii(), f"{self.name}: the domain is not ASCII")


@dataclass(frozen=True, slots=True)
class Name:
    """A given or family name in its own script, with its ASCII spelling."""

    native: str
    latin: str

    def __post_init__(self) -> None:
        require(bool(self.mailbox), f"{self.native}: no Latin spelling")
        require(self.latin.isascii(), f"{self.native}: the Latin spelling is not ASCII")

    @property
    def mailbox(self) -> str:
        return "".join(filter(str.isalnum, self.latin)).lower()


@dataclass(frozen=True, slots=True)
class Language:
    """A BCP 47 tag and the share of contacts, in per cent, who prefer it."""

    tag: str
    share: int


@dataclass(frozen=True, slots=True)
class Market:
    """Companies, cities and names of one market, in its own script.

    ``arr_step`` is the rounding of yearly revenue, in whole units of ``currency``.
    """

    code: str
    currency: str
    units_per_100_usd: int
    arr_step: int
    languages: tuple[Language, ...]
    cities: tuple[str, ...]
    companies: tuple[Company, ...]
    given_names: tuple[Name, ...]
    family_names: tuple[Name, ...]
    family_first: bool = False

    def __post_init__(self) -> None:
        require(sum(language.share for language in self.languages) == 100, "languages: not 100 %")
        for key in ("name", "domain"):
            _refuse_repeats(f"company {key}", [getattr(row, key) for row in self.companies])
        _refuse_repeats("given name's mailbox", [name.mailbox for name in self.given_names])


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a company; ``role`` is a job title in English."""

    name: str
    latin_name: str
    email: str
    language: str
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in, with one e-mail address for all organizations."""

    email: str
    name: str
    ui_language: UiLanguage

    def __post_init__(self) -> None:
        require(self.email.isascii(), f"{self.email}: not ASCII")


@dataclass(frozen=True, slots=True)
class Leave:
    """``days`` calendar days off from ``start_in_days`` after today (negative: before it)."""

    start_in_days: int
    days: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one organization; ``email`` names the person."""

    email: str
    role: Role
    home_market: str
    regions: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    leave: tuple[Leave, ...] = ()

    def __post_init__(self) -> None:
        require(
            bool(self.regions or self.markets) == (self.role in ROLES_WITH_SCOPE),
            f"{self.email}: regional managers and CSMs, and only they, have regions or markets",
        )


@dataclass(frozen=True, slots=True)
class RegionMarket:
    """A market of a region and how many accounts the organization has in it."""

    code: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Region:
    """A region of an organization; ``time_zone`` (IANA) is the zone of its planning time."""

    code: str
    name: str
    time_zone: str
    markets: tuple[RegionMarket, ...]


@dataclass(frozen=True, slots=True)
class Organization:
    """A demo organization with its own cut of regions."""

    slug: str
    name: str
    home_market: str
    regions: tuple[Region, ...]
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        regions = {region.code for region in self.regions}
        markets = self.accounts.keys()
        _refuse_repeats(
            f"{self.slug}: market", [row.code for region in self.regions for row in region.markets]
        )
        _refuse_repeats(f"{self.slug}: member", [member.email for member in self.members])
        require(self.home_market in markets, f"{self.slug}: the home market is in no region")
        for member in self.members:
            missing = {member.home_market, *member.markets} - markets
            missing |= set(member.regions) - regions
            require(not missing, f"{self.slug}: {member.email}: unknown {sorted(missing)}")

    @property
    def accounts(self) -> dict[str, int]:
        """Number of accounts by market code."""
        return {row.code: row.accounts for region in self.regions for row in region.markets}


@dataclass(frozen=True, slots=True)
class Tier:
    """A segment by revenue; ``share`` of accounts in per cent, revenue per year in US dollars."""

    name: str
    share: int
    arr_usd_from: int
    arr_usd_to: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A lifecycle stage and the share of accounts, in per cent, that are in it."""

    name: str
    share: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """A rhythm of contact for a tier and a stage; without a benefit it is internal.

    ``market`` is set where a market does it differently; then it has a reason and a source.
    ``tolerance_days`` are working days.
    """

    tier: str
    stage: str
    title: str
    benefit: str
    every: int
    unit: Unit
    mode: Mode
    channel: Channel
    duration_minutes: int
    tolerance_days: int
    weekdays: tuple[Weekday, ...] = ()
    working_day: WorkingDay | None = None
    market: str | None = None
    reason: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        where = f"{self.tier} {self.stage}"
        require(self.every > 0, f"{where}: every must be positive")
        require(not self.weekdays or self.unit == "weeks", f"{where}: weekdays need weeks")
        require(
            self.working_day is None or self.unit == "months",
            f"{where}: a working day of the month needs months",
        )
        require(
            self.market is None or bool(self.reason and self.source),
            f"{where}: {self.market} needs a reason and a source",
        )

    @property
    def iso_weekdays(self) -> tuple[int, ...]:
        """Weekdays as ascending ISO numbers, Monday is 1."""
        return tuple(sorted(get_args(Weekday).index(day) + 1 for day in self.weekdays))


@dataclass(frozen=True, slots=True)
class Material:
    """All of it; people by e-mail address, markets by code."""

    markets: Mapping[str, Market]
    people: Mapping[str, Person]
    organizations: tuple[Organization, ...]
    tiers: tuple[Tier, ...]
    stages: tuple[Stage, ...]
    cadences: tuple[Cadence, ...]
    contact_roles: tuple[str, ...]

    def __post_init__(self) -> None:
        for code in {code for row in self.organizations for code in row.accounts}:
            require(code in self.markets, f"market {code}: no file")
            wanted = sum(row.accounts.get(code, 0) for row in self.organizations)
            require(
                wanted <= len(self.markets[code].companies),
                f"market {code}: {wanted} accounts need as many companies",
            )
        members = {member.email for row in self.organizations for member in row.members}
        require(members == self.people.keys(), "members and people differ")
        for shares in (self.tiers, self.stages):
            require(sum(row.share for row in shares) == 100, "tiers, stages: not 100 %")
        base = sorted((row.tier, row.stage) for row in self.cadences if row.market is None)
        cells = sorted((tier.name, stage.name) for tier in self.tiers for stage in self.stages)
        require(base == cells, "cadences: not exactly one for each tier and stage")
        for cadence in self.cadences:
            require(
                cadence.market is None or cadence.market in self.markets,
                f"cadences: unknown market {cadence.market}",
            )

    def companies(self, organization: Organization, code: str) -> tuple[Company, ...]:
        """Return the organization's companies in a market; no two organizations share one."""
        start = 0
        for row in self.organizations:
            if row == organization:
                break
            start += row.accounts.get(code, 0)
        return self.markets[code].companies[start : start + organization.accounts[code]]


def contacts(
    seed: str, *, market: Market, company: Company, roles: Sequence[str], count: int
) -> tuple[Contact, ...]:
    """Return contacts of a company, no two with the same given name or role.

    :raises ValueError: if there are fewer given names or roles than contacts.
    """
    if count > min(len(market.given_names), len(roles)):
        raise ValueError(f"{count} contacts need as many given names and roles")
    tags = [language.tag for language in market.languages for _ in range(language.share)]
    first_given = draw(f"{seed}/given", len(market.given_names))
    first_role = draw(f"{seed}/role", len(roles))
    rows: list[Contact] = []
    for place in range(count):
        given = market.given_names[(first_given + place) % len(market.given_names)]
        family = pick(f"{seed}/family/{place}", market.family_names)
        parts = (family, given) if market.family_first else (given, family)
        rows.append(
            Contact(
                name=" ".join(part.native for part in parts),
                latin_name=f"{given.latin} {family.latin}",
                email=f"{given.mailbox}.{family.mailbox}@{company.domain}.example",
                language=pick(f"{seed}/language/{place}", tags),
                role=roles[(first_role + place) % len(roles)],
            )
        )
    return tuple(rows)


def yearly_revenue(seed: str, *, tier: Tier, market: Market) -> int:
    """Return the revenue per year of an account, in whole units of the market's currency."""
    unit = 100 * market.arr_step
    lowest = -(-tier.arr_usd_from * market.units_per_100_usd // unit)
    highest = tier.arr_usd_to * market.units_per_100_usd // unit
    return (lowest + draw(seed, highest - lowest)) * market.arr_step


@cache
def load_material(data: Path = DATA) -> Material:
    """Read and check all files, once for a folder.

    :raises MaterialError: if a file is incomplete, has an unknown key or contradicts another.
    """
    files = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in data.glob("*.toml")}
    markets = {
        code.upper(): decode(Market, files[code], f"{code}.toml")
        for code in sorted(files.keys() - SHARED_FILES)
    }
    for code, market in markets.items():
        require(market.code == code, f"{code.lower()}.toml: code: {market.code}")
    who: _Organizations = decode(_Organizations, files.get("organizations"), "organizations.toml")
    rhythms: _Cadences = decode(
        _Cadences, _with_all_cadences(files.get("cadences", {})), "cadences.toml"
    )
    titles: _Contacts = decode(_Contacts, files.get("contacts"), "contacts.toml")
    _refuse_repeats("e-mail address", [person.email for person in who.people])
    return Material(
        markets=MappingProxyType(markets),
        people=MappingProxyType({person.email: person for person in who.people}),
        organizations=who.organizations,
        tiers=rhythms.tiers,
        stages=rhythms.stages,
        cadences=rhythms.cadences,
        contact_roles=titles.roles,
    )


@dataclass(frozen=True, slots=True)
class _Organizations:
    people: tuple[Person, ...]
    organizations: tuple[Organization, ...]


@dataclass(frozen=True, slots=True)
class _Cadences:
    tiers: tuple[Tier, ...]
    stages: tuple[Stage, ...]
    cadences: tuple[Cadence, ...]


@dataclass(frozen=True, slots=True)
class _Contacts:
    roles: tuple[str, ...]


def _with_all_cadences(table: dict[str, Any]) -> dict[str, Any]:
    """Add the cadences that ship with the product, and complete what a market does differently.

    The benefit is owed everywhere and locked.
    """
    rows = starting_rows()
    base = {(row.get("tier"), row.get("stage")): row for row in rows}
    completed = []
    for change in table.get("market_cadences", []):
        cell = change.get("tier"), change.get("stage")
        require(cell in base, f"cadences.toml: market_cadences: no cadence for {cell}")
        require("market" in change, f"cadences.toml: market_cadences: {cell}: no market")
        require(
            "benefit" not in change,
            f"cadences.toml: market_cadences: {cell}: the benefit is locked",
        )
        completed.append(base[cell] | change)
    others = {key: value for key, value in table.items() if key != "market_cadences"}
    return others | {"cadences": [*rows, *completed]}


def _refuse_repeats(what: str, values: Sequence[str]) -> None:
    repeated = [value for value, count in Counter(values).items() if count > 1]
    require(not repeated, f"{what} repeated: {repeated}")
