"""What the endpoints of playbooks share: places, findings, comparisons."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.choices import SEVERITIES
from playbooks.changes import Level, Origin
from playbooks.choices import ACTIONS, REASON_KINDS
from playbooks.comparison import Difference, FieldDifference, StepDifference
from playbooks.rebase import ConflictKind
from playbooks.records import reason_record
from regions.access import Place, WorksThere
from regions.models import Market
from tenants.permissions import Right
from toolkit.api.serializers import StrictSerializer
from toolkit.api.views import ReadViewSet

ModelT = TypeVar("ModelT", bound=Model)

LEVELS = [(level.value, level.value) for level in Level]
CONFLICT_KINDS = [(kind.value, kind.value) for kind in ConflictKind]


class EverywhereViewSet(ReadViewSet[ModelT]):
    """What is the same in every market: read by all, written by who works everywhere."""

    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE

    @staticmethod
    def place_of(_row: Model) -> Place:
        """Return the whole organization."""
        return None


@extend_schema_field({"type": "string", "maxLength": 60, "example": "JP"})
class MarketField(serializers.Field[Any, Any, Any, Any]):
    """A market by its id or by its code; a foreign one does not exist."""

    default_error_messages = {
        "does_not_exist": _("There is no market with the id or code “{market}” here.")
    }

    def to_internal_value(self, data: str) -> Market:
        """Return the market."""
        try:
            wanted = Q(pk=UUID(data))
        except ValueError:
            wanted = Q(code=data)
        market = Market.objects.filter(wanted).first()
        if market is None:
            self.fail("does_not_exist", market=data)
        return market


class MarketQuerySerializer(StrictSerializer):
    """One market, or all of them."""

    market = MarketField(required=False, help_text=_("The id or the code of a market."))


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.JSONField):
    """A value as JSON knows them."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": True,
        "description": "Values by the names of fields; a translation is `translations.fr`.",
        "example": {"title": "Kick-off", "kind": "in_person", "offset": 2},
    }
)
class FieldsField(serializers.JSONField):
    """The fields of a step by name."""


class ReasonSerializer(serializers.Serializer[Any]):
    """Why something differs."""

    kind = serializers.ChoiceField(REASON_KINDS)
    text = serializers.CharField()
    evidence = serializers.CharField(help_text=_("What it rests on; may be empty."))
    statement = serializers.CharField(
        help_text=_("The id of a report in the market's profile; may be empty.")
    )


class OriginSerializer(serializers.Serializer[Any]):
    """Whose word a field is, and why."""

    level = serializers.ChoiceField(LEVELS)
    reason = ReasonSerializer(allow_null=True)
    author = serializers.CharField(help_text=_("The id of a member; may be empty."))
    since = serializers.CharField(help_text=_("An instant in UTC; empty for the global version."))


class ChangeRecordSerializer(serializers.Serializer[Any]):
    """A change as it was published."""

    action = serializers.ChoiceField(ACTIONS)
    step = serializers.CharField()
    field = serializers.CharField()
    value = AnyField(allow_null=True)
    reason = ReasonSerializer()
    author = serializers.CharField()
    since = serializers.CharField()


class FindingSerializer(serializers.Serializer[Any]):
    """Something that breaks a rule."""

    rule = serializers.CharField(help_text=_("The name of the rule; stable."))
    severity = serializers.ChoiceField(SEVERITIES)
    market = serializers.CharField(help_text=_("The code of the market; empty for the version."))
    step = serializers.CharField()
    field = serializers.CharField()
    value = AnyField(allow_null=True)
    limit = AnyField(allow_null=True)
    detail = serializers.CharField(help_text=_("For people, in the reader's language."))
    protects = serializers.CharField(help_text=_("What the guardrail protects."))
    guardrail = serializers.UUIDField(
        allow_null=True, help_text=_("The guardrail or contact budget, if it is one of yours.")
    )


class ConflictSerializer(serializers.Serializer[Any]):
    """Something that the new version and a localization both changed."""

    place = serializers.CharField(help_text=_("The code of the market or region."))
    kind = serializers.ChoiceField(CONFLICT_KINDS)
    step = serializers.CharField()
    field = serializers.CharField(help_text=_("Empty where it is about the whole step."))
    before = AnyField(allow_null=True)
    after = AnyField(allow_null=True)
    local = AnyField(allow_null=True)
    detail = serializers.CharField()


class FieldDifferenceSerializer(serializers.Serializer[Any]):
    """A field that differs, with who says so on either side."""

    name = serializers.CharField()
    left = AnyField(allow_null=True)
    right = AnyField(allow_null=True)
    left_origin = OriginSerializer(allow_null=True)
    right_origin = OriginSerializer(allow_null=True)


class StepDifferenceSerializer(serializers.Serializer[Any]):
    """A step on both sides; the playbook's own name and goal have an empty key."""

    key = serializers.CharField()
    title = serializers.CharField()
    difference = serializers.ChoiceField([difference.value for difference in Difference])
    changes_timing = serializers.BooleanField(help_text=_("Whether it falls on another day."))
    fields = FieldDifferenceSerializer(many=True)  # type: ignore[assignment]


def difference_record(step: StepDifference) -> dict[str, Any]:
    """Return a step on both sides as answers carry it."""
    return {
        "key": step.key,
        "title": step.title,
        "difference": step.difference.value,
        "changes_timing": step.changes_timing,
        "fields": [_field_record(each) for each in step.fields],
    }


def _field_record(field: FieldDifference) -> dict[str, Any]:
    return {
        "name": field.name,
        "left": field.left,
        "right": field.right,
        "left_origin": _origin_record(field.left_origin),
        "right_origin": _origin_record(field.right_origin),
    }


def _origin_record(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "level": origin.level.value,
        "reason": reason_record(origin.reason) if origin.reason else None,
        "author": origin.author,
        "since": origin.since,
    }
