"""Form fields for what a step says, the same on its own page and in a localization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from playbooks.admin.words import HEADER_LABELS, PARTS, TRANSLATED, label
from playbooks.changes import HEADER, HEADER_FIELDS, TRANSLATIONS
from playbooks.fields import ANY_STEP
from playbooks.models import PlaybookVersion, Step
from playbooks.placeholders import PLACEHOLDERS
from playbooks.validators import ATTRIBUTES

LONG_TEXTS = {"instructions": 10, "message": 8, "outcome": 3, "goal": 4}
"""How many lines the text areas show."""

Choices = Sequence[tuple[str, Any]]


class LinesField(forms.CharField):
    """A list of short texts, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 5}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return a list as lines, and what somebody typed as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines that say something."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether the lines are others."""
        return bool(self.to_python(initial) != self.to_python(data))


class CommaField(LinesField):
    """A list of short texts, with commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": UnfoldAdminTextInputWidget()} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return a list with commas, and what somebody typed as it is."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return what stands between the commas."""
        if isinstance(value, list):
            return value
        return [each.strip() for each in (value or "").split(",") if each.strip()]


class PartsWidget(forms.MultiWidget):
    """Several fields that make one value, each under its own label."""

    template_name = "admin/playbooks/parts.html"

    def __init__(self, parts: Mapping[str, forms.Field]) -> None:
        self.parts = parts
        super().__init__({name: field.widget for name, field in parts.items()})

    def decompress(self, value: Any) -> list[Any]:
        """Return the values of the parts."""
        value = value if isinstance(value, dict) else {}
        return [field.prepare_value(value.get(name)) for name, field in self.parts.items()]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Put the labels beside the parts."""
        context = super().get_context(name, value, {**(attrs or {}), "required": False})
        context["widget"]["parts"] = [
            {
                "label": capfirst(str(field.label)),
                "help": field.help_text,
                "widget": widget,
                "several": isinstance(field, forms.MultipleChoiceField),
            }
            for field, widget in zip(
                self.parts.values(), context["widget"]["subwidgets"], strict=True
            )
        ]
        return context

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Leave out what Alpine would tie all parts together with, to one value."""
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {name: value for name, value in attrs.items() if not name.startswith("x-")}

    def use_required_attribute(self, initial: Any) -> bool:
        """Ask for no part by itself."""
        return False


class PartsField(forms.MultiValueField):
    """An object with known members, all of them optional."""

    def __init__(self, parts: Mapping[str, forms.Field], **kwargs: Any) -> None:
        self.parts = parts
        super().__init__(
            tuple(parts.values()),
            widget=PartsWidget(parts),
            require_all_fields=False,
            required=False,
            **kwargs,
        )

    def compress(self, data_list: Sequence[Any]) -> dict[str, Any]:
        """Return the parts that say something."""
        return {name: value for name, value in zip(self.parts, data_list, strict=False) if value}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether a part says something else."""
        initial = initial if isinstance(initial, dict) else {}
        return any(
            field.has_changed(initial.get(name), value)
            for (name, field), value in zip(self.parts.items(), data or (), strict=False)
        )


class AttributesField(LinesField):
    """Attributes of accounts with the values that are asked for, one attribute on each line."""

    def prepare_value(self, value: Any) -> Any:
        """Return an object as lines, and what somebody typed as it is."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{key}: {', '.join(values)}" for key, values in value.items())

    def to_python(self, value: Any) -> Any:
        """Return values by attribute.

        :raises ValidationError: for a line without a colon.
        """
        if isinstance(value, dict):
            return value
        read: dict[str, list[str]] = {}
        for line in super().to_python(value):
            key, colon, values = line.partition(":")
            if not colon:
                raise ValidationError(
                    _t("Write an attribute, a colon and its values: contract_type: yearly.")
                )
            read[key.strip()] = [each.strip() for each in values.split(",") if each.strip()]
        return read

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether the lines are others."""
        return bool((self.prepare_value(initial) or "") != (data or ""))


def condition_field(**kwargs: Any) -> PartsField:
    """Return the field in which one says for which accounts a step is."""
    parts: dict[str, forms.Field] = {
        name: forms.MultipleChoiceField(
            label=title,
            choices=choices,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        )
        for name, (title, choices) in PARTS.items()
    }
    parts["languages"] = CommaField(
        label=_("languages"), required=False, help_text=_("Such as fr, de-CH; with commas.")
    )
    parts[ATTRIBUTES] = AttributesField(
        label=_("your own attributes"),
        required=False,
        help_text=_("One on each line, such as contract_type: yearly, monthly."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    return PartsField(parts, **kwargs)


def translation_field(names: Sequence[str], **kwargs: Any) -> PartsField:
    """Return the field for the words in one language."""
    parts: dict[str, forms.Field] = {}
    for name in names:
        if name == "checklist":
            parts[name] = LinesField(label=TRANSLATED[name], required=False)
            continue
        rows = LONG_TEXTS.get(name)
        widget: Any = (
            UnfoldAdminTextareaWidget(attrs={"rows": min(rows, 5)})
            if rows
            else UnfoldAdminTextInputWidget()
        )
        parts[name] = forms.CharField(label=TRANSLATED[name], required=False, widget=widget)
    return PartsField(parts, **kwargs)


@dataclass(frozen=True)
class FieldMaker:
    """Makes the form field of each field of a step; ``steps`` are keys and titles."""

    roles: Choices = ()
    steps: Choices = ()

    def make(self, name: str, *, step: str = ANY_STEP, value: Any = None) -> forms.Field:
        """Return the form field of a step's field, or of the playbook's own for ``HEADER``.

        ``value`` stays a choice, whatever it is.
        """
        said: dict[str, Any] = {"label": label(name), "help_text": _help(name)}
        if name.startswith(f"{TRANSLATIONS}."):
            names = tuple(TRANSLATED)
            names = names[-2:] if step == HEADER else names[:-2]
            return translation_field(names, **said)
        match name:
            case "owner_role":
                return _choice([("", "—"), *self.roles], value, **said)
            case "anchor_step":
                return _choice([("", "—"), *self.steps], value, **said)
            case "depends_on":
                return _several(self.steps, value or (), **said)
            case "condition":
                return condition_field(**said)
            case "checklist":
                return LinesField(required=False, **said)
        if step == HEADER and name in HEADER_FIELDS:
            return _plain(PlaybookVersion._meta.get_field(name), **said)
        return _plain(Step._meta.get_field(name), **said)


def _plain(field: Any, **said: Any) -> forms.Field:
    if hasattr(field, "base_field"):
        return _several(field.base_field.choices, (), **said)
    if field.choices:
        blank = [("", "—")] if field.blank else []
        return _choice([*blank, *field.choices], None, required=not field.blank, **said)
    made: forms.Field = field.formfield(widget=_widget(field), **said)
    return made


def _widget(field: Any) -> Any:
    match field:
        case models.BooleanField():
            return UnfoldBooleanWidget()
        case models.TextField():
            return UnfoldAdminTextareaWidget(attrs={"rows": LONG_TEXTS.get(field.name, 3)})
        case models.IntegerField():
            return UnfoldAdminIntegerFieldWidget()
    return UnfoldAdminTextInputWidget()


def _choice(choices: Choices, value: Any, *, required: bool = False, **said: Any) -> forms.Field:
    known = {key for key, _label in choices}
    more = [(value, value)] if value and value not in known else []
    return forms.ChoiceField(
        choices=[*choices, *more], required=required, widget=UnfoldAdminSelectWidget(), **said
    )


def _several(choices: Choices, values: Sequence[str], **said: Any) -> forms.Field:
    known = {key for key, _label in choices}
    more = [(value, value) for value in values if value not in known]
    return forms.MultipleChoiceField(
        choices=[*choices, *more],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        **said,
    )


def _help(name: str) -> Any:
    if name.startswith(f"{TRANSLATIONS}."):
        return _("What is empty here is read in the playbook's own language.")
    if name in HEADER_LABELS:
        return PlaybookVersion._meta.get_field(name).help_text  # type: ignore[union-attr]
    return HELP.get(name) or Step._meta.get_field(name).help_text  # type: ignore[union-attr]


HELP: dict[str, Any] = {
    "owner_role": _("Who carries the step out. Roles are yours: add one under Organization."),
    "anchor_step": _("The step whose end it is counted from."),
    "depends_on": _("They have to be closed before this one opens."),
    "condition": _("Nothing chosen: for every account that the playbook is for."),
    "message": _(
        "What is sent; the first line is the subject where an empty one follows it. In braces "
        "stands what is filled in: %s."
    )
    % ", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
}
