"""Writing what is there to a file."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from playbooks.changes import Action, Level
from playbooks.code.document import Document, PlaybookCode
from playbooks.code.problems import with_guess
from playbooks.code.rows import (
    budget_code,
    cadence_code,
    exportable,
    newest_versions,
    playbook_code,
)
from playbooks.code.writing import write
from playbooks.models import Playbook
from playbooks.services.code.importing import budget_rows, cadence_rows
from toolkit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, and what it leaves out, each in a sentence."""

    text: str
    left_out: tuple[str, ...] = ()


def export_playbooks(keys: Collection[str] | None = None) -> str:
    """Return playbooks as a file; see ``export_file``."""
    return export_file(keys).text


def export_file(keys: Collection[str] | None = None) -> Exported:
    """Return the playbooks with these keys as a file; without keys everything that holds.

    Of each playbook it has the newest version, a draft before what is published, with the
    localizations that are worked on. Without keys archived playbooks are left out, and cadences
    and contact budgets stand in it, too.

    :raises InvalidInput: for a key that no playbook has.
    """
    rows = list(_rows(keys))
    codes = [playbook_code(version) for version in newest_versions(rows)]
    fitting = [_fitting(code) for code in codes]
    document = Document(playbooks=tuple(code for code, _said in fitting))
    if keys is None:
        document = replace(
            document,
            playbooks=document.playbooks or None,
            cadences=tuple(map(cadence_code, cadence_rows())) or None,
            contact_budgets=tuple(map(budget_code, budget_rows())) or None,
        )
    left_out = tuple(sentence for _code, said in fitting for sentence in said)
    return Exported(write(document), left_out)


def _rows(keys: Collection[str] | None) -> list[Playbook]:
    known = {each.key: each for each in Playbook.objects.all()}
    if keys is None:
        return [each for each in known.values() if not each.archived_at]
    for key in keys:
        if key not in known:
            said = _("There is no playbook “%(key)s”.") % {"key": key}
            raise InvalidInput({"playbook": with_guess(said, key, known)})
    return [known[key] for key in dict.fromkeys(keys)]


def _fitting(code: PlaybookCode) -> tuple[PlaybookCode, list[str]]:
    """Return a playbook whose localizations speak of its steps only, and what they said beside.

    A localization that lags may change a step that the newest version has no more.
    """
    added = {
        change.step
        for each in code.localizations
        for change in each.changes
        if each.place.level is Level.REGION and change.action is Action.ADD
    }
    steps = {step.key for step in code.steps} | added
    fitting = [exportable(each, steps) for each in code.localizations]
    left_out = [
        _("%(playbook)s, %(place)s: the change of “%(step)s”, which is no step any more.")
        % {"playbook": code.key, "place": before.place.code, "step": change.step}
        for before, after in zip(code.localizations, fitting, strict=True)
        for change in before.changes
        if change not in after.changes
    ]
    return replace(code, localizations=tuple(fitting)), left_out
