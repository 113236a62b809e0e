"""Examples for an OpenAPI document, made from its own schemas."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

_FORMATS = {
    "uuid": "0198c5f2-7a31-7c3e-9d0b-5f4e2c1a6b70",
    "date": "2026-03-02",
    "date-time": "2026-03-02T09:12:44Z",
    "email": "ana.lima@example.com",
    "uri": "https://example.com/",
    "decimal": "12000.00",
    "binary": "name,country\nSakura Foods,JP\n",
}
_NOT_TO_BE_READ = "application/vnd."
"""Media types of files that are no text, so that nothing can be shown of them."""


class NoExample(ValueError):
    """No word fits a schema: the vocabulary needs another one."""


class ExampleMaker:
    """Makes values that fit the schemas of one document.

    ``words`` are the values that fields of a name usually have; the first that fits is taken.
    """

    def __init__(self, document: Schema, words: Mapping[str, Sequence[Any]]) -> None:
        self._document = document
        self._words = words

    def add_examples(self) -> None:
        """Give every body and answer that can be read an example, where it has none."""
        for methods in self._document["paths"].values():
            for operation in methods.values():
                bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
                for body in bodies:
                    for media_type, content in body.get("content", {}).items():
                        if not media_type.startswith(_NOT_TO_BE_READ):
                            content.setdefault("example", self.example(content["schema"]))

    def example(self, schema: Schema, name: str = "") -> Any:
        """Return a value that fits ``schema``, which belongs to a field of that name.

        :raises NoExample: if there is none.
        """
        schema = self._whole(schema)
        if "example" in schema:
            return schema["example"]
        for word in (*self._words.get(name, ()), *schema.get("enum", ())):
            if _fits(word, schema):
                return word
        if "default" in schema and schema["default"] is not None:
            return schema["default"]
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return [self.example(schema["items"], name)] * schema.get("minItems", 1)
            case "string":
                return self._text(schema, name)
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
        return {}

    def _whole(self, schema: Schema) -> Schema:
        """Return a schema with what it refers to; of several choices the first."""
        if "$ref" in schema:
            _, *steps = schema["$ref"].split("/")
            found: Schema = self._document
            for step in steps:
                found = found[step]
            return self._whole(found)
        whole = dict(schema)
        for part in [
            *whole.pop("allOf", []),
            *whole.pop("oneOf", [])[:1],
            *whole.pop("anyOf", [])[:1],
        ]:
            whole = self._whole(part) | whole
        return whole

    def _object(self, schema: Schema) -> Schema:
        if isinstance(values := schema.get("additionalProperties"), dict):
            return {"en": self.example(values)}
        members = schema.get("properties", {})
        return {
            name: self.example(member, name)
            for name, member in members.items()
            # An answer to one operation has a value or a problem, never both.
            if not (name == "problem" and "value" in members)
        }

    def _text(self, schema: Schema, name: str) -> str:
        for text in (_FORMATS.get(schema.get("format", ""), "Text"), "text", "T", "1"):
            if _fits(text, schema):
                return text
        raise NoExample(f"{name}: {schema}")


def _fits(value: Any, schema: Schema) -> bool:
    match value:
        case bool():
            return schema.get("type") == "boolean"
        case int():
            least, most = schema.get("minimum", value), schema.get("maximum", value)
            return schema.get("type") == "integer" and bool(least <= value <= most)
        case str():
            return (
                schema.get("type") == "string"
                and value in schema.get("enum", [value])
                and len(value)
                in range(schema.get("minLength", 0), schema.get("maxLength", 9999) + 1)
                and bool(re.search(schema.get("pattern", ""), value))
                and ("format" not in schema or _FORMATS.get(schema["format"]) == value)
            )
    return False
