"""What the buttons of the editor do, and what a check finds while somebody types."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t

from playbooks import services
from playbooks.admin.changes import ChangeForm
from playbooks.admin.editor import Editor
from playbooks.admin.findings import Shown, shown
from playbooks.admin.words import label
from playbooks.changes import Action
from playbooks.models import Localization
from playbooks.rebase import Conflict
from playbooks.services import MarketEdition
from tenants.permissions import member_of
from toolkit import effects
from toolkit.errors import DomainError, InvalidInput


def arrange(editor: Editor, data: QueryDict) -> bool:
    """Do what a button beside a change asks for; return whether one does."""
    asked = {name: str(value) for name, value in data.items()}
    if "_open" in asked:
        step, _bar, name = asked["_open"].partition("|")
        editor.begin(Action.SET.value, step, name)
    elif "_more" in asked:
        step = asked["_more"]
        name = asked.get(f"more--{step}", "")
        editor.begin(Action.SET.value, step, name) if name else editor.show(step)
    elif "_drop" in asked:
        editor.begin(Action.DROP.value, asked["_drop"])
    elif "_restore" in asked:
        editor.begin(Action.RESTORE.value, asked["_restore"])
    elif "_close" in asked:
        step, _bar, name = asked["_close"].partition("|")
        editor.close(step, name)
    elif "_add" in asked:
        editor.add_step(asked.get("new_title", "").strip() or _t("A step of our own"))
    else:
        return False
    return True


def looked_at(editor: Editor, request: HttpRequest) -> tuple[list[str], list[Shown]]:
    """Save, check, take it back; return what cannot be saved, or what was found."""
    if not editor.is_valid():
        return _wrong_in(editor), []
    made: list[MarketEdition] = []

    def change() -> None:
        services.save_localization(
            editor.localization,
            by=member_of(request),
            at=timezone.now(),
            changes=editor.changes(),
        )
        made.extend(services.check_localization(editor.localization, at=timezone.now()))

    try:
        effects.preview(change)
    except services.RebaseConflicts as error:
        return [], [_as_warning(str(error))]
    except InvalidInput as error:
        return [*editor.refuse(error.errors), *_wrong_in(editor)], []
    except DomainError as error:
        return [str(error)], []
    return [], _shown(made)


def _wrong_in(editor: Editor) -> list[str]:
    """Return what is wrong with each change, after the step and the field that it is about."""
    return [
        f"{', '.join(_whereabouts(editor, form, name))}: {said}"
        for form in editor.forms
        for name, several in form.errors.items()
        for said in several
    ]


def _whereabouts(editor: Editor, form: ChangeForm, name: str) -> list[str]:
    """Return the step, the field that is changed, and what of the change a field asks for."""
    added = form["value.title"].value() if form.action == Action.ADD else ""
    where = [added or editor.words.title(form.step) or _t("The playbook itself")]
    if form.name:
        where.append(label(form.name))
    if name in form.fields and name != "value":
        where.append(capfirst(str(form.fields[name].label)))
    return where


def found_in(localization: Localization) -> list[Shown]:
    """Return what a check finds in a localization as it is stored."""
    try:
        return _shown(services.check_localization(localization, at=timezone.now()))
    except DomainError as error:
        return [_as_warning(str(error))]


def _shown(made: list[MarketEdition]) -> list[Shown]:
    found = [finding for each in made for finding in each.findings]
    urls = {finding.step: f"#step-{finding.step}" for finding in found if finding.step}
    return shown(found, urls)


def _as_warning(said: str) -> Shown:
    return Shown(said, "", is_error=False, market="", step="", url="")


def conflicts_of(localization: Localization) -> Mapping[str, Sequence[Conflict]]:
    try:
        services.check_localization(localization, at=timezone.now())
    except services.RebaseConflicts as error:
        return error.conflicts
    except DomainError:
        return {}
    return {}
