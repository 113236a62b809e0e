"""What a service refused, told on the form."""

from django.forms import BaseForm

from toolkit.errors import InvalidInput


def add_errors(form: BaseForm, error: InvalidInput) -> None:
    """Put what a service could not take beside its field, or above a form that has no such."""
    for name, message in error.errors.items():
        form.add_error(name if name in form.fields else None, message)
