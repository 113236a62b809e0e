"""The API of people's calendars."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from talent import services
from talent.models import Leave, WorkProfile
from tenants.permissions import MembershipPermission, Right, identity_of, may
from toolkit.api.filters import DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import TenantViewSet


class WorkProfileSerializer(StrictModelSerializer[WorkProfile]):
    """A member's home market."""

    class Meta:
        model = WorkProfile
        fields = ("id", "version", "membership", "home_market")
        create_only_fields = ("membership",)


class WorkProfileFilterSet(FilterSet):
    """Filters of work profiles."""

    membership = IdFilter()
    home_market = IdFilter()


class WorkProfileViewSet(TenantViewSet[WorkProfile]):
    """Whose calendar is which market's."""

    queryset = WorkProfile.objects.all()
    serializer_class = WorkProfileSerializer
    filterset_class = WorkProfileFilterSet
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_work_profile)
    remove = staticmethod(services.remove_work_profile)


class OwnLeave(MembershipPermission):
    """Everybody who works writes her own leave; that of others takes the right to structure."""

    def has_object_permission(self, request: Request, view: Any, obj: Leave) -> bool:
        """Return whether the leave may be read or written."""
        identity = identity_of(request)
        own = identity is not None and obj.membership_id == identity.membership_id
        return request.method in SAFE_METHODS or own or may(identity, Right.EDIT_STRUCTURE)


class LeaveSerializer(StrictModelSerializer[Leave]):
    """Days on which a member is away."""

    class Meta:
        model = Leave
        fields = ("id", "version", "membership", "start", "end")
        create_only_fields = ("membership",)


class LeaveFilterSet(FilterSet):
    """Filters of leave; both dates the same find who is away on that day."""

    membership = IdFilter()
    ends_from = DateFilter("end", "gte")
    starts_to = DateFilter("start", "lte")


class LeaveViewSet(TenantViewSet[Leave]):
    """Who is away when."""

    queryset = Leave.objects.all()
    serializer_class = LeaveSerializer
    filterset_class = LeaveFilterSet
    orderings = ("start",)
    permission_classes = [OwnLeave]
    write_right = Right.WORK
    store = staticmethod(services.save_leave)
    remove = staticmethod(services.remove_leave)
