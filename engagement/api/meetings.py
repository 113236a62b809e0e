"""The API of check-ins to look at, and of the meetings that count as them."""

from operator import attrgetter

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from engagement import services
from engagement.api.tasks import TaskSerializer
from engagement.choices import MeetingSource, TaskStatus
from engagement.models import Meeting, Task
from regions.access import WorksThere
from tenants.permissions import Right, member_of
from toolkit.api.filters import DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


class CheckInSerializer(TaskSerializer):
    """A check-in: what a cadence plans, without the tasks of runs."""

    class Meta(TaskSerializer.Meta):
        fields = tuple(name for name in TaskSerializer.Meta.fields if name not in {"run", "step"})


class CheckInFilterSet(FilterSet):
    """Filters of check-ins."""

    account = IdFilter()
    owner = IdFilter()
    market = IdFilter("account__market")
    region = IdFilter("account__market__region")
    cadence = IdFilter()
    status = ChoiceFilter(choices=TaskStatus.choices)
    due_from = DateFilter("due_date", "gte")
    due_to = DateFilter("due_date", "lte")


class CheckInViewSet(ReadViewSet[Task]):
    """What cadences plan, by the day on which it is due; worked on as tasks, or by a meeting."""

    queryset = Task.objects.check_ins().select_related(
        "account__market", "cadence", "step", "owner"
    )
    serializer_class = CheckInSerializer
    filterset_class = CheckInFilterSet
    orderings = ("due_date", "id")


class MeetingSerializer(StrictModelSerializer[Meeting]):
    """A talk with a customer that was held."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(source="account.market_id", read_only=True)
    check_in = serializers.UUIDField(
        source="task_id",
        read_only=True,
        allow_null=True,
        help_text=_("The check-in that it counts as; null if none was near enough."),
    )

    class Meta:
        model = Meeting
        fields = (
            "id",
            "version",
            "account",
            "account_name",
            "market",
            "held_on",
            "channel",
            "contact",
            "participants",
            "note",
            "source",
            "external_id",
            "check_in",
            "logged_by",
            "logged_at",
        )
        read_only_fields = ("source", "logged_by", "logged_at")
        extra_kwargs = {"external_id": {"allow_blank": False}}


class MeetingFilterSet(FilterSet):
    """Filters of meetings."""

    account = IdFilter()
    market = IdFilter("account__market")
    source = ChoiceFilter(choices=MeetingSource.choices)
    held_from = DateFilter("held_on", "gte")
    held_to = DateFilter("held_on", "lte")


class MeetingViewSet(ReadViewSet[Meeting]):
    """Meetings with customers, the latest first."""

    queryset = Meeting.objects.select_related("account__market")
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilterSet
    orderings = ("-held_on", "-id")
    permission_classes = [WorksThere]
    place_of = attrgetter("account.market")
    write_right = Right.WORK

    @extend_schema(responses={201: MeetingSerializer})
    def create(self, request: Request) -> Response:
        """Log a meeting. It counts as the open check-in that it is near enough to.

        Near enough: after the last contact, and not earlier than half a rhythm (or the tolerance
        of the cadence) before the check-in's day. Sent again with the same external id it is
        answered with the meeting that is there, and nothing changes.
        """
        meeting = Meeting(**self.body())
        self.check_object_permissions(request, meeting)
        logged = services.log_meeting(
            meeting, by=member_of(request), at=timezone.now(), source=MeetingSource.API
        )
        return Response(MeetingSerializer(logged.meeting).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def undo(self, request: Request, pk: str) -> Response:
        """Take a meeting back within ten minutes, with what it counted as."""
        meeting = self.get_object()
        self.body()
        services.undo_meeting(meeting=meeting, by=member_of(request), at=timezone.now())
        return Response(status=204)
