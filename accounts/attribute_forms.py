"""Forms on which each declared attribute of an account is a field like any other."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.attributes import LARGEST, LONGEST, PATH
from accounts.choices import AttributeKind
from accounts.models import Account, AccountAttribute
from tenants.admin import VersionedForm

UNKNOWN = [("", "—")]
ANSWERS = [("yes", _("Yes")), ("no", _("No"))]


class AccountForm(VersionedForm[Account]):
    """An account with the attributes that its organization has declared."""

    attributes: ClassVar[Sequence[AccountAttribute]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in self.attributes:
            field: Any = self.fields.get(field_name(attribute))
            value = self.instance.attributes.get(attribute.key)
            if field is None or value is None:
                continue
            if attribute.kind == AttributeKind.BOOLEAN:
                value = "yes" if value else "no"
            elif attribute.kind == AttributeKind.CHOICE and value not in attribute.choices:
                # Taken away from the choices, but still what is known.
                field.choices = [*field.choices, (value, value)]
            self.initial[field_name(attribute)] = value

    def clean(self) -> dict[str, Any] | None:
        """Put what was typed in among the values that are not shown."""
        cleaned = super().clean()
        values = dict(self.instance.attributes)
        for attribute in self.attributes:
            name = field_name(attribute)
            if name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            if value in (None, ""):
                values.pop(attribute.key, None)
            else:
                values[attribute.key] = _plain(value)
        self.instance.attributes = values
        return cleaned


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Return a list as lines, and what somebody typed as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the lines that hold something."""
        lines = (line.strip() for line in super().clean(value).splitlines())
        return [line for line in lines if line]


def account_form(attributes: Sequence[AccountAttribute]) -> type[AccountForm]:
    """Return the form of an account with a field for each of the attributes."""
    fields: dict[str, Any] = {
        field_name(attribute): _FIELDS[attribute.kind](attribute) for attribute in attributes
    }
    return type("AccountForm", (AccountForm,), fields | {"attributes": attributes})


def field_name(attribute: AccountAttribute) -> str:
    """Return how forms call an attribute: as the service does that may refuse its value."""
    return f"{PATH}.{attribute.key}"


def _text(attribute: AccountAttribute) -> forms.Field:
    return forms.CharField(
        label=attribute.name,
        required=False,
        max_length=LONGEST,
        help_text=_("One line. Empty: not known."),
        widget=UnfoldAdminTextInputWidget(),
    )


def _number(attribute: AccountAttribute) -> forms.Field:
    return forms.DecimalField(
        label=attribute.name,
        required=False,
        min_value=1 - LARGEST,
        max_value=LARGEST - 1,
        help_text=_("A number. Empty: not known."),
        widget=UnfoldAdminDecimalFieldWidget(),
    )


def _boolean(attribute: AccountAttribute) -> forms.Field:
    return forms.TypedChoiceField(
        label=attribute.name,
        required=False,
        choices=[*UNKNOWN, *ANSWERS],
        coerce="yes".__eq__,
        empty_value=None,
        help_text=_("Yes or no; “—” where it is not known."),
        widget=UnfoldAdminSelectWidget(),
    )


def _choice(attribute: AccountAttribute) -> forms.Field:
    return forms.ChoiceField(
        label=attribute.name,
        required=False,
        choices=[*UNKNOWN, *((choice, choice) for choice in attribute.choices)],
        help_text=_("One of the choices; “—” where it is not known."),
        widget=UnfoldAdminSelectWidget(),
    )


_FIELDS: dict[str, Callable[[AccountAttribute], forms.Field]] = {
    AttributeKind.TEXT: _text,
    AttributeKind.NUMBER: _number,
    AttributeKind.BOOLEAN: _boolean,
    AttributeKind.CHOICE: _choice,
}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a number whole where it is whole."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
