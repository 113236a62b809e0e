"""What every row of a file would do, judged against the accounts as they are now."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.choices import Stage
from accounts.imports.columns import Field, length_of
from accounts.imports.markets import MarketFinder, Place
from accounts.imports.options import FALLBACK_CURRENCY, ImportOptions
from accounts.imports.rows import Problem, ReadRow, RowReader
from accounts.imports.values import Amount
from accounts.models import CONTRACT_DATES, Account
from accounts.tiers import Floors, tier_of
from tenants.models import Membership
from toolkit.texts import search_form

CHUNK = 2000
LONGEST_SEARCH_NAME = length_of(Account, "search_name")

STORED = (
    "id",
    "market_id",
    "owner_id",
    "name",
    "search_name",
    "external_id",
    "tier",
    "stage",
    "city",
    "start_date",
    *CONTRACT_DATES,
    "arr",
    "currency",
    "archived_at",
)
"""What of an account a file can change or be told by."""

# Columns whose cells become the account's values as they were read.
_PLAIN = (
    Field.NAME,
    Field.EXTERNAL_ID,
    Field.TIER,
    Field.STAGE,
    Field.CITY,
    Field.START_DATE,
    Field.RENEWAL_DATE,
    Field.NOTICE_DEADLINE,
    Field.CURRENCY,
)
_KEPT_WHEN_EMPTY = (Field.TIER, Field.STAGE, Field.START_DATE, Field.CURRENCY)
_EMPTY_TEXTS = (Field.CITY,)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A member, or somebody to be prepared as one: then without an id."""

    email: str
    name: str = ""
    member_id: UUID | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new account gets where the file says nothing."""

    currency: str
    stage: str
    start_date: dt.date
    floors: dict[str, Floors]


@dataclass(frozen=True, slots=True)
class Write:
    """An account to be written whole.

    ``planning`` is whether its check-ins follow, ``contract_dates`` whether one of those changes.
    """

    values: dict[str, Any]
    place: Place | None
    owner: Owner | None
    planning: bool
    contract_dates: bool = False


@dataclass(slots=True)
class Plan:
    """What a file would do. Rows are named by their numbers in the file."""

    rows: int = 0
    new: dict[int, Write] = field(default_factory=dict)
    changed: dict[int, Write] = field(default_factory=dict)
    unchanged: set[int] = field(default_factory=set)
    left_out: int = 0
    bad: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def writes(self) -> Iterator[Write]:
        """Yield all that is to be written."""
        yield from self.new.values()
        yield from self.changed.values()

    def markets_to_adopt(self) -> list[str]:
        """Return the codes of the library's markets that these accounts need."""
        return sorted(
            {each.place.code for each in self.writes() if each.place and each.place.is_adopted}
        )

    def members_to_prepare(self) -> dict[str, Owner]:
        """Return the owners who are no members yet, by address."""
        owners = (each.owner for each in self.writes())
        return {each.email: each for each in owners if each and each.member_id is None}

    def refuse(self, row: int, problems: Iterable[Problem]) -> None:
        """Note a bad row, which then does nothing."""
        self.bad.add(row)
        self.problems.extend(problems)
        self.new.pop(row, None)
        self.changed.pop(row, None)
        self.unchanged.discard(row)


@dataclass(slots=True)
class _Candidate:
    """A row with what it points to."""

    row: ReadRow
    problems: list[Problem]
    place: Place | None
    owner: Owner | None
    keys: list[Key]


class Planner:
    """Judges every row of a file, some thousand at a time.

    ``allowed`` are the ids of the markets in which the asking member works, None for all. With
    ``lock`` the accounts concerned stay as they are until the transaction ends.
    """

    def __init__(
        self,
        reader: RowReader,
        *,
        finder: MarketFinder,
        defaults: Defaults,
        owners: dict[str, Owner],
        allowed: frozenset[UUID] | None,
        lock: bool,
    ) -> None:
        self._reader = reader
        self._finder = finder
        self._defaults = defaults
        self._owners = owners
        self._allowed = allowed
        self._lock = lock
        self._seen: dict[Key, int] = {}
        self._plan = Plan()

    def plan(self, report: Callable[[int], None]) -> Plan:
        """Return what the file would do; ``report`` is told how many rows are judged."""
        rows = self._reader.rows()
        while chunk := list(islice(rows, CHUNK)):
            self._take(chunk)
            self._plan.rows += len(chunk)
            report(self._plan.rows)
        self._plan.problems.sort(key=lambda problem: problem.row)
        return self._plan

    def _take(self, chunk: list[tuple[ReadRow, list[Problem]]]) -> None:
        candidates = [self._candidate(row, problems) for row, problems in chunk]
        wanted = [each for each in candidates if not (each.place and each.place.is_left_out)]
        self._plan.left_out += len(candidates) - len(wanted)
        accounts = _Accounts(wanted, self._rows(), linked=Field.EXTERNAL_ID in self._reader.fields)
        for each in wanted:
            stored, reason = accounts.target_of(each)
            if reason:
                each.problems.append(self._reader.problem(each.row, *reason))
            keys = [*each.keys, ("account", str(stored["id"]))] if stored else each.keys
            self._note_doubles(each, keys)
            write = self._write(each, stored, accounts)
            number = each.row.number
            if each.problems:
                self._plan.refuse(number, each.problems)
            elif write is None:
                self._plan.unchanged.add(number)
            elif stored is None:
                self._plan.new[number] = write
            else:
                self._plan.changed[number] = write

    def _rows(self) -> "QuerySet[Account]":
        rows = Account.objects.order_by("pk")
        return rows.select_for_update(of=("self",), no_key=True) if self._lock else rows

    def _candidate(self, row: ReadRow, problems: list[Problem]) -> _Candidate:
        values = row.values
        candidate = _Candidate(row, problems, None, None, [])
        if country := values.get(Field.COUNTRY):
            candidate.place = self._finder.find(country)
            self._judge_place(candidate)
        if email := values.get(Field.OWNER_EMAIL):
            candidate.owner = self._owners.get(email) or Owner(email)
            if candidate.owner.member_id is None:
                self._judge_stranger(candidate)
        if pk := values.get(Field.ID):
            candidate.keys.append(("id", pk))
        if external_id := values.get(Field.EXTERNAL_ID):
            candidate.keys.append(("external", external_id))
        if not candidate.keys and values.get(Field.NAME) and candidate.place:
            name = search_form(values[Field.NAME])
            candidate.keys.append(("name", name, candidate.place.code))
        return candidate

    def _judge_place(self, each: _Candidate) -> None:
        place = each.place
        if place is None:
            reason = _("There is no market for this yet: say which one, or leave it out.")
        elif place.is_left_out or self._allowed is None:
            return
        elif place.is_adopted:
            reason = _("A CS leader has to add this market first.")
        elif place.market_id not in self._allowed:
            reason = _("You do not work in this market.")
        else:
            return
        each.problems.append(self._reader.problem(each.row, Field.COUNTRY, reason))

    def _judge_stranger(self, each: _Candidate) -> None:
        """An owner who is no member yet is prepared by those who work everywhere only."""
        if self._allowed is not None:
            reason = _("There is no member with this address; a CS leader can add one.")
            each.problems.append(self._reader.problem(each.row, Field.OWNER_EMAIL, reason))

    def _note_doubles(self, each: _Candidate, keys: list[Key]) -> None:
        number = each.row.number
        for key in keys:
            first = self._seen.setdefault(key, number)
            if first != number:
                reason = _("This account stands in row %(row)d, too.")
                each.problems.append(Problem(number, "", "", reason % {"row": first}))
                if first not in self._plan.bad:
                    self._plan.refuse(first, [Problem(first, "", "", reason % {"row": number})])
                return

    def _write(
        self, each: _Candidate, stored: dict[str, Any] | None, accounts: "_Accounts"
    ) -> Write | None:
        """Return what is to be written, or None where nothing changes or the row is bad."""
        if each.problems:
            return None
        values = self._wanted(each, stored)
        self._judge(each, stored, values, accounts)
        if each.problems:
            return None
        if stored is None:
            return Write(values, each.place, each.owner, planning=True)
        place = each.place if Field.COUNTRY in each.row.values else None
        changes = {
            name: value for name, value in values.items() if not _same(name, value, stored[name])
        }
        moved = place is not None and place.market_id != stored["market_id"]
        given = Field.OWNER_EMAIL in each.row.values
        handed = given and (each.owner.member_id if each.owner else None) != stored["owner_id"]
        # Somebody to be prepared has no id, like nobody: but then there is an owner.
        handed = handed or (each.owner is not None and each.owner.member_id is None)
        if not (changes or moved or handed):
            return None
        planning = moved or handed or bool(changes.keys() & {"tier", "stage", "start_date"})
        whole = {name: stored[name] for name in STORED} | changes
        if "name" in changes:
            whole["search_name"] = search_form(changes["name"])
        if handed and each.owner is None:
            whole["owner_id"] = None
        return Write(
            whole,
            place if moved else None,
            each.owner if handed else None,
            planning,
            contract_dates=bool(changes.keys() & set(CONTRACT_DATES)),
        )

    def _wanted(self, each: _Candidate, stored: dict[str, Any] | None) -> dict[str, Any]:
        """Return the account's values as the row has them, a new account's with the defaults."""
        read = each.row.values
        values: dict[str, Any] = {}
        for name in _PLAIN:
            if name not in read or (read[name] is None and name in _KEPT_WHEN_EMPTY):
                continue
            value = read[name]
            values[name.value] = "" if value is None and name in _EMPTY_TEXTS else value
        if Field.ARR in read:
            amount: Amount | None = read[Field.ARR]
            values["arr"] = amount.value if amount else None
            if amount and len(amount.currencies) == 1 and "currency" not in values:
                (values["currency"],) = amount.currencies
        if stored is not None:
            return values
        return self._with_defaults(values)

    def _with_defaults(self, values: dict[str, Any]) -> dict[str, Any]:
        empty: dict[str, Any] = {"external_id": None, "city": "", "arr": None}
        empty |= dict.fromkeys(CONTRACT_DATES)
        defaults = {
            "currency": self._defaults.currency,
            "stage": self._defaults.stage,
            "start_date": self._defaults.start_date,
        }
        whole = empty | defaults | values
        if "tier" not in whole:
            whole["tier"] = tier_of(whole["arr"], whole["currency"], self._defaults.floors)
        whole["search_name"] = search_form(whole.get("name", ""))
        return whole

    def _judge(
        self,
        each: _Candidate,
        stored: dict[str, Any] | None,
        values: dict[str, Any],
        accounts: "_Accounts",
    ) -> None:
        """Note what speaks against a row whose values are all readable."""
        for name, reason in self._objections(each, stored, values, accounts):
            each.problems.append(self._reader.problem(each.row, name, reason))

    def _objections(
        self,
        each: _Candidate,
        stored: dict[str, Any] | None,
        values: dict[str, Any],
        accounts: "_Accounts",
    ) -> Iterator[tuple[Field, str]]:
        if stored is None:
            if not values.get("name"):
                yield Field.NAME, _("A new account needs a name.")
            if each.place is None:
                yield Field.COUNTRY, _("A new account needs a country or market.")
        elif self._allowed is not None and stored["market_id"] not in self._allowed:
            yield Field.COUNTRY, _("You do not work in the market of this account.")
        if "name" in values and len(search_form(values["name"])) > LONGEST_SEARCH_NAME:
            yield Field.NAME, _("This name is too long once it is spelled out.")
        amount: Amount | None = each.row.values.get(Field.ARR)
        currency = values.get("currency") or (stored["currency"] if stored else "")
        if amount and amount.currencies and currency not in amount.currencies:
            yield Field.ARR, _("The account's currency is %(currency)s.") % {"currency": currency}
        owner = each.owner
        if owner and not owner.is_active and (not stored or stored["owner_id"] != owner.member_id):
            yield Field.OWNER_EMAIL, _("This member is not active.")
        external_id = values.get("external_id")
        holder = accounts.with_external_id(external_id) if external_id else None
        if holder and stored and holder["id"] != stored["id"]:
            yield Field.EXTERNAL_ID, _("Another account has this external id.")


class _Accounts:
    """The accounts that some rows may be about, in three queries at most."""

    def __init__(
        self, candidates: list[_Candidate], rows: "QuerySet[Account]", *, linked: bool
    ) -> None:
        self._linked = linked
        self._by_id = {str(each["id"]): each for each in _found(rows, "pk", _ids(candidates))}
        self._by_external_id = {
            each["external_id"]: each
            for each in _found(rows, "external_id", _values(candidates, Field.EXTERNAL_ID))
        }
        names = {
            search_form(name)
            for each in candidates
            if self._by_key(each) is None and (name := each.row.values.get(Field.NAME))
        }
        self._by_name: dict[tuple[str, UUID], list[dict[str, Any]]] = {}
        for each in _found(rows, "search_name", names):
            self._by_name.setdefault((each["search_name"], each["market_id"]), []).append(each)

    def with_external_id(self, external_id: str) -> dict[str, Any] | None:
        """Return the account that has an external id."""
        return self._by_external_id.get(external_id)

    def target_of(self, each: _Candidate) -> tuple[dict[str, Any] | None, tuple[Field, str] | None]:
        """Return the account that a row is about, or None for a new one, or why it is unclear.

        The platform's own id first, then the external id, else name and market. Where the file
        has a column of external ids, only an account without one is found by its name.
        """
        if each.row.values.get(Field.ID):
            stored = self._by_key(each)
            if stored is None:
                return None, (Field.ID, _("There is no account with this id here."))
            return stored, None
        if stored := self._by_key(each):
            return stored, None
        name = each.row.values.get(Field.NAME)
        if not name or each.place is None or each.place.market_id is None:
            return None, None
        found = self._by_name.get((search_form(name), each.place.market_id), [])
        if self._linked:
            found = [other for other in found if other["external_id"] is None]
        in_use = [other for other in found if other["archived_at"] is None]
        found = in_use or found
        if len(found) > 1:
            reason = _("%(count)d accounts of this market have this name.")
            return None, (Field.NAME, reason % {"count": len(found)})
        return (found[0] if found else None), None

    def _by_key(self, each: _Candidate) -> dict[str, Any] | None:
        if pk := each.row.values.get(Field.ID):
            return self._by_id.get(pk)
        return self._by_external_id.get(each.row.values.get(Field.EXTERNAL_ID))


def owners_by_address(emails: Iterable[str], names: dict[str, str]) -> dict[str, Owner]:
    """Return members and strangers by address."""
    emails = list(emails)
    known = Membership.objects.filter(email__in=emails).values_list(
        "email", "name", "pk", "is_active"
    )
    strangers = {email: Owner(email, names.get(email, "")) for email in emails}
    return strangers | {row[0]: Owner(*row) for row in known}


def defaults_of(
    options: ImportOptions, finder: MarketFinder, floors: dict[str, Floors], day: dt.date
) -> Defaults:
    """Return what new accounts get where the file says nothing."""
    return Defaults(
        currency=options.default_currency or finder.home_currency or FALLBACK_CURRENCY,
        stage=options.default_stage or Stage.ONBOARDING.value,
        start_date=options.default_start_date or day,
        floors=floors,
    )


def _same(name: str, new: Any, old: Any) -> bool:
    # White space around a text is not worth a change.
    return bool(new == (old.strip() if name != "currency" and isinstance(old, str) else old))


def _found(rows: "QuerySet[Account]", name: str, values: Iterable[Any]) -> Iterable[dict[str, Any]]:
    values = list(values)
    return rows.filter(**{f"{name}__in": values}).values(*STORED) if values else []


def _values(candidates: list[_Candidate], name: Field) -> set[Any]:
    return {value for each in candidates if (value := each.row.values.get(name))}


def _ids(candidates: list[_Candidate]) -> Iterator[UUID]:
    for text in _values(candidates, Field.ID):
        try:
            yield UUID(text)
        except ValueError:
            continue
