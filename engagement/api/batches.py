"""The API of many tasks at once: what is done with them, what became of each, and the undo."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from engagement import services
from engagement.choices import BulkAction, Outcome
from engagement.models import TaskBatch
from engagement.shifting import MOST_DAYS
from regions.access import EVERYWHERE
from tenants.models import Membership
from tenants.permissions import MembershipPermission, Right, identity_of, member_of
from toolkit.api.fields import ReferenceField, StrictIntegerField, StrictUUIDField
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


class DeedSerializer(StrictSerializer):
    """One thing to do with many tasks: those of the ids, or all that a filter keeps."""

    action = serializers.ChoiceField(BulkAction.choices)
    ids = serializers.ListField(
        child=StrictUUIDField(),
        required=False,
        min_length=1,
        max_length=services.MOST_TASKS,
        help_text=gettext_lazy("The tasks."),
    )
    filter = serializers.DictField(
        child=serializers.CharField(max_length=100),
        required=False,
        help_text=gettext_lazy(
            "Instead of ids: the parameters of the list of tasks. What is not to be done any more "
            "is left out."
        ),
    )
    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    to = ReferenceField(queryset=Membership.objects.all(), required=False)
    until = serializers.DateField(required=False)
    days = StrictIntegerField(
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("Working days of each market; from today on if overdue."),
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take either ids or a filter.

        :raises ValidationError: for both, or neither.
        """
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError({"ids": _("Give either ids or a filter.")})
        return attrs


class AnswerSerializer(StrictSerializer):
    """What became of one task."""

    task = serializers.UUIDField()
    done = serializers.BooleanField()
    detail = serializers.CharField(allow_blank=True)


class TaskBatchSerializer(StrictModelSerializer[TaskBatch]):
    """One action on many tasks, with an answer for each; after an undo, the undo's answers."""

    can_undo = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()

    class Meta:
        model = TaskBatch
        fields = (
            *("id", "version", "action", "made_by", "made_at", "undone_at", "can_undo", "answers"),
        )
        read_only_fields = ("made_by",)

    def get_can_undo(self, batch: TaskBatch) -> bool:
        """Whether it can still be taken back."""
        return services.can_undo(batch, timezone.now())

    @extend_schema_field(AnswerSerializer(many=True))
    def get_answers(self, batch: TaskBatch) -> list[dict[str, Any]]:
        """Return one answer for each task."""
        return answers_of(batch)


def answers_of(batch: TaskBatch) -> list[dict[str, Any]]:
    """Return what became of each task: by the undo, if the batch was taken back."""
    if batch.undone_at is None:
        done, refused = batch.done, batch.refused
    else:
        done, refused = [pk for pk in batch.done if pk not in batch.kept], batch.kept
    said: Mapping[str, str] = refused
    return [
        *({"task": UUID(pk), "done": True, "detail": ""} for pk in done),
        *({"task": UUID(pk), "done": False, "detail": text} for pk, text in said.items()),
    ]


class TaskBatchFilterSet(FilterSet):
    """Filters of batches."""

    made_by = IdFilter()
    action = ChoiceFilter(choices=BulkAction.choices)


class MayUndo(MembershipPermission):
    """A batch is taken back by who made it, or who works everywhere."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return whether the batch may be read or, for its maker, taken back."""
        identity = identity_of(request)
        if request.method in SAFE_METHODS or identity is None:
            return identity is not None
        return identity.role in EVERYWHERE or obj.made_by_id == identity.membership_id


class TaskBatchViewSet(ReadViewSet[TaskBatch]):
    """What was done with many tasks at once in the last day."""

    queryset = TaskBatch.objects.all()
    serializer_class = TaskBatchSerializer
    filterset_class = TaskBatchFilterSet
    orderings = ("made_at", "id")
    permission_classes = [MayUndo]
    write_right = Right.WORK

    @extend_schema(request=None, responses=TaskBatchSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def undo(self, request: Request, pk: str) -> Response:
        """Take a batch back within ten minutes, as far as nobody worked on its tasks since."""
        batch = self.get_object()
        self.body()
        undone = services.undo_batch(batch=batch, by=member_of(request), at=timezone.now())
        return Response(TaskBatchSerializer(undone).data)
