"""What the endpoints of all parts of a market share."""

from operator import attrgetter
from typing import ClassVar, TypeVar

from regions import services
from regions.access import WorksThere
from regions.models.calendar import MarketPart
from tenants.permissions import Right
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet

PartT = TypeVar("PartT", bound=MarketPart)


class PartSerializer(StrictModelSerializer[PartT]):
    """A part of a market; it stays in that market."""

    class Meta:
        fields: ClassVar[tuple[str, ...]] = ("id", "version", "market")
        create_only_fields = ("market",)


class PartFilterSet(FilterSet):
    """Filters of the parts of a market."""

    market = IdFilter()


class PartViewSet(TenantViewSet[PartT]):
    """Read and write one kind of part, where the member works."""

    filterset_class = PartFilterSet
    permission_classes = [WorksThere]
    place_of = attrgetter("market")
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_part)
    remove = staticmethod(services.remove_part)
