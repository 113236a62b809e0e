"""The API of roles and people's calendars."""

from django.utils import timezone
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from regions.access import Place, WorksThere
from talent import services
from talent.choices import Level
from talent.models import Leave, Role, WorkProfile
from tenants.permissions import Right, WritesOwn
from toolkit.api.filters import BooleanFilter, DateFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import CreateMixin, ReadViewSet, TenantViewSet, UpdateMixin


class RoleSerializer(StrictModelSerializer[Role]):
    """A part that somebody plays for customers."""

    class Meta:
        model = Role
        fields = ("id", "version", "code", "name", "level", "description", "archived_at")
        create_only_fields = ("code",)


class RoleFilterSet(FilterSet):
    """Filters of roles."""

    level = ChoiceFilter(choices=Level.choices)
    archived = BooleanFilter("archived_at", "isnull", exclude=True)


class RoleViewSet(ReadViewSet[Role], CreateMixin, UpdateMixin):
    """The roles that steps of playbooks name; one that is given up is archived."""

    queryset = Role.objects.all()
    serializer_class = RoleSerializer
    filterset_class = RoleFilterSet
    orderings = ("name", "code")
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_role)

    @staticmethod
    def place_of(_role: Role) -> Place:
        """Return the whole organization: roles are the same in every market."""
        return None

    @extend_schema(request=None, responses=RoleSerializer(many=True))
    @action(
        detail=False,
        methods=["post"],
        serializer_class=StrictSerializer,
        filterset_class=None,
        pagination_class=None,
    )
    def adopt(self, request: Request) -> Response:
        """Add the shipped roles whose code no role has yet, and return those added."""
        self.check_object_permissions(request, Role())
        self.body()
        return Response(RoleSerializer(services.adopt_starting_roles(), many=True).data)

    @extend_schema(request=None, responses=RoleSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def archive(self, request: Request, pk: str) -> Response:
        """Offer a role no longer; steps that name it go on naming it."""
        role = self.get_object()
        self.body()
        return Response(RoleSerializer(services.archive_role(role, at=timezone.now())).data)

    @extend_schema(request=None, responses=RoleSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def restore(self, request: Request, pk: str) -> Response:
        """Offer an archived role again."""
        role = self.get_object()
        self.body()
        return Response(RoleSerializer(services.restore_role(role)).data)


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
    permission_classes = [WritesOwn]
    write_right = Right.WORK
    store = staticmethod(services.save_leave)
    remove = staticmethod(services.remove_leave)
