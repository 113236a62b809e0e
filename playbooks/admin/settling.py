"""Conflicts between a new version and localizations, and what a person decides on each."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from playbooks.admin.editor import Editor
from playbooks.admin.words import label
from playbooks.rebase import Choice, Conflict, ConflictKind, Settlement
from playbooks.wording import say_conflict

CHOICES = [
    (Choice.LOCAL.value, _("Keep ours")),
    (Choice.BASE.value, _("Take theirs: follow the new version")),
    (Choice.VALUE.value, _("Another value")),
]
ONLY_WAY = [(Choice.BASE.value, _("Follow the new version; the local change goes"))]


class ConflictForm(forms.Form):
    """What becomes of one conflict."""

    choice = forms.ChoiceField(
        label=_("What holds from now on"),
        choices=CHOICES,
        widget=forms.RadioSelect(),
        help_text=_("Nothing is decided for you."),
    )

    def __init__(
        self, place: str, conflict: Conflict, editor: Editor, data: QueryDict | None
    ) -> None:
        self.place, self.conflict = place, conflict
        prefix = f"{place}--{conflict.step}--{conflict.field}"
        super().__init__(data, prefix=prefix)
        self.has_value = conflict.kind is ConflictKind.CHANGED_BOTH
        if self.has_value:
            maker = editor.context.maker
            made = maker.make(conflict.field, step=conflict.step, value=conflict.local)
            made.required = False
            made.label = _("Another value")
            self.fields["value"] = made
            self.initial["value"] = conflict.local
        else:
            choice: Any = self.fields["choice"]
            choice.choices = ONLY_WAY
            self.initial["choice"] = Choice.BASE.value
        words = editor.words
        self.title = words.title(conflict.step) or str(_("The playbook itself"))
        self.said = say_conflict(conflict)
        self.field_label = label(conflict.field) if conflict.field else ""
        self.before, self.after, self.local = (
            words.value(conflict.field, value) if self.has_value else ""
            for value in (conflict.before, conflict.after, conflict.local)
        )

    def settlement(self) -> Settlement:
        """Return what was decided; only for a form that is valid."""
        choice = Choice(self.cleaned_data["choice"])
        value = self.cleaned_data.get("value") if choice is Choice.VALUE else None
        return Settlement(choice, None if value in ("", {}, []) else value)


class Settling:
    """All conflicts of a move to another version, by place."""

    def __init__(
        self,
        conflicts: Mapping[str, Sequence[Conflict]],
        editor: Editor,
        data: QueryDict | None,
    ) -> None:
        self.forms = [
            ConflictForm(place, conflict, editor, data)
            for place, several in conflicts.items()
            for conflict in several
        ]

    def is_valid(self) -> bool:
        """Return whether everything is decided."""
        return all([form.is_valid() for form in self.forms])

    def settled(self) -> dict[str, dict[tuple[str, str], Settlement]]:
        """Return what was decided, by place, then by step and field."""
        found: dict[str, dict[tuple[str, str], Settlement]] = {}
        for form in self.forms:
            found.setdefault(form.place, {})[form.conflict.place] = form.settlement()
        return found
