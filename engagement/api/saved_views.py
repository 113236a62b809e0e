"""The API of saved views: filters of Today under a name."""

from typing import Any

from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.choices import Channel, Tier
from engagement import services
from engagement.choices import Grouping, Show, Visibility
from engagement.models import SavedView
from engagement.querysets import SavedViewQuerySet
from regions.access import EVERYWHERE
from tenants.permissions import MembershipPermission, Right, identity_of, member_of
from toolkit.api.fields import StrictUUIDField
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import TenantViewSet


class ViewFiltersSerializer(StrictSerializer):
    """What the list of Today is filtered and divided by; what is missing filters nothing."""

    show = serializers.ChoiceField(Show.choices, required=False)
    q = serializers.CharField(max_length=200, required=False)
    market = StrictUUIDField(required=False)
    tier = serializers.ChoiceField(Tier.choices, required=False)
    channel = serializers.ChoiceField(Channel.choices, required=False)
    owner = serializers.CharField(max_length=36, required=False)
    by = serializers.ChoiceField(Grouping.choices, required=False)


class SavedViewSerializer(StrictModelSerializer[SavedView]):
    """A view under its name."""

    filters = ViewFiltersSerializer(required=False)
    owner_name = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = SavedView
        fields = ("id", "version", "name", "visibility", "filters", "owner", "owner_name")


class SavedViewFilterSet(FilterSet):
    """Filters of saved views."""

    owner = IdFilter()
    visibility = ChoiceFilter(choices=Visibility.choices)


class MayChangeView(MembershipPermission):
    """A view is changed by its owner; who works everywhere looks after what others see."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return whether the view may be read or, by these two, written."""
        identity = identity_of(request)
        if request.method in SAFE_METHODS or identity is None or obj._state.adding:
            return identity is not None
        return identity.role in EVERYWHERE or obj.owner_id == identity.membership_id


class SavedViewViewSet(TenantViewSet[SavedView]):
    """The views that a member sees: her own, her team's, and those shared with everybody."""

    queryset = SavedView.objects.select_related("owner")
    serializer_class = SavedViewSerializer
    filterset_class = SavedViewFilterSet
    orderings = ("name", "id")
    permission_classes = [MayChangeView]
    write_right = Right.WORK
    remove = staticmethod(services.remove_view)

    def get_queryset(self) -> SavedViewQuerySet:
        """Return what she sees."""
        views = super().get_queryset()
        assert isinstance(views, SavedViewQuerySet)
        identity = identity_of(self.request)
        if identity is None:
            return views
        everywhere = identity.role in EVERYWHERE
        return views.seen_by(identity.membership_id, works_everywhere=everywhere)

    def store(self, view: SavedView) -> SavedView:
        """Save a view; a new one belongs to the asking member."""
        return services.save_view(view, by=member_of(self.request))
