"""What the pages of the steps share: they are for those who lead the whole organization."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render

from regions.access import works_in
from toolkit.errors import DomainError, InvalidInput
from workspace.forms.refusals import add_errors
from workspace.steps import TITLES
from workspace.views.members import MemberView


class LeaderView(MemberView):
    """A page for admins and leaders."""

    def admit(self) -> None:
        """Let those in who lead.

        :raises PermissionDenied: for everybody else.
        """
        if not works_in(self.identity, None):
            raise PermissionDenied


class StepView(LeaderView):
    """The page of one step, with the ways to the steps beside it."""

    step: ClassVar[str]
    template: ClassVar[str]

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page of the step."""
        names = list(TITLES)
        number = names.index(self.step)
        steps = {
            "title": TITLES[self.step],
            "number": number + 1,
            "last": len(names),
            "before": names[number - 1] if number else "",
            "after": names[number + 1] if number + 1 < len(names) else "",
            "titles": TITLES,
        }
        return render(
            self.request, f"workspace/start/{self.template}.html", steps | context, status=status
        )

    def go_on(self, said: str, *, to: str = "start", level: int = messages.SUCCESS) -> HttpResponse:
        """Tell what was done, and lead on."""
        messages.add_message(self.request, level, said)
        return redirect(f"workspace:{to}")


def save_form(form: BaseForm, save: Callable[[], Any]) -> bool:
    """Save what was entered, all of it or nothing; tell on the form why it was refused."""
    try:
        with transaction.atomic():
            save()
    except InvalidInput as error:
        add_errors(form, error)
    except ValidationError as error:
        for name, found in getattr(error, "error_dict", {NON_FIELD_ERRORS: error}).items():
            form.add_error(name if name in form.fields else None, found)
    except DomainError as error:
        form.add_error(None, str(error))
    return not form.errors
