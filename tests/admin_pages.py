"""The admin as a browser meets it: signed in by session, forms sent as they are shown."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.authentication import SESSION_KEY
from tenants.context import acting_for
from tenants.models import Membership
from tests.conftest import user_of

Form = dict[str, list[str]]

_RANDOM = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|data-csrf="[^"]*"|[0-9]{1,2}:[0-9]{2} [ap]\.m\.'
)


def browser(membership: Membership) -> Client:
    """Return a browser in which a member has signed in."""
    client = Client()
    assert membership.organization_id
    with acting_for(membership.organization_id, door="test"):
        client.force_login(user_of(membership))
    session = client.session
    session[SESSION_KEY] = str(membership.organization_id)
    session.save()
    return client


def address(model: Any, page: str, *arguments: object) -> str:
    """Return the address of a page of a model's admin."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=arguments)


def text_of(response: Any) -> str:
    """Return a page without what differs from one request to the next."""
    return _RANDOM.sub("", response.content.decode())


def shown_form(response: Any) -> Form:
    """Return what a page's form would send if nobody typed anything."""
    reader = _FormReader()
    reader.feed(response.content.decode())
    return {name: values for name, values in reader.values.items() if "__prefix__" not in name}


def add_line(form: Form, prefix: str, **values: Any) -> Form:
    """Return the form with one more line in an inline."""
    total = f"{prefix}-TOTAL_FORMS"
    number = int(form[total][0])
    line = {f"{prefix}-{number}-{name}": _sent(value) for name, value in values.items()}
    return form | line | {total: [str(number + 1)]}


def typed(form: Form, **values: Any) -> Form:
    """Return the form with fields filled in."""
    return form | {name: _sent(value) for name, value in values.items()}


def _sent(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


class _FormReader(HTMLParser):
    """Collects the values of a change form, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: Form = {}
        self._inside = False
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._inside = (given.get("id") or "").endswith("_form")
        if not self._inside:
            return
        if tag == "input" and name and given.get("type") not in ("submit", "button"):
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self._add(name, given.get("value") or ("on" if is_box else ""))
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._add(self._select, given.get("value") or "")
        elif tag == "textarea" and name:
            self._textarea = name
            self._add(name, "")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # HTML drops the first line break inside a text area.
            self.values[self._textarea][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)
