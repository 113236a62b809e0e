"""The API of cadences."""

from django.utils import timezone
from django_filters import ChoiceFilter

from accounts.choices import Stage, Tier
from playbooks import services
from playbooks.models import Cadence
from regions.access import Place, WorksThere
from tenants.permissions import Right
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


class CadenceSerializer(StrictModelSerializer[Cadence]):
    """A rhythm of contact."""

    class Meta:
        model = Cadence
        fields = (
            "id",
            "version",
            "tier",
            "stage",
            "region",
            "market",
            "title",
            "benefit",
            "every",
            "unit",
            "weekdays",
            "working_day",
            "mode",
            "channel",
            "duration_minutes",
            "tolerance_days",
            "reason",
            "source",
            "archived_at",
        )


class CadenceFilterSet(FilterSet):
    """Filters of cadences."""

    tier = ChoiceFilter(choices=Tier.choices)
    stage = ChoiceFilter(choices=Stage.choices)
    region = IdFilter()
    market = IdFilter()
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class CadenceViewSet(TenantViewSet[Cadence]):
    """How often which customers are contacted; deleting one archives it."""

    queryset = Cadence.objects.select_related("region", "market")
    serializer_class = CadenceSerializer
    filterset_class = CadenceFilterSet
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_cadence)

    @staticmethod
    def place_of(cadence: Cadence) -> Place:
        """Return where it holds; a global one concerns the whole organization."""
        return cadence.market or cadence.region

    @staticmethod
    def remove(cadence: Cadence) -> None:
        """Archive the cadence."""
        services.archive_cadence(cadence, at=timezone.now())
