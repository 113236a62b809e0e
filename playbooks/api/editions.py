"""The API of editions: what each market carries out, whose word every field is, and its days."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from playbooks import services
from playbooks.api.parts import (
    FieldsField,
    FindingSerializer,
    OriginSerializer,
    StepDifferenceSerializer,
    difference_record,
)
from playbooks.comparison import compare
from playbooks.documents import edition_contents
from playbooks.models import Edition
from playbooks.schedule import Anchor
from playbooks.services import DatedStep
from regions.offsets import Move, MoveReason
from toolkit.api.fields import ReferenceField
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet
from toolkit.errors import InvalidInput

ANCHORS = {
    "start": Anchor.RUN_START,
    "contract_start": Anchor.CONTRACT_START,
    "notice": Anchor.NOTICE_DEADLINE,
    "renewal": Anchor.RENEWAL,
    "event": Anchor.EVENT,
}
"""The anchors by the parameters that give their days."""


class EditionSerializer(StrictModelSerializer[Edition]):
    """What one market carries out, without its steps."""

    playbook_key = serializers.CharField(source="playbook.key", read_only=True)
    market_code = serializers.CharField(source="market.code", read_only=True)
    market_name = serializers.CharField(source="market.name", read_only=True)
    rests_on = serializers.IntegerField(
        source="playbook_version.number",
        read_only=True,
        help_text=_("The number of the global version."),
    )
    name = serializers.CharField(source="header.fields.name", read_only=True)
    findings = FindingSerializer(many=True, read_only=True)

    class Meta:
        model = Edition
        fields: tuple[str, ...] = (
            "id",
            "playbook",
            "playbook_key",
            "market",
            "market_code",
            "market_name",
            "number",
            "name",
            "playbook_version",
            "rests_on",
            "region_revision",
            "market_revision",
            "findings",
            "created_at",
        )
        read_only_fields = (
            "playbook",
            "market",
            "playbook_version",
            "region_revision",
            "market_revision",
        )


class ResolvedSerializer(serializers.Serializer[Any]):
    """Fields, and whose word they are; one without an origin is the global version's."""

    fields = FieldsField()  # type: ignore[assignment]
    origins = serializers.DictField(
        child=OriginSerializer(), help_text=_("Of the fields that region or market changed.")
    )


class EditionStepSerializer(ResolvedSerializer):
    """A step as a market carries it out."""

    key = serializers.CharField()
    position = serializers.IntegerField()


class DroppedStepSerializer(serializers.Serializer[Any]):
    """A step that is left out, and who says so."""

    key = serializers.CharField()
    title = serializers.CharField()
    origin = OriginSerializer()


@extend_schema_field(DroppedStepSerializer(many=True))
class DroppedField(serializers.Field[Any, Any, Any, Any]):
    """The steps that are left out, by key."""

    def to_representation(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        """Return them as a list."""
        return [{"key": key, **record} for key, record in sorted(value.items())]


class WholeEditionSerializer(EditionSerializer):
    """What one market carries out, step by step."""

    header = ResolvedSerializer(read_only=True, help_text=_("The playbook's own name and goal."))
    steps = EditionStepSerializer(many=True, read_only=True)
    dropped = DroppedField(read_only=True)

    class Meta(EditionSerializer.Meta):
        fields = (*EditionSerializer.Meta.fields, "header", "steps", "dropped")


class ScheduleQuerySerializer(StrictSerializer):
    """The local days of the events that steps count from; what is not given is not known."""

    start = serializers.DateField(required=False, help_text=_("The start of the run."))
    contract_start = serializers.DateField(required=False)
    notice = serializers.DateField(required=False, help_text=_("The notice deadline."))
    renewal = serializers.DateField(required=False)
    event = serializers.DateField(required=False)


class MoveSerializer(serializers.Serializer[Any]):
    """From one day to another, and why."""

    from_date = serializers.DateField()
    to_date = serializers.DateField(
        allow_null=True, help_text=_("Null where the contact is skipped.")
    )
    reason = serializers.ChoiceField([reason.value for reason in MoveReason])
    names = serializers.DictField(child=serializers.CharField(), help_text=_("By language tag."))


class DatedStepSerializer(serializers.Serializer[Any]):
    """A step and the day on which it would fall due in the market."""

    key = serializers.CharField()
    title = serializers.CharField()
    date = serializers.DateField(allow_null=True)
    due_at = serializers.DateTimeField(
        allow_null=True, help_text=_("The end of that day's business hours, in UTC.")
    )
    moves = MoveSerializer(many=True)
    missing = serializers.CharField(
        help_text=_("The anchor or step whose day is not known; empty if there is none.")
    )


class EditionsQuerySerializer(StrictSerializer):
    """Two editions, of two markets or of one."""

    left = ReferenceField(queryset=Edition.objects.all())
    right = ReferenceField(queryset=Edition.objects.all())


class EditionFilterSet(FilterSet):
    """Filters of editions."""

    playbook = IdFilter()
    market = IdFilter()


class EditionViewSet(ReadViewSet[Edition]):
    """What markets carry out, and carried out before; the highest number of each is in force."""

    queryset = Edition.objects.select_related("playbook", "market", "playbook_version")
    serializer_class: type[BaseSerializer[Edition]] = WholeEditionSerializer
    filterset_class = EditionFilterSet

    def get_queryset(self) -> QuerySet[Edition]:
        """Return editions; lists leave the steps out."""
        editions = super().get_queryset()
        return editions if self.action == "list" else editions.prefetch_related("steps")

    def get_serializer_class(self) -> type[BaseSerializer[Edition]]:
        """Return the serializer; lists leave the steps out."""
        return EditionSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(responses=DatedStepSerializer(many=True), filters=False)
    @action(
        detail=True,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=ScheduleQuerySerializer,
    )
    def schedule(self, request: Request, pk: str) -> Response:
        """Return the day of every step in the market's own calendar, and what moved it there."""
        edition = self.get_object()
        anchors = {ANCHORS[name]: day for name, day in self.query().items()}
        steps = _dated(edition, anchors)
        return Response(DatedStepSerializer(map(_dated_record, steps), many=True).data)

    @extend_schema(responses=StepDifferenceSerializer(many=True), filters=False)
    @action(
        detail=False,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=EditionsQuerySerializer,
    )
    def compare(self, request: Request) -> Response:
        """Return two editions side by side, step by step, with who says what and why."""
        query = self.query()
        left, right = (
            (contents.header, *contents.steps)
            for contents in (edition_contents(query["left"]), edition_contents(query["right"]))
        )
        differences = map(difference_record, compare(left, right))
        return Response(StepDifferenceSerializer(differences, many=True).data)


def _dated(edition: Edition, anchors: dict[Anchor, dt.date]) -> list[DatedStep]:
    """Return the steps with their days.

    :raises InvalidInput: by parameter, if a day lies beyond the holiday data.
    """
    try:
        return services.date_edition(edition, anchors=anchors, now=timezone.now())
    except InvalidInput as error:
        names = {anchor.value: name for name, anchor in ANCHORS.items()}
        raise InvalidInput({names[name]: said for name, said in error.errors.items()}) from error


def _dated_record(dated: DatedStep) -> dict[str, Any]:
    return {
        "key": dated.step.key,
        "title": dated.step.fields["title"],
        "date": dated.scheduled.date,
        "due_at": dated.due_at,
        "moves": [_move_record(move) for move in dated.scheduled.moves],
        "missing": dated.scheduled.missing,
    }


def _move_record(move: Move) -> dict[str, Any]:
    return {
        "from_date": move.from_date,
        "to_date": move.to_date,
        "reason": move.reason.value,
        "names": dict(move.names),
    }
