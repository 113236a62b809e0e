"""What publishing would say of a file, without keeping anything of it."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

from django.db import transaction

from governance.findings import Finding
from governance.vocabulary import Severity
from playbooks.code.document import CodeFile, Mark, PlaybookCode
from playbooks.code.problems import CodeError, Problem
from playbooks.code.reading import read
from playbooks.services.code.importing import Importer
from playbooks.services.publication import check_localization
from playbooks.services.review import check_version
from playbooks.wording import say
from tenants.models import Membership
from toolkit import consequences
from toolkit.errors import DomainError


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """What was found, and where in the file the step stands that it is about."""

    line: int
    column: int
    path: str
    finding: Finding

    @property
    def is_error(self) -> bool:
        """Whether it keeps the playbook from being published."""
        return self.finding.severity is Severity.ERROR

    def __str__(self) -> str:
        market = f"{self.finding.market}: " if self.finding.market else ""
        return f"{self.line}:{self.column}: {self.finding.severity}: {market}{say(self.finding)}"


class _TakenBack(Exception):
    """Ends a check, so that everything it wrote goes."""

    def __init__(self, found: list[PlacedFinding]) -> None:
        self.found = found
        super().__init__()


def check_file(
    text: str | bytes,
    *,
    by: Membership | None,
    at: dt.datetime,
    only: Collection[str] | None = None,
) -> list[PlacedFinding]:
    """Return all that publishing the playbooks and localizations of a file would find.

    The file is imported and taken back, so that nothing is judged otherwise than later.

    :raises CodeError: if it could not be imported.
    """
    file = read(text)
    try:
        _try(Importer(file, by=by, at=at, only=only))
    except _TakenBack as done:
        return done.found


def _try(importer: Importer) -> NoReturn:
    with transaction.atomic(), consequences.gathering():
        importer.run()
        raise _TakenBack(sorted(_findings(importer), key=lambda each: (each.line, each.column)))


def _findings(importer: Importer) -> Iterator[PlacedFinding]:
    for index, code in enumerate(importer.file.document.playbooks or ()):
        version = importer.playbooks.get(code.key)
        if version is None:
            continue
        path = f"playbooks[{index}]"
        version.refresh_from_db()
        found = check_version(version, at=importer.at)
        for finding in found:
            yield _placed(importer.file, path, code, finding)
        own = {(each.rule, each.step, each.field) for each in found}
        for place, finding in _local_findings(importer, path):
            if (finding.rule, finding.step, finding.field) not in own:
                yield _placed(importer.file, path, code, finding, place)


def _local_findings(importer: Importer, path: str) -> Iterator[tuple[str, Finding]]:
    for place, localization in importer.localizations.items():
        if not place.startswith(f"{path}."):
            continue
        localization.refresh_from_db()
        try:
            made = check_localization(localization, at=importer.at)
        except DomainError as error:
            mark = importer.file.where(place)
            raise CodeError([Problem(mark.line, mark.column, place, str(error))]) from error
        for edition in made:
            for finding in edition.findings:
                yield place, finding


def _placed(
    file: CodeFile, path: str, code: PlaybookCode, finding: Finding, localization: str = ""
) -> PlacedFinding:
    found = _path(code, path, finding, localization)
    mark: Mark = file.where(found)
    return PlacedFinding(mark.line, mark.column, found.replace(".rows[", ".changes["), finding)


def _path(code: PlaybookCode, path: str, finding: Finding, localization: str) -> str:
    """Return where a finding belongs: to the local change of the step, or to the step itself."""
    if localization:
        index = int(localization[localization.rfind("[") + 1 : -1])
        changes = code.localizations[index].changes
        rows = [row for row, change in enumerate(changes) if change.step == finding.step]
        exact = [row for row in rows if changes[row].field == finding.field]
        if rows:
            return f"{localization}.rows[{(exact or rows)[0]}].value.{finding.field}"
    for index, step in enumerate(code.steps):
        if step.key == finding.step:
            return f"{path}.steps[{index}].{finding.field}".rstrip(".")
    return localization or path
