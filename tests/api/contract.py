"""The API's own document, and whether an answer keeps it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft4Validator, FormatChecker

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """Return the document as it is served."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield address, method and description of every operation."""
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def validator(schema: dict[str, Any]) -> Draft4Validator:
    """Return what judges values by a schema of the document."""
    whole = {"allOf": [_as_json_schema(schema)], "components": _components()}
    return Draft4Validator(whole, format_checker=FormatChecker())


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the document, or what it refers to."""
    while "$ref" in part:
        found: Any = document()
        for step in part["$ref"].split("/")[1:]:
            found = found[step]
        part = found
    return part


def check(response: Any) -> None:
    """Assert that an answer is one that the document tells of."""
    request = response.request
    method, path = request["REQUEST_METHOD"].lower(), request["PATH_INFO"]
    operation = _operation(method, path)
    if operation is None:
        return
    told = f"{method} {path}: {response.status_code}"
    assert str(response.status_code) in operation["responses"], f"{told} is not in the document"
    answer = resolved(operation["responses"][str(response.status_code)])
    for name in set(answer.get("headers", ())) & {"ETag", "WWW-Authenticate", "Retry-After"}:
        assert name in response.headers, f"{told} has no {name}"
    contents = answer.get("content", {})
    if not contents:
        assert response.content == b"", told
        return
    media_type = response.headers["Content-Type"].partition(";")[0]
    assert media_type in contents, f"{told} is {media_type}"
    if not media_type.endswith("json"):
        return  # a file has no schema
    errors = [
        f"{error.json_path}: {error.message}"
        for error in _judge(str(contents[media_type]["schema"])).iter_errors(response.json())
    ]
    assert errors == [], told


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, methods in _patterns():
        if pattern.fullmatch(path):
            operation: dict[str, Any] | None = methods.get(method)
            return operation
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Return the addresses, those without a variable first."""
    paths = sorted(document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), methods) for path, methods in paths]


@cache
def _judge(schema: str) -> Draft4Validator:
    return _judges()[schema]


@cache
def _judges() -> dict[str, Draft4Validator]:
    return {
        str(content["schema"]): validator(content["schema"])
        for _path, _method, operation in operations()
        for answer in operation["responses"].values()
        for content in resolved(answer).get("content", {}).values()
    }


@cache
def _components() -> dict[str, Any]:
    components: dict[str, Any] = _as_json_schema(document()["components"])
    return components


def _as_json_schema(part: Any) -> Any:
    """Say ``nullable`` as JSON Schema does."""
    if isinstance(part, list):
        return [_as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    converted = {name: _as_json_schema(each) for name, each in part.items() if name != "nullable"}
    if part.get("nullable") is True:
        return {"anyOf": [converted, {"type": "null"}]}
    return converted
