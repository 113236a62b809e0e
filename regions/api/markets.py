"""The API of regions, markets and who works where."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from regions import services
from regions.access import Place, WorksThere
from regions.calendars import CalendarRangeError
from regions.choices import MarketStatus
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.models import Assignment, Market, Region
from regions.offsets import Offset, Roll, Unit, offset_date, quiet_period_on
from regions.working_time import working_time
from tenants.permissions import Right
from toolkit.api.fields import ReferenceField
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, RemoveMixin, TenantViewSet, UpdateMixin
from toolkit.errors import InvalidInput

MOST_DAYS = 400
FARTHEST_OFFSET = 10_000


class RegionSerializer(StrictModelSerializer[Region]):
    """A group of markets."""

    class Meta:
        model = Region
        fields = ("id", "version", "code", "name")


class RegionViewSet(TenantViewSet[Region]):
    """Groups of markets that are planned and led together."""

    queryset = Region.objects.all()
    serializer_class = RegionSerializer
    orderings = ("name", "id")
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_region)
    remove = staticmethod(services.remove_region)

    @staticmethod
    def place_of(region: Region) -> Place:
        """Return the region itself; a new one concerns the whole organization."""
        return None if region._state.adding else region


class MarketSerializer(StrictModelSerializer[Market]):
    """A market. Its calendar and profile are endpoints of their own."""

    class Meta:
        model = Market
        fields = (
            "id",
            "version",
            "region",
            "code",
            "name",
            "country",
            "subdivision",
            "time_zone",
            "languages",
            "currency",
            "status",
            "is_home",
            "library_code",
            "confirmed_through",
            "holidays_note",
            "reply_within_hours",
            "gone_dark_after_days",
            "needs_consent",
            "consent_source",
        )


class AdoptionSerializer(StrictSerializer):
    """Which market of the library is to become one of the organization's."""

    code = serializers.CharField(max_length=10)
    region = ReferenceField(
        queryset=Region.objects.all(),
        required=False,
        help_text="Without one it goes to the region that the library suggests.",
    )


class CalendarQuerySerializer(StrictSerializer):
    """The days that are asked about, both ends included."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the two fields; one has a word of Python for a name."""
        return {"from": serializers.DateField(), "to": serializers.DateField()}

    def validate(self, attrs: dict[str, dt.date]) -> dict[str, dt.date]:
        """Refuse days in the wrong order, and too many of them."""
        days = (attrs["to"] - attrs["from"]).days + 1
        if not 1 <= days <= MOST_DAYS:
            raise serializers.ValidationError(
                {"to": _("Ask for 1 to %(most)s days at once.") % {"most": MOST_DAYS}}
            )
        return attrs


class CalendarDaySerializer(serializers.Serializer[Any]):
    """Whether a day is worked, and why."""

    date = serializers.DateField()
    working = serializers.BooleanField()
    kind = serializers.CharField()
    names = serializers.DictField(child=serializers.CharField(), help_text="By language tag.")
    estimated = serializers.BooleanField()
    quiet_period = serializers.CharField(allow_null=True)


class ShiftQuerySerializer(StrictSerializer):
    """A distance from a day."""

    date = serializers.DateField()
    offset = serializers.IntegerField(min_value=-FARTHEST_OFFSET, max_value=FARTHEST_OFFSET)
    unit = serializers.ChoiceField([unit.value for unit in Unit])
    roll = serializers.ChoiceField(
        [roll.value for roll in Roll],
        required=False,
        help_text="By default following for offsets from zero up, else preceding.",
    )


class ShiftSerializer(serializers.Serializer[Any]):
    """The day reached, and the UTC instant at which its business hours end."""

    date = serializers.DateField()
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="Null for a day that is not worked."
    )


class MarketFilterSet(FilterSet):
    """Filters of markets."""

    region = IdFilter()
    status = ChoiceFilter(choices=MarketStatus.choices)


class MarketViewSet(ReadViewSet[Market], CreateMixin, UpdateMixin):
    """Countries, or parts of one, with their own calendar and way of working."""

    queryset = Market.objects.select_related("region")
    serializer_class = MarketSerializer
    filterset_class = MarketFilterSet
    orderings = ("name", "id")
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_market)

    @staticmethod
    def place_of(market: Market) -> Place:
        """Return the market itself; a new one concerns its region."""
        return market.region if market._state.adding else market

    @extend_schema(request=AdoptionSerializer, responses={201: MarketSerializer})
    @action(detail=False, methods=["post"], serializer_class=AdoptionSerializer)
    def adopt(self, request: Request) -> Response:
        """Copy a market of the library into the organization, to be edited there."""
        market = services.adopt_market(**self.body())
        # Its region may be the library's suggestion: judged once known, a refusal undoes it.
        self.check_object_permissions(request, market)
        return Response(MarketSerializer(market).data, status=201)

    @extend_schema(responses=CalendarDaySerializer(many=True), filters=False)
    @action(
        detail=True,
        filter_backends=[],
        pagination_class=None,
        query_serializer_class=CalendarQuerySerializer,
    )
    def calendar(self, request: Request, pk: str) -> Response:
        """Return for each day whether the market works, why, and what the day is called."""
        time = working_time(self.get_object())
        query = self.query()
        first: dt.date = query["from"]
        try:
            days = [
                _day(time, first + dt.timedelta(days=number))
                for number in range((query["to"] - first).days + 1)
            ]
        except CalendarRangeError as error:
            raise _outside(error, "from") from error
        return Response(CalendarDaySerializer(days, many=True).data)

    @extend_schema(responses=ShiftSerializer)
    @action(detail=True, filter_backends=[], query_serializer_class=ShiftQuerySerializer)
    def shift(self, request: Request, pk: str) -> Response:
        """Return the day that lies an offset away from another, and when it ends."""
        time = working_time(self.get_object())
        query = self.query()
        roll = Roll(query["roll"]) if "roll" in query else None
        offset = Offset(query["offset"], Unit(query["unit"]), roll)
        try:
            day = offset_date(query["date"], offset, time.calendar)
            day = time.calendar.roll(day, offset.effective_roll)
        except CalendarRangeError as error:
            raise _outside(error, "date") from error
        worked = time.calendar.is_working_day(day)
        end = due_at(day, time.hours, time.zone) if worked else None
        return Response(ShiftSerializer({"date": day, "due_at": end}).data)


class AssignmentSerializer(StrictModelSerializer[Assignment]):
    """Where a member works: a region, or one market."""

    class Meta:
        model = Assignment
        fields = ("id", "version", "membership", "region", "market")


class AssignmentFilterSet(FilterSet):
    """Filters of assignments."""

    membership = IdFilter()
    region = IdFilter()
    market = IdFilter()


class AssignmentViewSet(ReadViewSet[Assignment], CreateMixin, RemoveMixin):
    """Who works where; regional managers assign people to where they work themselves."""

    queryset = Assignment.objects.select_related("region", "market")
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_assignment)
    remove = staticmethod(services.remove_assignment)

    @staticmethod
    def place_of(assignment: Assignment) -> Place:
        """Return the market or the region."""
        return assignment.market or assignment.region


def _day(time: MarketTime, day: dt.date) -> dict[str, Any]:
    status = time.calendar.status(day)
    quiet = quiet_period_on(day, time.quiet)
    return {
        "date": day,
        "working": status.working,
        "kind": status.kind.value,
        "names": dict(status.names),
        "estimated": status.estimated,
        "quiet_period": quiet.name if quiet else None,
    }


def _outside(error: CalendarRangeError, field: str) -> InvalidInput:
    return InvalidInput(
        {
            field: _("Holidays are known from %(first)s to %(last)s.")
            % {"first": error.first_day.isoformat(), "last": error.last_day.isoformat()}
        }
    )
