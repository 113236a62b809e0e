"""The API of cadences, and of what they said before."""

from django.utils import timezone
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Stage, Tier
from playbooks import services
from playbooks.models import Cadence, CadenceRevision
from regions.access import Place, WorksThere
from tenants.permissions import Right
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import ReadViewSet, TenantViewSet


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


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": True,
        "description": "The fields of the cadence as they were, by name.",
        "example": {"title": "Monthly call", "every": 1, "unit": "months"},
    }
)
class ContentField(serializers.JSONField):
    """What a cadence said."""


class CadenceRevisionSerializer(StrictModelSerializer[CadenceRevision]):
    """What a cadence said from a version on."""

    content = ContentField(read_only=True)

    class Meta:
        model = CadenceRevision
        fields = ("id", "cadence", "number", "content", "author", "created_at")
        read_only_fields = ("cadence", "author")


class CadenceRevisionFilterSet(FilterSet):
    """Filters of the versions of cadences."""

    cadence = IdFilter()


class CadenceRevisionViewSet(ReadViewSet[CadenceRevision]):
    """Every version that a cadence had; none of them ever changes."""

    queryset = CadenceRevision.objects.all()
    serializer_class = CadenceRevisionSerializer
    filterset_class = CadenceRevisionFilterSet
