"""Serializers that refuse what they do not know, and leave every write to the services."""

import difflib
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from toolkit.api.fields import ReferenceField, StrictBooleanField, StrictIntegerField

ModelT = TypeVar("ModelT", bound=models.Model)


class StrictSerializerMixin:
    """Refuse unknown and read-only fields in a body instead of passing over them."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values."""
        if isinstance(data, dict):
            fields: dict[str, serializers.Field[Any, Any, Any, Any]] = self.fields  # type: ignore[attr-defined]
            writable = [name for name, field in fields.items() if not field.read_only]
            errors = {}
            for name in data.keys() - set(writable):
                reason = _("This field is read-only.") if name in fields else _("Unknown field.")
                close = difflib.get_close_matches(str(name), writable, n=1)
                hint = _("Did you mean %(name)s?") % {"name": close[0]} if close else ""
                errors[str(name)] = [f"{reason} {hint}".rstrip()]
            if errors:
                raise serializers.ValidationError(errors, code="unknown_field")
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(StrictSerializerMixin, serializers.Serializer[Any]):
    """A plain serializer that refuses unknown fields."""


class StrictModelSerializer(
    StrictSerializerMixin, serializers.ModelSerializer[ModelT], Generic[ModelT]
):
    """Reads and checks the fields of a model; the view's service saves them.

    Constraints are judged once, by the service: a second opinion here would be another answer
    to the same mistake. ``Meta.create_only_fields`` cannot be changed later.
    """

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: StrictBooleanField,
        models.IntegerField: StrictIntegerField,
        models.PositiveIntegerField: StrictIntegerField,
        models.PositiveSmallIntegerField: StrictIntegerField,
    }
    serializer_related_field = ReferenceField

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, the create-only ones read-only where a row is changed."""
        fields = super().get_fields()
        if self.instance is not None:
            for name in getattr(self.Meta, "create_only_fields", ()):
                fields[name].read_only = True
        return fields

    def get_validators(self) -> list[Any]:
        """Return no validator over several fields."""
        return []

    def save(self, **_values: Any) -> ModelT:
        """Refuse: a service saves.

        :raises TypeError: always.
        """
        raise TypeError("Serializers do not save; the view hands their values to a service.")
