"""OpenAPI: what all operations have in common, said once."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

from toolkit.api.bulk import MOST_OPERATIONS, VIEW_ACTIONS, bulk_actions
from toolkit.api.preconditions import CONDITIONAL_METHODS
from toolkit.api.problems import MEDIA_TYPE, problem
from toolkit.api.serializers import StrictSerializerMixin

_TEXT = {"type": "string"}
_ANY: dict[str, Any] = {}
_COUNT = {"type": "integer", "minimum": 0}
_INSTANT = {"type": "string", "format": "date-time"}

_PROBLEM = ResolvedComponent(  # type: ignore[no-untyped-call]
    name="Problem",
    type=ResolvedComponent.SCHEMA,
    object="Problem",
    schema={
        "type": "object",
        "description": "Why a request was refused. Source: RFC 9457.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": {**_TEXT, "description": "For people, in the reader's language."},
            "code": {**_TEXT, "description": "For programs; stable."},
            "errors": {
                "type": "array",
                "description": "One entry for each value that cannot be taken.",
                "items": {
                    "type": "object",
                    "required": ["path", "detail", "code"],
                    "properties": {"path": _TEXT, "detail": _TEXT, "code": _TEXT},
                },
            },
            "findings": {
                "type": "array",
                "description": "409: every rule that is broken, where, and what it protects.",
                "items": {
                    "type": "object",
                    "required": ["rule", "severity", "market", "step", "field", "detail"],
                    "properties": {
                        **dict.fromkeys(("rule", "severity", "market", "step", "field"), _TEXT),
                        **dict.fromkeys(("value", "limit"), _ANY),
                        **dict.fromkeys(("detail", "protects"), _TEXT),
                        "guardrail": {"type": "string", "format": "uuid", "nullable": True},
                    },
                },
            },
            "conflicts": {
                "type": "array",
                "description": "409: what two sides changed since, for somebody to settle.",
                "items": {
                    "type": "object",
                    "required": ["place", "kind", "step", "field", "detail"],
                    "properties": {
                        **dict.fromkeys(("place", "kind", "step", "field"), _TEXT),
                        **dict.fromkeys(("before", "after", "local"), _ANY),
                        "detail": _TEXT,
                    },
                },
            },
            "reason": {
                **_TEXT,
                "description": "409, for a run that was refused: why, for programs.",
            },
            "refused_for": {
                **_TEXT,
                "description": "409: the anchors, condition or steps that kept it from starting.",
            },
            "changed_by": {**_TEXT, "description": "412: who was faster."},
            "changed_at": {**_INSTANT, "description": "412: when."},
        },
    },
)

# Status, code and reason of the refusals, as an operation may meet them.
_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("invalid", "A value, field, parameter or header cannot be taken."),
    401: ("not_authenticated", "Nobody known asks: no key or session, or one that is not valid."),
    403: ("permission_denied", "The role, the place or the scope of the key does not allow it."),
    404: ("not_found", "It is not here; what another organization has is not here either."),
    406: ("not_acceptable", "The answer is of another media type than those asked for."),
    409: ("already_exists", "The rules say no; the code names the reason."),
    412: ("stale_edit", "Somebody else changed it after it was read: who and when is told."),
    413: ("too_large", "The body is too long: JSON has a million bytes at most."),
    415: ("unsupported_media_type", "The body is of another media type than those named here."),
    422: ("idempotency_key_reused", "The idempotency key was sent with another request."),
    428: ("precondition_required", "The request does not say which version it changes."),
    429: ("throttled", "Too many requests; `Retry-After` says when to come back."),
}

_HEADERS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "ETag": (_TEXT, "The version of the row, for `If-Match`.", '"3"'),
    "RateLimit-Limit": (_COUNT, "How many requests a window holds.", 600),
    "RateLimit-Remaining": (_COUNT, "How many are left in this window.", 587),
    "RateLimit-Reset": (_COUNT, "In how many seconds the next window begins.", 42),
    "RateLimit-Policy": (_TEXT, "The limit and its window in seconds.", "600;w=60"),
    "Retry-After": (_COUNT, "In how many seconds to try again.", 42),
    "Idempotency-Replayed": (_TEXT, "`true` when this was answered before.", "true"),
    "WWW-Authenticate": (_TEXT, "How to say who asks.", 'Bearer realm="api"'),
}
_EVERYWHERE = tuple(name for name in _HEADERS if name.startswith("RateLimit-"))
_HEADERS_OF_REFUSAL = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": r'^(\*|"[0-9]+"(, *"[0-9]+")*)$'},
    "description": "The `ETag` of the version that is changed; `*` for any version.",
    "example": '"3"',
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": r"^[\x20-\x7e]+$", "minLength": 1, "maxLength": 255},
    "description": "A new value for each new request: sent again, it has no second effect and "
    "gets the same answer. Kept for a day.",
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}

_FIRST_SENTENCE = re.compile(r"\S.*?\.(?=\s|$)", re.DOTALL)


class TimeFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A local time: JSON Schema's own ``time`` would have an offset."""

    target_class = "rest_framework.serializers.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema."""
        return {
            "type": "string",
            "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$",
        }


class ContractAutoSchema(AutoSchema):
    """Describe every operation with the headers it takes and all that it may answer."""

    view: Any

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation, its refusals and the headers of all its answers included."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation.setdefault("parameters", []).extend(self._header_parameters())
        if self._is_bulk():
            operation["requestBody"]["required"] = True
        for answer in operation["responses"].values():
            names = (*_EVERYWHERE, *self._headers_of_success(answer))
            answer["headers"] = {name: self._header(name) for name in names}
        for status in self._refusals():
            operation["responses"][str(status)] = self._refusal(status)
        if self._is_bulk():
            operation["responses"]["409"] = self._bulk_refused()
        return operation

    def get_operation_id(self) -> str:
        """Return a name for the operation, as a generated client has it for a function."""
        view_action = getattr(self.view, getattr(self.view, "action", None) or "", None)
        if hasattr(view_action, "mapping"):
            return "_".join(self._tokenize_path()).replace("-", "_")
        name: str = super().get_operation_id()
        return name

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that an operation declares by a serializer."""
        serializer_class = getattr(self.view, "query_serializer_class", None)
        return [serializer_class] if serializer_class else []

    def get_request_serializer(self) -> Any:
        """Return what a body may hold: less in a change than in a new row."""
        if self._is_bulk():
            return {"application/json": self._bulk_request()}
        if self.view.action in {"update", "partial_update"}:
            return _changing(type(self._get_serializer()))  # type: ignore[no-untyped-call]
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """Return what the answer holds."""
        return {200: self._bulk_answer()} if self._is_bulk() else super().get_response_serializers()

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        # What follows the first sentence of a docstring is for who reads the code.
        if said := _FIRST_SENTENCE.match(schema.get("description", "")):
            schema["description"] = " ".join(said[0].split())
        if direction == "request" and isinstance(serializer, StrictSerializerMixin):
            schema["additionalProperties"] = False
        return schema

    def _header_parameters(self) -> list[dict[str, Any]]:
        if self.method in CONDITIONAL_METHODS:
            return [_IF_MATCH | {"required": True}]
        if self.method != "POST":
            return []
        return [_IDEMPOTENCY_KEY, *([_IF_MATCH | {"required": False}] if self._has_row() else [])]

    def _headers_of_success(self, answer: dict[str, Any]) -> list[str]:
        names = ["Idempotency-Replayed"] if self.method == "POST" else []
        for content in answer.get("content", {}).values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            key = (name, ResolvedComponent.SCHEMA)
            if name and "version" in self.registry._components[key].schema.get("properties", ()):
                names.append("ETag")
        return names

    def _refusals(self) -> list[int]:
        """Return the statuses by which the operation may refuse, by its method and kind."""
        writing = self.method not in SAFE_METHODS
        applies = {
            403: writing or getattr(self.view, "read_right", None),
            404: self._has_row(),
            409: writing,
            412: writing and self._has_row(),
            413: writing and self.method != "DELETE",
            415: writing and self.method != "DELETE",
            422: self.method == "POST",
            428: self.method in CONDITIONAL_METHODS,
        }
        return [status for status in _REFUSALS if applies.get(status, True)]

    def _has_row(self) -> bool:
        return "{" in self.path

    def _is_bulk(self) -> bool:
        return getattr(self.view, "action", None) == "bulk"

    def _refusal(self, status: int) -> dict[str, str]:
        code, said = _REFUSALS[status]
        names = (*_EVERYWHERE, *_HEADERS_OF_REFUSAL.get(status, ()))
        return self._register(
            "".join(
                word.capitalize() for word in re.findall("[A-Za-z]+", HTTPStatus(status).phrase)
            ),
            ResolvedComponent.RESPONSE,
            {
                "description": said,
                "headers": {name: self._header(name) for name in names},
                "content": {
                    MEDIA_TYPE: {
                        "schema": self._problem(),
                        "example": problem(status, said, code=code, **_members_of(status)),
                    }
                },
            },
        )

    def _header(self, name: str) -> dict[str, str]:
        schema, said, example = _HEADERS[name]
        content = {"description": said, "schema": schema, "example": example}
        return self._register(name, ResolvedComponent.HEADER, content)

    def _problem(self) -> dict[str, str]:
        self.registry.register_on_missing(_PROBLEM)
        reference: dict[str, str] = _PROBLEM.ref
        return reference

    def _register(self, name: str, kind: str, content: dict[str, Any]) -> dict[str, str]:
        component = ResolvedComponent(name, kind, content, name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference

    def _bulk_request(self) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["operations"],
            "additionalProperties": False,
            "properties": {
                "atomic": {
                    "type": "boolean",
                    "default": False,
                    "description": "All of it or nothing.",
                },
                "operations": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_OPERATIONS,
                    "items": {"oneOf": [self._operation(name) for name in bulk_actions(self.view)]},
                },
            },
        }

    def _operation(self, name: str) -> dict[str, Any]:
        members: dict[str, Any] = {"action": {"type": "string", "enum": [name]}}
        if name != "create":
            members["id"] = {"type": "string", "format": "uuid"}
            members["version"] = {"type": "integer", "description": "The version that was read."}
        if name != "delete":
            serializer_class = self._class_for(name)
            one = (
                serializer_class()
                if name == "create"
                else _changing(serializer_class, partial=True)
            )
            members["values"] = self.resolve_serializer(one, "request").ref
        return {
            "type": "object",
            "required": list(members),
            "additionalProperties": False,
            "properties": members,
        }

    def _class_for(self, name: str) -> type[Any]:
        """Return the serializer that an operation has when it comes alone."""
        before, self.view.action = self.view.action, VIEW_ACTIONS[name]
        serializer_class: type[Any] = self.view.get_serializer_class()
        self.view.action = before
        return serializer_class

    def _bulk_answer(self) -> dict[str, Any]:
        serializer_class = self._class_for(bulk_actions(self.view)[0])
        members = {
            "status": {"type": "integer", "description": "As if it had come alone."},
            "value": self.resolve_serializer(serializer_class(), "response").ref,
            "problem": self._problem(),
        }
        answer = {"type": "object", "required": ["status"], "properties": members}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {"results": {"type": "array", "items": answer}},
        }

    def _bulk_refused(self) -> dict[str, Any]:
        said = "Nothing was done: the operations belong together, and one was refused."
        results = self._bulk_answer()["properties"]
        schema = {"allOf": [self._problem(), {"type": "object", "properties": results}]}
        example = problem(
            409,
            said,
            code="bulk_refused",
            results=[
                {"status": status, "problem": problem(status, _REFUSALS[404][1], code=code)}
                for status, code in ((404, "not_found"), (424, "not_done"))
            ],
        )
        return {
            "description": said,
            "headers": {name: self._header(name) for name in _EVERYWHERE},
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }


@cache
def _changed_class(serializer_class: type[Any]) -> type[Any]:
    """Return a serializer of its own where some fields are set once, in a new row."""
    if not getattr(serializer_class.Meta, "create_only_fields", ()):
        return serializer_class
    name = f"Changed{serializer_class.__name__}"
    return type(name, (serializer_class,), {"__doc__": serializer_class.__doc__})


def _changing(serializer_class: type[Any], **kwargs: Any) -> Any:
    """Return a serializer as a change uses it."""
    changed = _changed_class(serializer_class)  # type: ignore[arg-type]  # classes are hashable
    return changed(instance=object(), **kwargs)


def _members_of(status: int) -> dict[str, Any]:
    """Return the members of a problem that only some have."""
    match status:
        case 400:
            error = {"path": "name", "detail": "This field is required.", "code": "required"}
            return {"errors": [error]}
        case 412:
            return {"changed_by": "Ana Lima", "changed_at": "2026-03-02T09:12:44Z"}
    return {}
