"""Every registered admin, met by members of another organization.

Nothing is listed by hand: admins come from the site, their pages from its URLs, references from
the forms that they show.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db.models import ForeignKey, Model
from django.forms import ModelChoiceField
from django.test import Client
from django.urls import reverse

from regions.admin.entries import KINDS, Kind
from regions.models import Market
from tenants.admin import TenantAdmin, site
from tenants.models import AuditEntry, TenantModel
from tests.admin_pages import Form, address, browser, shown_form, text_of
from tests.architecture.rows import CANARY, make_row
from tests.architecture.test_api_outsider import missing_id, snapshot
from tests.conftest import Cast
from toolkit.tables import read_table
from toolkit.uuid7 import uuid7

# What the question of an action sends when it is answered.
CONFIRMED = {"_form_submitted": "True"}

SEARCHED = CANARY[:6]

LIST_QUERIES = ("", f"?q={SEARCHED}", "?archived=all", "?all=")
FILE_QUERIES = (
    *(f"?q={SEARCHED}", "?_as=xlsx"),
    *("?_what=days&_year=2026", "?_what=calendar-lines&_as=xlsx"),
)

ADMINS = {model._meta.label_lower: (model, admin) for model, admin in site._registry.items()}


def entering(cast: Cast) -> list[Client]:
    """Return a browser for who may do most, and for who is bound to places."""
    return [browser(member) for member in (cast.admin, cast.manager)]


def pages(admin: Any, *, of_a_row: bool) -> Iterator[str]:
    """Yield the names of all pages that take, or do not take, the id of a row."""
    for pattern in admin.urls:
        taken = pattern.pattern.regex.groupindex
        if pattern.name and "entry_id" not in taken and of_a_row == ("object_id" in taken):
            yield f"admin:{pattern.name}"


def readable(response: Any) -> str:
    """Return the text of a page or of a file."""
    if "spreadsheet" not in response.headers["Content-Type"]:
        return str(response.content.decode())
    table = read_table(response.content)
    return "\n".join(map(str, [table.header, *(row.cells for row in table.rows())]))


def told(response: Any) -> str:
    """Return where an answer sends to, and what the page there would say; it says it once."""
    said = [str(message) for message in get_messages(response.wsgi_request)]
    response.client.cookies.pop("messages", None)
    return " ".join([response.headers.get("Location", ""), *said])


def met(response: Any, *asked: object) -> tuple[int, str, str]:
    """Return status, way and page, with the ids asked for taken out."""
    # Numbers stand in style sheets, too.
    ids = [rf"(?<=[/“]){pk}(?=[/”])" if isinstance(pk, int) else str(pk) for pk in asked]
    whole_id = re.compile("|".join(ids))
    way, page = told(response), text_of(response)
    return response.status_code, whole_id.sub("<id>", way), whole_id.sub("<id>", page)


def reveals(response: Any, cast: Cast, *ids: object) -> bool:
    """Tell whether a page holds a name of another organization, or an id that nobody gave it."""
    # What was searched for is shown in the search field.
    text = told(response) + readable(response).replace(f'value="{SEARCHED}"', "")
    secrets = [CANARY, cast.organization.name]
    secrets += [quoted for pk in ids for quoted in (f"/{pk}/", f'"{pk}"')]
    return any(secret in text for secret in secrets)


def some_row(model: type[Model], cast: Cast) -> Any:
    """Return a row of ``model`` of an organization."""
    with cast.acting():
        found = model._default_manager.first()
    return found or make_row(model, cast)


@pytest.mark.parametrize("label", ADMINS)
class TestAnOutsider:
    def test_cannot_tell_a_row_from_no_row(self, label: str, cast: Cast, outsiders: Cast) -> None:
        model, admin = ADMINS[label]
        row = make_row(model, cast)
        before = snapshot(cast)
        for client in entering(outsiders):
            for name in pages(admin, of_a_row=True):
                for method in ("get", "post"):
                    answers = []
                    for pk in (row.pk, missing_id(model)):
                        url = reverse(name, args=[pk])
                        response = getattr(client, method)(url, CONFIRMED)
                        answers.append(met(response, pk))
                        assert not reveals(response, cast)
                    assert answers[0] == answers[1], name
        assert snapshot(cast) == before

    def test_sees_no_row_in_lists_and_choices(
        self, label: str, cast: Cast, outsiders: Cast
    ) -> None:
        model, admin = ADMINS[label]
        row = make_row(model, cast)
        for client in entering(outsiders):
            for name in pages(admin, of_a_row=False):
                for query in FILE_QUERIES if name.endswith("_export") else LIST_QUERIES:
                    response = client.get(reverse(name) + query, follow=True)
                    assert response.status_code in {200, 400, 403, 404, 405}
                    assert not reveals(response, cast, row.pk)

    def test_learns_nothing_from_a_filter(self, label: str, cast: Cast, outsiders: Cast) -> None:
        model, _admin = ADMINS[label]
        row = make_row(model, cast)
        client = browser(outsiders.admin)
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey) or field.name == "organization":
                continue
            foreign = field.value_from_object(row) or uuid7()
            for lookup in ("", "__id__exact", "__pk"):
                # What fills in a new row goes by its plain name.
                asked = ("changelist",) if lookup else ("changelist", "add")
                for page in asked:
                    answers = [
                        met(client.get(address(model, page), {f"{field.name}{lookup}": pk}), pk)
                        for pk in (str(foreign), str(uuid7()))
                    ]
                    assert answers[0] == answers[1]

    def test_finds_nothing_by_autocomplete(self, label: str, cast: Cast, outsiders: Cast) -> None:
        model, _admin = ADMINS[label]
        make_row(model, cast)
        for client in entering(outsiders):
            for field in model._meta.get_fields():
                if not isinstance(field, ForeignKey):
                    continue
                for term in ("", CANARY[:4], "CSM"):
                    response = client.get(
                        reverse("admin:autocomplete"),
                        {
                            "app_label": model._meta.app_label,
                            "model_name": str(model._meta.model_name),
                            "field_name": field.name,
                            "term": term,
                        },
                    )
                    assert response.status_code in {200, 403, 404}
                    assert CANARY not in response.content.decode()
                    assert "Alder" not in response.content.decode()

    def test_learns_nothing_from_a_reference(self, label: str, cast: Cast, outsiders: Cast) -> None:
        model, admin = ADMINS[label]
        make_row(model, cast)
        own = make_row(model, outsiders)
        client = browser(outsiders.admin)
        for url in (address(model, "add"), address(model, "change", own.pk)):
            page = client.get(url)
            if page.status_code != 200:
                continue
            with outsiders.acting():
                named = list(references(page))
            if not named:
                continue
            shown = shown_form(page)
            foreign = {name: some_row(related, cast).pk for name, related in named}
            before = snapshot(cast)
            answers = []
            for ids in (foreign, {name: uuid7() for name in foreign}):
                written = dict(reference(shown, name, pk) for name, pk in ids.items())
                response = client.post(url, with_lines(shown, foreign) | written)
                answers.append(met(response, *ids.values()))
                forms = [form for form in shown_forms(response) if form.has_changed()]
                taken = {form.add_prefix(name) for form in forms for name in form.fields}
                refused = {form.add_prefix(name) for form in forms for name in form.errors}
                assert written.keys() & taken <= refused
            assert answers[0] == answers[1]
            assert snapshot(cast) == before

    def test_a_csm_is_refused_everywhere(self, label: str, cast: Cast) -> None:
        model, admin = ADMINS[label]
        row = make_row(model, cast)
        client = browser(cast.csm)
        urls = [reverse(name) for name in pages(admin, of_a_row=False)]
        urls += [reverse(name, args=[row.pk]) for name in pages(admin, of_a_row=True)]
        for url in urls:
            # Through the sign-in page of the admin, which knows that it would not help.
            response = client.get(url, follow=True)
            assert response.status_code == 403, url
            assert len(response.redirect_chain) <= 1
            assert CANARY not in response.content.decode()

    def test_an_analyst_writes_nothing(self, label: str, cast: Cast) -> None:
        model, admin = ADMINS[label]
        row = make_row(model, cast)
        before = snapshot(cast)
        client = browser(cast.analyst)
        for name in pages(admin, of_a_row=True):
            url = reverse(name, args=[row.pk])
            for form in (CONFIRMED, {"post": "yes"}, shown_form(client.get(url, follow=True))):
                client.post(url, form)
        for name in pages(admin, of_a_row=False):
            client.post(reverse(name), {"name": CANARY, "code": "FR"})
        assert snapshot(cast) == before

    def test_a_stranger_is_sent_to_sign_in(self, label: str, cast: Cast) -> None:
        model, _admin = ADMINS[label]
        response = Client().get(address(model, "changelist"), follow=True)
        assert response.redirect_chain[-1][0].startswith("/login/?next=")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
class TestAnEntryOfTheCalendar:
    """Its page takes two ids: each may be somebody else's, or of no row."""

    def test_cannot_be_told_from_no_entry(self, kind: Kind, cast: Cast, outsiders: Cast) -> None:
        entry, market = make_row(kind.model, cast), make_row(Market, cast)
        own = make_row(Market, outsiders)
        before = snapshot(cast)
        name = f"admin:regions_market_{kind.slug}_change"
        for client in entering(outsiders):
            for method in ("get", "post"):
                for place in (own.pk, market.pk, uuid7()):
                    answers = []
                    for pk in (entry.pk, uuid7()):
                        url = reverse(name, args=[place, pk])
                        response = getattr(client, method)(url, {"_remove": "1"})
                        assert response.status_code in {403, 404}
                        assert not reveals(response, cast)
                        answers.append(met(response, pk))
                    assert answers[0] == answers[1]
        assert snapshot(cast) == before

    def test_is_nobodys_without_the_right(self, kind: Kind, cast: Cast) -> None:
        entry = make_row(kind.model, cast)
        before = snapshot(cast)
        url = reverse(f"admin:regions_market_{kind.slug}_change", args=[entry.market_id, entry.pk])
        # The manager works somewhere else.
        for member in (cast.manager, cast.analyst, cast.csm):
            for query in ("", "?_preview=1"):
                response = browser(member).post(url + query, {"_remove": "1"}, follow=True)
                assert response.status_code == 403
        assert snapshot(cast) == before


def test_every_admin_of_tenant_owned_rows_is_a_tenant_admin() -> None:
    for model, admin in site._registry.items():
        assert issubclass(model, TenantModel) or model is AuditEntry
        assert isinstance(admin, TenantAdmin)


def shown_forms(page: Any) -> list[Any]:
    """Return the form of a page, and those of the lines in its inlines."""
    lines = [inline.formset.forms for inline in page.context["inline_admin_formsets"]]
    return [page.context["adminform"].form, *chain.from_iterable(lines)]


def references(page: Any) -> Iterator[tuple[str, type[Model]]]:
    """Yield name and model of every reference that a page lets one write, inlines included."""
    new_lines = [inline.formset.empty_form for inline in page.context["inline_admin_formsets"]]
    for form in [*shown_forms(page), *new_lines]:
        for name, field in form.fields.items():
            if isinstance(field, ModelChoiceField) and field.queryset is not None:
                yield form.add_prefix(name), field.queryset.model


def reference(form: Form, name: str, pk: object) -> tuple[str, list[str]]:
    """Return the field of a reference and what is sent in it, in a new line if it is of one."""
    prefix, _prefix, _field = name.partition("-__prefix__")
    number = form.get(f"{prefix}-TOTAL_FORMS", [""])[0]
    return name.replace("__prefix__", number), [str(pk)]


def with_lines(form: Form, names: Iterable[str]) -> Form:
    """Return a form with a new line in every inline that one of the names is of."""
    prefixes = {name.partition("-__prefix__")[0] for name in names if "__prefix__" in name}
    totals = [f"{prefix}-TOTAL_FORMS" for prefix in prefixes]
    return form | {total: [str(int(form[total][0]) + 1)] for total in totals}
