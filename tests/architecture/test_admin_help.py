"""Every field that a leader fills in says what follows from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.forms import BaseForm

from tenants.admin import site
from tests.admin_pages import address, browser
from tests.architecture.rows import make_row
from tests.conftest import Cast

ADMINS = {model._meta.label_lower: model for model in site._registry}

# Set by hand in the templates of inlines; they are no fields of a row.
OF_THE_LINE = {"DELETE", "id"}


def forms_of(page: Any) -> Iterator[BaseForm]:
    """Yield the form of a page and an empty line of each of its inlines."""
    yield page.context["adminform"].form
    for inline in page.context["inline_admin_formsets"]:
        yield inline.formset.empty_form


def without_help(form: BaseForm) -> list[str]:
    """Return the fields of a form that say no more than their label."""
    return [
        f"{type(form).__name__}.{name}"
        for name, field in form.fields.items()
        if name not in OF_THE_LINE
        and not field.widget.is_hidden
        and str(field.help_text).strip(" .").casefold() in {"", str(field.label).casefold()}
    ]


@pytest.mark.parametrize("label", ADMINS)
def test_every_editable_field_has_help(label: str, cast: Cast) -> None:
    model = ADMINS[label]
    row = make_row(model, cast)
    client = browser(cast.admin)
    for url in (address(model, "add"), address(model, "change", row.pk)):
        page = client.get(url)
        if page.status_code == 200:
            with cast.acting():
                found = [name for form in forms_of(page) for name in without_help(form)]
            assert not found, found


def test_a_field_that_repeats_its_label_is_found() -> None:
    class Form(forms.Form):
        name = forms.CharField(label="Name", help_text="Name.")
        code = forms.CharField(label="Code", help_text="Short and stable.")
        version = forms.IntegerField(widget=forms.HiddenInput)

    assert without_help(Form()) == ["Form.name"]
