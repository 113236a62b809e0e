"""The API of the working calendar: what people edit on top of the public holidays."""

from regions.api.parts import PartFilterSet, PartSerializer, PartViewSet
from regions.models import (
    BusinessHours,
    Closure,
    ExtraWorkingDay,
    QuietPeriod,
    Season,
    WorkingWeek,
)
from toolkit.api.filters import IdFilter


class WorkingWeekSerializer(PartSerializer[WorkingWeek]):
    """The weekdays worked from a day on."""

    class Meta(PartSerializer.Meta):
        model = WorkingWeek
        fields = (*PartSerializer.Meta.fields, "holds_from", "weekdays", "source", "note")


class WorkingWeekViewSet(PartViewSet[WorkingWeek]):
    """Working weeks, each until the next one holds."""

    queryset = WorkingWeek.objects.select_related("market")
    serializer_class = WorkingWeekSerializer
    orderings = ("holds_from",)


class SeasonSerializer(PartSerializer[Season]):
    """Days with business hours of their own."""

    class Meta(PartSerializer.Meta):
        model = Season
        fields = (*PartSerializer.Meta.fields, "name", "start", "end", "estimated", "source")


class SeasonViewSet(PartViewSet[Season]):
    """Seasons, such as Ramadan."""

    queryset = Season.objects.select_related("market")
    serializer_class = SeasonSerializer
    orderings = ("start",)


class BusinessHoursSerializer(PartSerializer[BusinessHours]):
    """One stretch of business hours on a weekday; minutes since local midnight."""

    class Meta(PartSerializer.Meta):
        model = BusinessHours
        fields = (*PartSerializer.Meta.fields, "season", "weekday", "opens", "closes")


class BusinessHoursFilterSet(PartFilterSet):
    """Filters of business hours."""

    season = IdFilter()


class BusinessHoursViewSet(PartViewSet[BusinessHours]):
    """Business hours, all year and in seasons."""

    queryset = BusinessHours.objects.select_related("market")
    serializer_class = BusinessHoursSerializer
    filterset_class = BusinessHoursFilterSet
    orderings = ("weekday",)


class ClosureSerializer(PartSerializer[Closure]):
    """Days off beside the public holidays."""

    class Meta(PartSerializer.Meta):
        model = Closure
        fields = (*PartSerializer.Meta.fields, "name", "start", "end")


class ClosureViewSet(PartViewSet[Closure]):
    """Closures, such as a bridge day."""

    queryset = Closure.objects.select_related("market")
    serializer_class = ClosureSerializer
    orderings = ("start",)


class ExtraWorkingDaySerializer(PartSerializer[ExtraWorkingDay]):
    """A day worked although week, holiday or closure say otherwise."""

    class Meta(PartSerializer.Meta):
        model = ExtraWorkingDay
        fields = (*PartSerializer.Meta.fields, "date", "name")


class ExtraWorkingDayViewSet(PartViewSet[ExtraWorkingDay]):
    """Extra working days."""

    queryset = ExtraWorkingDay.objects.select_related("market")
    serializer_class = ExtraWorkingDaySerializer
    orderings = ("date",)


class QuietPeriodSerializer(PartSerializer[QuietPeriod]):
    """Days that are worked but on which customers are not contacted."""

    class Meta(PartSerializer.Meta):
        model = QuietPeriod
        fields = (*PartSerializer.Meta.fields, "name", "start", "end", "policy", "source")


class QuietPeriodViewSet(PartViewSet[QuietPeriod]):
    """Quiet periods, and what becomes of contact in them."""

    queryset = QuietPeriod.objects.select_related("market")
    serializer_class = QuietPeriodSerializer
    orderings = ("start",)
