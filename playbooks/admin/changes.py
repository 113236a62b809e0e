"""The changes of a localization while somebody edits them: one small form for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from playbooks.admin.fields import FieldMaker
from playbooks.changes import HEADER, TRANSLATIONS, Action
from playbooks.choices import REASON_KINDS
from playbooks.fields import empty_step
from playbooks.models import LocalChange
from playbooks.models.step import STEP_FIELDS

SALT = "playbooks.localization.opened"

ADDED = tuple(name for name in STEP_FIELDS if name != TRANSLATIONS)
"""What is asked of a step that a place adds."""

Place: TypeAlias = tuple[str, str]
Written: TypeAlias = dict[str, Any]
"""A change as services take it."""


def written(row: LocalChange) -> Written:
    """Return a stored change as services take it."""
    return {
        "action": row.action,
        "step": row.step,
        "field": row.field,
        "value": row.value,
        "reason_kind": row.reason_kind,
        "reason": row.reason,
        "evidence": row.evidence,
        "statement": str(row.statement_id or ""),
    }


def sealed(changes: Iterable[Written]) -> str:
    """Return changes as a form remembers them, so that one can tell later what is new."""
    return signing.dumps(list(changes), salt=SALT, compress=True)


def unsealed(text: str) -> dict[Place, Written]:
    """Return the changes that a form remembers, nothing for what is none of ours."""
    try:
        changes = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return {}
    return {(each["step"], each["field"]): each for each in changes}


@dataclass(frozen=True)
class Context:
    """What all forms of one localization need: choices, and what holds without them."""

    maker: FieldMaker
    statements: Sequence[tuple[str, str]]
    base: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The fields of each step without this localization."""


class ChangeForm(forms.Form):
    """One change: what holds here instead, and why."""

    reason_kind = forms.ChoiceField(
        label=_("Kind of reason"),
        choices=[("", "—"), *REASON_KINDS],
        required=False,
        help_text=_("What the difference comes from."),
        widget=UnfoldAdminSelectWidget(),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Everybody who follows it reads it. Empty: the first reason of this step."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        help_text=_("What it rests on: a law, a report, own figures."),
        widget=UnfoldAdminTextInputWidget(),
    )
    statement = forms.ChoiceField(
        label=_("Report in the market's profile"),
        required=False,
        help_text=_("The report that speaks for it, if there is one."),
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        action: str,
        step: str,
        name: str,
        context: Context,
        change: Written | None = None,
    ) -> None:
        self.action, self.step, self.name = action, step, name
        change = change or {"value": self._inherited(context)}
        initial = {
            key: change.get(key, "") for key in ("reason_kind", "reason", "evidence", "statement")
        }
        initial["reason_kind"] = initial["reason_kind"] or ""
        super().__init__(data, prefix=prefix_of(step, name), initial=initial)
        statements: Any = self.fields["statement"]
        statements.choices = [("", "—"), *context.statements]
        if not context.statements:
            del self.fields["statement"]
        self._add_values(context.maker, change.get("value"))

    @property
    def place(self) -> Place:
        """What it concerns."""
        return self.step, self.name

    @property
    def key(self) -> str:
        """Return how a page names it."""
        return "|".join((self.action, self.step, self.name))

    @property
    def values(self) -> list[forms.BoundField]:
        """Return the fields for what holds here."""
        return [self[name] for name in self.fields if name.startswith("value")]

    @property
    def reasons(self) -> list[forms.BoundField]:
        """Return the fields for why it does."""
        return [self[name] for name in self.fields if not name.startswith("value")]

    @property
    def told(self) -> str:
        """Return the reason that is given so far."""
        return str(self["reason"].value() or "")

    @property
    def told_kind(self) -> str:
        """Return the kind of reason that is given so far, in words."""
        return str(dict(REASON_KINDS).get(self["reason_kind"].value() or "", ""))

    @property
    def asks_why(self) -> bool:
        """Return whether a reason is still to be given, or to be corrected."""
        wrong = self.is_bound and any(not name.startswith("value") for name in self.errors)
        return wrong or not self.told

    def written(self) -> Written:
        """Return the change as services take it; only for a form that is valid."""
        given = self.cleaned_data
        return {
            "action": self.action,
            "step": self.step,
            "field": self.name,
            "value": self._value(),
            "reason_kind": given["reason_kind"],
            "reason": given["reason"].strip(),
            "evidence": given["evidence"].strip(),
            "statement": given.get("statement", ""),
        }

    def take_focus(self) -> None:
        """Let the reader go on where something new stands."""
        first = next(iter(self.values or self.reasons))
        first.field.widget.attrs["autofocus"] = True

    def add_errors(self, errors: Mapping[str, str]) -> None:
        """Say what a service refused, beside the field that it named."""
        for path, said in errors.items():
            name = path
            if self.action == Action.SET and name.startswith("value"):
                name = "value"
            self.add_error(name if name in self.fields else None, said)

    def _inherited(self, context: Context) -> Any:
        base = context.base.get(self.step, {})
        return base.get(self.name) if self.action == Action.SET else None

    def _add_values(self, maker: FieldMaker, value: Any) -> None:
        if self.action == Action.SET:
            made = maker.make(self.name, step=self.step, value=value)
            made.required = made.required and False
            self.fields["value"] = made
            self.initial["value"] = value
        elif self.action == Action.ADD:
            defaults = {**empty_step(), **(value or {})}
            for name in ADDED:
                made = maker.make(name, step=self.step, value=defaults[name])
                made.required = False
                self.fields[f"value.{name}"] = made
                self.initial[f"value.{name}"] = defaults[name]

    def _value(self) -> Any:
        given = self.cleaned_data
        if self.action == Action.SET:
            value = given["value"]
            return None if value in ("", {}, []) else value
        if self.action != Action.ADD:
            return None
        value = {name: given[f"value.{name}"] for name in ADDED}
        return {name: each for name, each in value.items() if each is not None}


def prefix_of(step: str, name: str) -> str:
    """Return the prefix of the form of one change."""
    return f"{step}--{name}"


def forms_of(data: QueryDict, context: Context) -> list[ChangeForm]:
    """Return the forms of the changes that a page sent, each once."""
    found: dict[Place, ChangeForm] = {}
    for key in data.getlist("change"):
        action, _bar, rest = key.partition("|")
        step, _bar, name = rest.partition("|")
        if action in set(Action) and (step, name) not in found and _is_known(action, step, name):
            found[step, name] = ChangeForm(
                data, action=action, step=step, name=name, context=context
            )
    return list(found.values())


def _is_known(action: str, step: str, name: str) -> bool:
    if action != Action.SET:
        return bool(step) and not name
    if name.startswith(f"{TRANSLATIONS}."):
        return True
    return name in (("name", "goal") if step == HEADER else ADDED)


def new_form(action: str, step: str, name: str, context: Context) -> ChangeForm:
    """Return an empty form for a change that somebody begins."""
    return ChangeForm(action=action, step=step, name=name, context=context)


def form_for(change: Written, context: Context) -> ChangeForm:
    """Return the form of a stored change."""
    return ChangeForm(
        action=change["action"],
        step=change["step"],
        name=change["field"],
        context=context,
        change=change,
    )


def with_reasons(changes: Sequence[Written]) -> list[Written]:
    """Let a change without a reason have the first one that is given for its step."""
    first: dict[str, Written] = {}
    for change in changes:
        if change["reason"] and change["reason_kind"]:
            first.setdefault(change["step"], change)
    done = []
    for change in changes:
        source = first.get(change["step"])
        if source and not change["reason"]:
            told = {name: source[name] for name in ("reason", "evidence", "statement")}
            kind = change["reason_kind"] or source["reason_kind"]
            change = {**change, **told, "reason_kind": kind}
        done.append(change)
    return done


def key_for(title: str, known: Iterable[str]) -> str:
    """Return a key for a step that is called so, which no other step has."""
    known = set(known)
    wanted = slugify(title)[:50] or "local-step"
    key, number = wanted, 2
    while key in known:
        key, number = f"{wanted}-{number}", number + 1
    return key
