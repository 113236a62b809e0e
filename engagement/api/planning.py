"""The API of planning: enrolments, the daily planning of regions, and what it did."""

from operator import attrgetter

from django.utils import timezone
from django_filters import ChoiceFilter

from engagement import services
from engagement.choices import PassState, PassTrigger
from engagement.models import Enrolment, MarketPass, RegionPlanning
from regions.access import WorksThere
from tenants.permissions import Right
from toolkit.api.filters import BooleanFilter, DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import ReadViewSet, UpdateMixin


class EnrolmentSerializer(StrictModelSerializer[Enrolment]):
    """An account's place in a cadence."""

    class Meta:
        model = Enrolment
        fields = (
            "id",
            "account",
            "market",
            "cadence",
            "origin",
            "next_nominal",
            "next_due",
            "last_contact",
            "is_active",
        )


class EnrolmentFilterSet(FilterSet):
    """Filters of enrolments."""

    account = IdFilter()
    market = IdFilter()
    cadence = IdFilter()
    is_active = BooleanFilter()


class EnrolmentViewSet(ReadViewSet[Enrolment]):
    """Which account is in which cadence; planning keeps them."""

    queryset = Enrolment.objects.all()
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilterSet


class RegionPlanningSerializer(StrictModelSerializer[RegionPlanning]):
    """When a region is planned, and how it went."""

    class Meta:
        model = RegionPlanning
        fields = (
            "id",
            "version",
            "region",
            "time_zone",
            "local_time",
            "next_at",
            "started_at",
            "finished_at",
            "failure",
        )
        read_only_fields = ("region",)


class RegionPlanningFilterSet(FilterSet):
    """Filters of the planning of regions."""

    region = IdFilter()


class RegionPlanningViewSet(ReadViewSet[RegionPlanning], UpdateMixin):
    """The daily planning of regions."""

    queryset = RegionPlanning.objects.select_related("region")
    serializer_class = RegionPlanningSerializer
    filterset_class = RegionPlanningFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("region")
    write_right = Right.EDIT_STRUCTURE

    @staticmethod
    def store(planning: RegionPlanning) -> RegionPlanning:
        """Save the daily time; the next planning follows from it."""
        return services.save_region_planning(planning, now=timezone.now())


class MarketPassSerializer(StrictModelSerializer[MarketPass]):
    """One planning pass over one market."""

    class Meta:
        model = MarketPass
        fields = (
            "id",
            "market",
            "trigger",
            "state",
            "today",
            "at",
            "considered",
            "planned",
            "moved",
            "late",
            "recorded",
            "reasons",
            "failure",
        )


class MarketPassFilterSet(FilterSet):
    """Filters of planning passes."""

    market = IdFilter()
    trigger = ChoiceFilter(choices=PassTrigger.choices)
    state = ChoiceFilter(choices=PassState.choices)
    today_from = DateFilter("today", "gte")
    today_to = DateFilter("today", "lte")


class MarketPassViewSet(ReadViewSet[MarketPass]):
    """What planning did, newest first."""

    queryset = MarketPass.objects.all()
    serializer_class = MarketPassSerializer
    filterset_class = MarketPassFilterSet
    orderings = ("-at",)
