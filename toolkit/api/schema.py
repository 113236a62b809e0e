"""OpenAPI: what all operations have in common, said once."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from toolkit.api.problems import MEDIA_TYPE

_TEXT = {"type": "string"}

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
        },
    },
)

_REFUSED = ResolvedComponent(  # type: ignore[no-untyped-call]
    name="Refused",
    type=ResolvedComponent.RESPONSE,
    object="Refused",
    schema={
        "description": "Refused: 400 invalid, 401 who are you, 403 not allowed, 404 not here, "
        "409 the rules say no, 412 changed since you read it.",
        "content": {MEDIA_TYPE: {"schema": _PROBLEM.ref}},
    },
)


class ProblemAutoSchema(AutoSchema):
    """Describe every operation with the one answer to all errors."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation; its default response is a problem."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            for component in (_PROBLEM, _REFUSED):
                self.registry.register_on_missing(component)
            operation["responses"]["default"] = _REFUSED.ref
        return operation
