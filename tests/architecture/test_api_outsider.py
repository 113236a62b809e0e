"""Every route, filter and reference of the API, met by members of another organization.

Nothing is listed by hand: routes come from the router, references from the serializers. What an
outsider is told of a row of this organization is word for word what she is told of no row at all.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model, QuerySet
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.serializers import BaseSerializer, ListSerializer
from rest_framework.test import APIClient

from cs_platform.api import router
from tenants import services as tenants_services
from tenants.choices import Scope
from tenants.models import AuditEntry
from tests.architecture.rows import CANARY, known_models, make_row
from tests.conftest import Cast, signed_in
from tests.everything import OWNED, digest
from toolkit.api.bulk import bulk_actions
from toolkit.api.filters import IdFilter
from toolkit.uuid7 import uuid7

# What all organizations share; nothing of it belongs to anybody.
SHARED = {"library-markets", "library-playbooks"}
# Figures without a row of their own; tests/integration/test_team_load.py meets its outsiders.
COUNTED = {"team-load"}

ROUTES: dict[str, Any] = {
    prefix: view for prefix, view, _name in router.registry if prefix not in SHARED | COUNTED
}
DETAIL_METHODS = ("get", "patch", "put", "delete")


def model_of(view: Any) -> type[Model]:
    model: type[Model] = view.queryset.model
    return model


def missing_id(model: type[Model]) -> UUID | int:
    return 2**62 if model is AuditEntry else uuid7()


def clients_of(cast: Cast) -> Iterator[APIClient]:
    """Yield who may do most, who is bound to places, and a program with the key of an admin."""
    for member in (cast.admin, cast.manager):
        yield signed_in(member)
    with cast.acting():
        _key, text = tenants_services.create_api_key(
            membership=cast.admin, name="sync", scope=Scope.WRITE
        )
    yield APIClient(headers={"Authorization": f"Bearer {text}"})


def answer(response: Any, asked: object) -> tuple[int, str]:
    """Return status and body, with the id asked for taken out."""
    return response.status_code, response.content.decode().replace(str(asked), "<id>")


def snapshot(cast: Cast) -> str:
    """Return a digest of every row of an organization, its audit trail included."""
    return digest(cast.organization.pk, with_users=False)


def rows_of(model: type[Model], cast: Cast) -> QuerySet[Any]:
    """Return the rows of an organization without the help of the walls under test."""
    return model._base_manager.filter(organization_id=cast.organization.pk).order_by("pk")


def references(serializer: Any, path: str = "") -> Iterator[tuple[str, type[Model]]]:
    """Yield path and model of every writable reference, those in lists of parts included."""
    for name, field in getattr(serializer, "fields", {}).items():
        if field.read_only:
            continue
        assert not isinstance(field, ManyRelatedField), "send a list here"
        if isinstance(field, ListSerializer):
            yield from references(field.child, f"{path}{name}[0].")
            continue
        if isinstance(field, BaseSerializer):
            yield from references(field, f"{path}{name}.")
            continue
        if isinstance(field, RelatedField):
            queryset: Any = field.get_queryset()
            yield f"{path}{name}", queryset.model


def body_with(path: str, value: str) -> dict[str, Any]:
    """Return a body that holds nothing but ``value``, at the path of a reference."""
    name, dot, rest = path.partition(".")
    if not dot:
        return {name: value}
    below = body_with(rest, value)
    return {name.removesuffix("[0]"): [below] if name.endswith("[0]") else below}


def bodies(view: Any) -> Iterator[tuple[str, str, str, type[Model]]]:
    """Yield method, address below the route, path and model of every writable reference.

    ``{id}`` in an address is a row of the reader's own.
    """
    methods = {"post": "create", "patch": "partial_update", "put": "update"}
    for method, action in methods.items():
        if hasattr(view, action):
            serializer = view(action=action, request=None, format_kwarg=None).get_serializer()
            for path, model in references(serializer):
                yield method, "" if method == "post" else "{id}/", path, model
    for extra in view.get_extra_actions():
        serializer_class = extra.kwargs.get("serializer_class")
        if serializer_class is None:
            continue
        for path, model in references(serializer_class()):
            for method in extra.mapping:
                yield method, ("{id}/" if extra.detail else "") + f"{extra.url_path}/", path, model


@pytest.mark.parametrize("prefix", ROUTES)
class TestAnOutsider:
    def test_cannot_tell_a_row_from_no_row(self, prefix: str, cast: Cast, outsiders: Cast) -> None:
        view = ROUTES[prefix]
        row = make_row(model_of(view), cast)
        before = snapshot(cast)
        for client in clients_of(outsiders):
            missing = missing_id(model_of(view))
            for method in DETAIL_METHODS:
                met = [
                    answer(getattr(client, method)(f"/api/v1/{prefix}/{pk}/", {}), pk)
                    for pk in (row.pk, missing)
                ]
                assert met[0] == met[1]
                assert met[0][0] in {403, 404, 405}
            for name in bulk_actions(view):
                operation: dict[str, Any] = {"action": name, "version": 1}
                if name != "delete":
                    operation["values"] = {}
                met = []
                for pk in (row.pk, missing):
                    body = {"operations": [operation | {"id": str(pk)}]}
                    met.append(answer(client.post(f"/api/v1/{prefix}/bulk/", body), pk))
                assert met[0] == met[1]
                assert met[0][0] == 403 or name == "create" or '"status":404' in met[0][1]
            for extra in view.get_extra_actions():
                if not extra.detail:
                    continue
                for method in extra.mapping:
                    met = [
                        answer(
                            getattr(client, method)(f"/api/v1/{prefix}/{pk}/{extra.url_path}/"), pk
                        )
                        for pk in (row.pk, missing)
                    ]
                    assert met[0] == met[1]
                    assert met[0][0] in {403, 404}
        assert snapshot(cast) == before

    def test_sees_no_row_in_the_list(self, prefix: str, cast: Cast, outsiders: Cast) -> None:
        row = make_row(model_of(ROUTES[prefix]), cast)
        for client in clients_of(outsiders):
            response = client.get(f"/api/v1/{prefix}/", {"page_size": 200})
            assert response.status_code in {200, 403}
            text = response.content.decode()
            assert f'"{row.pk}"' not in text
            assert CANARY not in text
            assert str(cast.organization.pk) not in text

    def test_learns_nothing_from_a_filter(self, prefix: str, cast: Cast, outsiders: Cast) -> None:
        view = ROUTES[prefix]
        filterset = getattr(view, "filterset_class", None)
        make_row(model_of(view), cast)
        client = signed_in(outsiders.admin)
        for name, declared in filterset.base_filters.items() if filterset else ():
            if isinstance(declared, IdFilter):
                missing = uuid7()
                nothing = answer(client.get(f"/api/v1/{prefix}/", {name: str(missing)}), missing)
                for foreign in foreign_ids(cast, model_of(view), declared.field_name):
                    asked = client.get(f"/api/v1/{prefix}/", {name: str(foreign)})
                    assert answer(asked, foreign) == nothing

    def test_learns_nothing_from_a_reference(
        self, prefix: str, cast: Cast, outsiders: Cast
    ) -> None:
        view = ROUTES[prefix]
        foreign_row = make_row(model_of(view), cast)
        own_row = make_row(model_of(view), outsiders)
        before = snapshot(cast)
        client = signed_in(outsiders.admin)
        for method, address, path, model in bodies(view):
            target = f"/api/v1/{prefix}/{address.format(id=own_row.pk)}"
            foreign = make_row(model, cast) if model is not model_of(view) else foreign_row
            before = snapshot(cast)
            met = [
                answer(getattr(client, method)(target, body_with(path, str(pk))), pk)
                for pk in (foreign.pk, uuid7())
            ]
            assert met[0] == met[1]
            assert met[0][0] == 400
            assert f'"path":"{path}"' in met[0][1]
            if address in {"", "{id}/"} and bulk_actions(view):
                values = {path: str(foreign.pk)}, {path: str(uuid7())}
                assert_same_in_bulk(client, prefix, own_row, *values)
        assert snapshot(cast) == before

    def test_is_asked_who_she_is(self, prefix: str, cast: Cast) -> None:
        row = make_row(model_of(ROUTES[prefix]), cast)
        strangers = (APIClient(), APIClient(headers={"Authorization": "Bearer csp_nothing"}))
        for stranger in strangers:
            for address in ("", f"{row.pk}/"):
                for method in ("get", "post", "patch", "put", "delete"):
                    response = getattr(stranger, method)(f"/api/v1/{prefix}/{address}", {})
                    assert response.status_code == 401
                    assert CANARY not in response.content.decode()


def assert_same_in_bulk(client: APIClient, prefix: str, row: Any, *values: dict[str, str]) -> None:
    """Assert that a foreign reference and a missing one are answered alike in a bulk call."""
    known = {"id": str(row.pk), "version": row.version}
    offered = set(bulk_actions(ROUTES[prefix]))
    operations = {"create": {"action": "create"}, "update": {"action": "update"} | known}
    for operation in (operations[name] for name in operations.keys() & offered):
        met = []
        for each in values:
            body = {"operations": [operation | {"values": each}]}
            answered = answer(client.post(f"/api/v1/{prefix}/bulk/", body), *each.values())
            assert answered[0] == 200
            assert '"status":400' in answered[1]
            met.append(answered)
        assert met[0] == met[1]


def foreign_ids(cast: Cast, model: type[Model], path: str) -> list[UUID]:
    """Return an id of the kind that a filter asks for, or of every kind if it asks for any."""
    kinds = [asked_for(model, path)] if path not in {"row_id", "actor_id"} else OWNED
    with cast.acting():
        found = [(kind, rows_of(kind, cast).first()) for kind in kinds]
    return [(row or make_row(kind, cast)).pk for kind, row in found]


def asked_for(model: type[Model], path: str) -> type[Model]:
    """Return the model to which a path of foreign keys leads."""
    for name in path.split("__"):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        model = related
    return model


def test_every_route_has_a_row() -> None:
    assert {model_of(view) for view in ROUTES.values()} <= known_models()


def test_every_tenant_owned_model_has_a_row() -> None:
    assert set(OWNED) <= known_models()


def test_insiders_see_what_outsiders_do_not(cast: Cast) -> None:
    """The checks above would pass on an API that shows nothing to anybody."""
    client = signed_in(cast.admin)
    for prefix, view in ROUTES.items():
        row = make_row(model_of(view), cast)
        assert client.get(f"/api/v1/{prefix}/{row.pk}/").status_code == 200
        listed = client.get(f"/api/v1/{prefix}/", {"page_size": 200}).json()["results"]
        assert str(row.pk) in {str(each["id"]) for each in listed}, prefix
