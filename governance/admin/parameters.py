"""The form of a guardrail: one field for each parameter, of which the chosen kind shows its own."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from governance.choices import STEP_FIELDS, STEP_KINDS
from governance.guardrails import (
    KINDS,
    Number,
    OneOf,
    Parameter,
    UnfitParameters,
    Whole,
    Words,
    kind_of,
    parameters_of,
)
from governance.models import Guardrail
from governance.wording import say_problem
from tenants.admin import VersionedForm

PREFIX = "parameter_"

# Label and help of each parameter.
SAID: dict[str, tuple[Any, Any]] = {
    "step": (_("step"), _("The key of one step. Empty, where it may be: every step.")),
    "field": (_("field"), _("The name of a step's field as programs know it, such as channel.")),
    "step_kind": (_("kind of step"), _("Only steps of this kind. Empty: steps of every kind.")),
    "minimum": (_("minimum"), _("The smallest number that is allowed.")),
    "maximum": (_("maximum"), _("The greatest number that is allowed.")),
    "allowed": (_("allowed values"), _("One on each line, instead of a minimum and maximum.")),
    "most_percent": (_("at most (percent)"), _("The share of all steps, from 0 to 100.")),
    "business_days": (_("business days"), _("How many may pass after the start, from 0 to 60.")),
    "first": (_("first"), _("The kind of step that has to come before.")),
    "then": (_("then"), _("The kind of step that needs the other one before it.")),
    "most_days": (_("at most (days)"), _("Calendar days between the first and the last step.")),
    "most": (_("at most"), _("How many contacts may fall into any seven days.")),
}


def all_parameters() -> dict[str, Parameter]:
    """Return every parameter by name; kinds that share a name share its meaning."""
    return {name: parameter for kind in KINDS for name, parameter in parameters_of(kind).items()}


def conditions() -> dict[str, str]:
    """Return for each field the condition, in JavaScript, under which it is shown."""
    return {
        f"{PREFIX}{name}": " || ".join(
            f"kind == '{kind}'" for kind in KINDS if name in parameters_of(kind)
        )
        for name in all_parameters()
    }


CODES = (*STEP_KINDS, *STEP_FIELDS)
"""The codes that parameters take, in words; no two sets share one."""


def form_field(name: str, parameter: Parameter) -> forms.Field:
    """Return the field in which people write a parameter."""
    label, help_text = SAID[name]
    words: dict[str, Any] = {"label": capfirst(label), "help_text": help_text, "required": False}
    match parameter:
        case Whole(least=least, most=most):
            widget: Any = UnfoldAdminIntegerFieldWidget()
            return forms.IntegerField(min_value=least, max_value=most, widget=widget, **words)
        case Number():
            return forms.FloatField(widget=UnfoldAdminDecimalFieldWidget(), **words)
        case Words():
            return forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), **words)
        case OneOf(options=options):
            choices = [choice for choice in CODES if choice[0] in set(options)]
            widget = UnfoldAdminSelectWidget()
            return forms.ChoiceField(choices=[("", "—"), *choices], widget=widget, **words)
    return forms.CharField(widget=UnfoldAdminTextInputWidget(), **words)


class ParametersForm(VersionedForm[Guardrail]):
    """Reads the parameters of the chosen kind from their fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self.instance.parameters.items():
            shown = "\n".join(value) if isinstance(value, list) else value
            self.initial.setdefault(f"{PREFIX}{name}", shown)

    def clean(self) -> dict[str, Any] | None:
        """Hand the parameters to their kind, and say beside each field what it cannot take."""
        cleaned = super().clean()
        kind = self.cleaned_data.get("kind", "")
        fields = {f"{PREFIX}{name}" for name in parameters_of(kind)} if kind in KINDS else set()
        if not kind or fields & set(self.errors):
            return cleaned
        self.instance.parameters = self._parameters(kind)
        try:
            kind_of(kind, self.instance.parameters)
        except UnfitParameters as error:
            for name, problem in error.problems.items():
                field = f"{PREFIX}{name}"
                self.add_error(field if field in self.fields else None, say_problem(problem))
        return cleaned

    def _parameters(self, kind: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, parameter in parameters_of(kind).items():
            value = self.cleaned_data.get(f"{PREFIX}{name}")
            if value in (None, ""):
                continue
            given[name] = _as_json(parameter, value)
        return given


GuardrailForm: type[ParametersForm] = type(
    "GuardrailForm",
    (ParametersForm,),
    {f"{PREFIX}{name}": form_field(name, each) for name, each in all_parameters().items()},
)


def shown_parameters(guardrail: Guardrail) -> str:
    """Return the parameters in one line."""
    labels = dict(CODES)
    said = []
    for name in parameters_of(guardrail.kind):
        if name not in guardrail.parameters:
            continue
        value = guardrail.parameters[name]
        values = value if isinstance(value, list) else [value]
        text = ", ".join(str(labels.get(each, each)) for each in values)
        said.append(f"{SAID[name][0]}: {text}")
    return "; ".join(said)


def _as_json(parameter: Parameter, value: Any) -> Any:
    match parameter:
        case Words():
            return [line.strip() for line in value.splitlines() if line.strip()]
        case Number() if value.is_integer():
            return int(value)
    return value
