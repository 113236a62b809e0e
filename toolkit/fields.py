"""Model fields that every app shares."""

from typing import Any, TypeVar

from django import forms
from django.db import models

from toolkit.forms import MinuteOfDayField, clock

_ST = TypeVar("_ST")
_GT = TypeVar("_GT")


class MinutesField(models.PositiveSmallIntegerField[_ST, _GT]):
    """Minutes since midnight, kept as a number and shown to people as HH:MM."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Be for migrations the column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.PositiveSmallIntegerField", args, kwargs

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return a field in which one writes a time."""
        return super().formfield(**{"form_class": MinuteOfDayField} | kwargs)

    def in_words(self, value: int) -> str:
        """Return a stored value as people write it."""
        return clock(value)
