"""The API of calendar feeds: each member makes, replaces and switches off her own."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from engagement import services
from engagement.models import CalendarFeed
from tenants.permissions import OwnAlone, Right
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


class CalendarFeedSerializer(StrictModelSerializer[CalendarFeed]):
    """A member's feed, without its address."""

    class Meta:
        model = CalendarFeed
        fields: ClassVar[tuple[str, ...]] = ("id", "version", "membership", "renewed_at")
        read_only_fields = ("renewed_at",)


class NewCalendarFeedSerializer(CalendarFeedSerializer):
    """A feed at a moment at which its address can be read."""

    address = serializers.URLField(read_only=True, help_text=_("Shown once; it is not stored."))

    class Meta(CalendarFeedSerializer.Meta):
        fields = (*CalendarFeedSerializer.Meta.fields, "address")


class CalendarFeedFilterSet(FilterSet):
    """Filters of feeds."""

    membership = IdFilter()


class CalendarFeedViewSet(
    ReadViewSet[CalendarFeed], mixins.CreateModelMixin, mixins.DestroyModelMixin
):
    """Who has an address at which calendar programs read her work; deleting one ends it.

    Each makes her own. Who manages members may end those of others.
    """

    queryset = CalendarFeed.objects.all()
    filterset_class = CalendarFeedFilterSet
    permission_classes = [OwnAlone]
    write_right = Right.WORK
    secret_actions = frozenset({"create", "renew"})
    remove = staticmethod(services.remove_feed)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Show the address to who makes the feed, and to nobody else."""
        if self.action == "create":
            return NewCalendarFeedSerializer
        return self.serializer_class or CalendarFeedSerializer

    def add(self, values: dict[str, Any]) -> CalendarFeed:
        """Make the feed of who asks; its address is in this one answer."""
        self.check_object_permissions(self.request, CalendarFeed(**values))
        return _shown(*services.make_feed(values["membership"], at=timezone.now()))

    @extend_schema(request=None, responses=NewCalendarFeedSerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def renew(self, request: Request, pk: str) -> Response:
        """Replace the address; the one of before is over at once."""
        feed = self.get_object()
        self.body()
        renewed = _shown(*services.renew_feed(feed, at=timezone.now()))
        return Response(NewCalendarFeedSerializer(renewed).data)


def _shown(feed: CalendarFeed, address: str) -> CalendarFeed:
    feed.address = address  # type: ignore[attr-defined]
    return feed
