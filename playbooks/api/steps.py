"""Steps as bodies and answers carry them; the service judges what is sent."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from playbooks.models import Step
from playbooks.models.step import STEP_FIELDS
from playbooks.validators import (
    ATTRIBUTES,
    CONDITIONS,
    LONGEST_VALUE,
    MOST_VALUES,
    TRANSLATED,
)
from toolkit.api.serializers import StrictModelSerializer

_TEXTS = {
    "type": "array",
    "maxItems": MOST_VALUES,
    "items": {"type": "string", "maxLength": LONGEST_VALUE},
}


def _one_of(values: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a list of known values; of any texts, if none are known."""
    return (
        {"type": "array", "items": {"type": "string", "enum": list(values)}} if values else _TEXTS
    )


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": False,
        "description": "The accounts that the step is for; all, where nothing is said.",
        "properties": {name: _one_of(values) for name, values in CONDITIONS.items()}
        | {ATTRIBUTES: {"type": "object", "additionalProperties": _TEXTS}},
        "example": {"tiers": ["tier_1"], "languages": ["ja"]},
    }
)
class ConditionField(serializers.JSONField):
    """For which accounts a step is."""


@extend_schema_field(
    {
        "type": "object",
        "description": "By language tag.",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string", "maxLength": most} for name, most in TRANSLATED.items()
            }
            | {"checklist": _TEXTS},
        },
        "example": {"fr": {"title": "Réunion de lancement"}},
    }
)
class TranslationsField(serializers.JSONField):
    """A step in other languages."""


class StepSerializer(StrictModelSerializer[Step]):
    """A step, known by its key from version to version."""

    condition = ConditionField(required=False)
    translations = TranslationsField(required=False)

    class Meta:
        model = Step
        fields = ("key", *STEP_FIELDS)


@extend_schema_field(StepSerializer(many=True))
class StepsField(serializers.Field[Any, Any, Any, Any]):
    """All steps of a version; what is sent is read by the service, field by field."""

    default_error_messages = {
        "not_a_list": _("Give a list of steps."),
        "not_an_object": _("Give an object."),
    }

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """Return the steps as they were sent."""
        if not isinstance(data, list):
            self.fail("not_a_list")
        said = self.error_messages["not_an_object"]
        errors = [[] if isinstance(step, dict) else [said] for step in data]
        if any(errors):
            raise serializers.ValidationError(errors)
        return data

    def to_representation(self, value: Any) -> Any:
        """Return the steps in their order."""
        return StepSerializer(value.all(), many=True).data
