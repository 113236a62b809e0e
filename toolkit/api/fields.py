"""Serializer fields that take JSON's own types and nothing that merely looks like them."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; no text, no boolean."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictBooleanField(serializers.BooleanField):
    """JSON's true or false; no 1, no "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the truth value."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictUUIDField(serializers.UUIDField):
    """A UUID written as text; no number."""

    def to_internal_value(self, data: Any) -> UUID:
        """Return the UUID."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        found: UUID = super().to_internal_value(data)
        return found


class ReferenceField(serializers.PrimaryKeyRelatedField[models.Model]):
    """The id of another row of the same organization; a foreign one does not exist.

    Who reads many bodies puts the rows that they name into the context, as ``loaded``: for each
    field the rows by id.
    """

    default_error_messages = {
        "invalid": _("Give an id (a UUID)."),
        "does_not_exist": _("There is nothing with the id “{id}” here."),
    }

    def to_internal_value(self, data: Any) -> models.Model:
        """Return the row."""
        try:
            pk = UUID(data)
        except (TypeError, ValueError, AttributeError):
            self.fail("invalid")
        loaded: dict[UUID, models.Model] | None
        loaded = self.context.get("loaded", {}).get(self.field_name)
        try:
            return self._rows().get(pk=pk) if loaded is None else loaded[pk]
        except (ObjectDoesNotExist, KeyError):
            self.fail("does_not_exist", id=pk)

    def _rows(self) -> "models.QuerySet[models.Model]":
        rows = self.get_queryset()
        assert isinstance(rows, models.QuerySet)
        return rows
