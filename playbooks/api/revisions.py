"""The API of what localizations published."""

from playbooks.api.parts import ChangeRecordSerializer
from playbooks.models import LocalizationRevision
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import ReadViewSet


class LocalizationRevisionSerializer(StrictModelSerializer[LocalizationRevision]):
    """What a localization published at once."""

    changes = ChangeRecordSerializer(many=True, read_only=True)

    class Meta:
        model = LocalizationRevision
        fields = (
            "id",
            "localization",
            "number",
            "base",
            "changes",
            "published_by",
            "published_at",
        )
        read_only_fields = ("localization", "base", "published_by")


class LocalizationRevisionFilterSet(FilterSet):
    """Filters of revisions."""

    localization = IdFilter()
    playbook = IdFilter("localization__playbook")
    region = IdFilter("localization__region")
    market = IdFilter("localization__market")


class LocalizationRevisionViewSet(ReadViewSet[LocalizationRevision]):
    """Everything that was ever published for a region or a market; editions name what they hold."""

    queryset = LocalizationRevision.objects.all()
    serializer_class = LocalizationRevisionSerializer
    filterset_class = LocalizationRevisionFilterSet
