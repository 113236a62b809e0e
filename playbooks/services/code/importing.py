"""Writing what a file says: all of it, or nothing."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from playbooks.changes import Change
from playbooks.choices import VersionStatus
from playbooks.code.document import CodeFile, LocalizationCode, Place, PlaybookCode, RuleCode
from playbooks.code.problems import CodeError, Problem, with_guess
from playbooks.code.reading import read
from playbooks.code.rows import (
    budget_code,
    cadence_code,
    localization_code,
    newest_versions,
    place_code,
    playbook_code,
)
from playbooks.models import Cadence, ContactBudget, Localization, Playbook, PlaybookVersion
from playbooks.models.playbook import EDITED
from playbooks.services.budgets import save_budget
from playbooks.services.cadences import save_cadence
from playbooks.services.code.storing import (
    Places,
    change_values,
    known_roles,
    new_localization,
    new_playbook,
    place_fields,
    provide_roles,
    roles_of,
    step_values,
)
from playbooks.services.drafts import (
    PlaybookArchived,
    save_playbook,
    save_version,
    start_draft,
)
from playbooks.services.localizations import save_localization
from regions.models import Market, Region
from talent.starting import starting_codes
from tenants.models import Membership
from toolkit import consequences
from toolkit.errors import DomainError, InvalidInput

Identity: TypeAlias = tuple[str, str, Place | None]


class What(StrEnum):
    """What a file has."""

    ROLE = "role"
    PLAYBOOK = "playbook"
    LOCALIZATION = "localization"
    CADENCE = "cadence"
    CONTACT_BUDGET = "contact budget"


class Outcome(StrEnum):
    """What becomes of it."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Imported:
    """One thing of a file, by the name that people know it by, and what became of it."""

    what: What
    name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in the order of the file; roles that came with it stand first."""

    imported: tuple[Imported, ...]

    def with_outcome(self, outcome: Outcome) -> list[Imported]:
        """Return what was added, changed, or left as it is."""
        return [each for each in self.imported if each.outcome is outcome]

    @property
    def changes_nothing(self) -> bool:
        """Whether everything was as the file has it."""
        return all(each.outcome is Outcome.UNCHANGED for each in self.imported)


def read_file(text: str | bytes) -> CodeFile:
    """Return what a file says, without looking at the organization.

    :raises CodeError: for all that is wrong with it, each with line and column.
    """
    return read(text)


def import_file(
    text: str | bytes,
    *,
    by: Membership | None,
    at: dt.datetime,
    only: Collection[str] | None = None,
) -> ImportReport:
    """Write what a file says; ``only`` takes the playbooks with these keys and nothing else.

    A playbook that is there gets a draft if its newest version says something else, or its open
    draft is rewritten; localizations, cadences and contact budgets are made what the file says.
    What the file does not name stays, and what is as the file has it is not touched.

    :raises CodeError: for all that is wrong, each with line and column; then nothing is written.
    """
    with transaction.atomic(), consequences.gathering():
        return Importer(read(text), by=by, at=at, only=only).run()


@dataclass
class Importer:
    """One import. Problems are gathered, each thing being tried by itself."""

    file: CodeFile
    by: Membership | None
    at: dt.datetime
    only: Collection[str] | None = None
    places: Places = field(default_factory=Places)
    playbooks: dict[str, PlaybookVersion] = field(default_factory=dict)
    """The newest version of each playbook that the file has, when it is there."""
    localizations: dict[str, Localization] = field(default_factory=dict)
    """The localizations of the file by their paths."""
    _problems: list[Problem] = field(default_factory=list)
    _imported: list[Imported] = field(default_factory=list)

    def run(self) -> ImportReport:
        """Write everything. The caller holds the transaction.

        :raises CodeError: if anything is wrong.
        """
        wanted = list(self._wanted())
        self._provide_roles(wanted)
        rows = Playbook.objects.filter(key__in=[code.key for _path, code in wanted])
        self.playbooks = {each.playbook.key: each for each in newest_versions(rows)}
        for path, code in wanted:
            self._import_playbook(path, code)
        if self.only is None:
            self._import_rules()
        if self._problems:
            raise CodeError(self._problems)
        return ImportReport(tuple(self._imported))

    def _wanted(self) -> Iterator[tuple[str, PlaybookCode]]:
        codes = self.file.document.playbooks or ()
        for missing in sorted(set(self.only or ()) - {code.key for code in codes}):
            said = _("The file has no playbook “%(key)s”.") % {"key": missing}
            self._note("playbooks", with_guess(said, missing, [code.key for code in codes]))
        for index, code in enumerate(codes):
            if self.only is None or code.key in self.only:
                yield f"playbooks[{index}]", code

    def _provide_roles(self, wanted: Iterable[tuple[str, PlaybookCode]]) -> None:
        """Save shipped roles that the organization lacks; others have to be there."""
        named = [
            (role, f"{path}.{place}")
            for path, code in wanted
            for role, place in roles_of(code)
            if role
        ]
        for added in provide_roles(role for role, _path in named):
            self._tell(What.ROLE, added.code, Outcome.ADDED)
        known = known_roles()
        for role, path in named:
            if role not in known:
                said = _("“%(role)s” is none of your roles.") % {"role": role}
                self._note(path, with_guess(said, role, {*known, *starting_codes()}))

    def _import_playbook(self, path: str, code: PlaybookCode) -> None:
        with self._trying(path):
            self._tell(What.PLAYBOOK, code.key, self._write_playbook(code))
        in_order = sorted(enumerate(code.localizations), key=lambda pair: pair[1].place.order)
        for index, each in in_order:
            place = self._place(each.place, f"{path}.localizations[{index}]")
            if place and code.key in self.playbooks:
                self._import_localization(
                    f"{path}.localizations[{index}]", self.playbooks[code.key].playbook, place, each
                )

    def _write_playbook(self, code: PlaybookCode) -> Outcome:
        version = self.playbooks.get(code.key)
        if version is None:
            self.playbooks[code.key] = new_playbook(code, by=self.by)
            return Outcome.ADDED
        before = playbook_code(version)
        has_moved = before.own != code.own
        is_new = content_of(before) != content_of(code)
        is_noted = version.status == VersionStatus.DRAFT and before.change_note != code.change_note
        if not (has_moved or is_new or is_noted):
            return Outcome.UNCHANGED
        playbook = version.playbook
        if playbook.archived_at:
            raise PlaybookArchived(_("%(playbook)s is archived.") % {"playbook": playbook})
        if has_moved:
            for name, value in code.own.items():
                setattr(playbook, name, value)
            save_playbook(playbook)
        if is_new or is_noted:
            self.playbooks[code.key] = self._write_draft(version, code)
        return Outcome.CHANGED

    def _write_draft(self, version: PlaybookVersion, code: PlaybookCode) -> PlaybookVersion:
        is_open = version.status in EDITED
        draft = version if is_open else start_draft(version.playbook, by=self.by)
        for name, value in code.header.items():
            setattr(draft, name, value)
        draft.change_note = code.change_note
        return save_version(draft, steps=step_values(code))

    def _import_localization(
        self, path: str, playbook: Playbook, place: Market | Region, code: LocalizationCode
    ) -> None:
        known = {place_code(each): each for each in playbook.localizations.all()}
        with self._trying(path):
            found = known.get(code.place)
            if found is None:
                found = new_localization(playbook, place, code, by=self.by, at=self.at)
                outcome = Outcome.ADDED
            else:
                outcome = self._write_localization(found, code)
            self.localizations[path] = found
            self._tell(What.LOCALIZATION, f"{playbook.key} {code.place.code}", outcome)

    def _write_localization(self, found: Localization, code: LocalizationCode) -> Outcome:
        before = localization_code(found)
        if before.note == code.note and changes_by_place(before) == changes_by_place(code):
            return Outcome.UNCHANGED
        rows = {row.change.place: row for row in found.changes.all()}
        changes = [change_values(each, rows.get(each.place)) for each in code.changes]
        found.note = code.note
        save_localization(found, by=self.by, at=self.at, changes=changes)
        return Outcome.CHANGED

    def _import_rules(self) -> None:
        document = self.file.document
        cadences = {cadence_code(row).identity: row for row in cadence_rows()}
        for index, code in enumerate(document.cadences or ()):
            known = cadences.get(code.identity)
            before = cadence_code(known) if known else None
            path = f"cadences[{index}]"
            self._import_rule(What.CADENCE, path, code, known or Cadence(), before, save_cadence)
        budgets = {budget_code(row).identity: row for row in budget_rows()}
        for index, code in enumerate(document.contact_budgets or ()):
            budget = budgets.get(code.identity)
            before = budget_code(budget) if budget else None
            path = f"contact_budgets[{index}]"
            self._import_rule(
                What.CONTACT_BUDGET, path, code, budget or ContactBudget(), before, save_budget
            )

    def _import_rule(
        self,
        what: What,
        path: str,
        code: RuleCode,
        row: Any,
        before: RuleCode | None,
        save: Callable[[Any], Any],
    ) -> None:
        place = self._place(code.place, path) if code.place else None
        if code.place and place is None:
            return
        if before == code:
            self._tell(what, rule_name(code), Outcome.UNCHANGED)
            return
        with self._trying(path):
            for name, value in {**code.fields, **place_fields(place)}.items():
                setattr(row, name, value)
            save(row)
            self._tell(what, rule_name(code), Outcome.CHANGED if before else Outcome.ADDED)

    def _place(self, place: Place, path: str) -> Market | Region | None:
        found = self.places.find(place)
        if found is None:
            said = _("You have no %(level)s “%(code)s”.") % {
                "level": place.level.value,
                "code": place.code,
            }
            known = self.places.codes(place.level)
            self._note(f"{path}.{place.level}", with_guess(said, place.code, known))
        return found

    @contextmanager
    def _trying(self, path: str) -> Iterator[None]:
        """Note what a service refuses, and take back what it did."""
        try:
            with transaction.atomic():
                yield
        except InvalidInput as error:
            self._note_fields(path, error.errors)
        except ValidationError as error:
            self._note_fields(path, said_by(error))
        except DomainError as error:
            self._note(path, str(error))

    def _note_fields(self, path: str, errors: Mapping[str, str]) -> None:
        for name, said in errors.items():
            self._note(f"{path}.{name}", said)

    def _note(self, path: str, message: str) -> None:
        """Note a problem where it stands. Services count changes field by field: as rows."""
        mark = self.file.where(path.replace(".changes[", ".rows["))
        self._problems.append(Problem(mark.line, mark.column, path, message))

    def _tell(self, what: What, name: str, outcome: Outcome) -> None:
        self._imported.append(Imported(what, name, outcome))


def content_of(code: PlaybookCode) -> tuple[object, ...]:
    """Return what makes a version another one; a note on what is new is none."""
    return code.header, {step.key: step.fields for step in code.steps}


def changes_by_place(code: LocalizationCode) -> Mapping[tuple[str, str], Change]:
    """Return the changes of a localization, whose order does not matter."""
    return {change.place: change for change in code.changes}


def rule_name(code: RuleCode) -> str:
    """Return what people call a cadence or a contact budget."""
    tier, stage, place = code.identity
    return " ".join(filter(None, (tier, stage, place.code if place else "")))


def cadence_rows() -> Iterable[Cadence]:
    """Return the cadences that hold."""
    return Cadence.objects.filter(archived_at=None).select_related("region", "market")


def budget_rows() -> Iterable[ContactBudget]:
    """Return the contact budgets."""
    return ContactBudget.objects.select_related("region", "market")


def said_by(error: ValidationError) -> Mapping[str, str]:
    """Return what a validation says, by field."""
    if hasattr(error, "error_dict"):
        return {name: " ".join(said) for name, said in error.message_dict.items()}
    return {"": " ".join(error.messages)}
