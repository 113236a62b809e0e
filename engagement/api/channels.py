"""The API of chats that hear of the work."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from engagement import services
from engagement.models import ChatChannel
from outbox.api import WebhookDeliverySerializer
from outbox.choices import CHATS
from tenants.permissions import Right
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


class ChatChannelSerializer(StrictModelSerializer[ChatChannel]):
    """A channel; its secret address is written and never read."""

    url = serializers.URLField(
        write_only=True,
        required=False,
        max_length=500,
        help_text=_("The incoming webhook of the channel; left out, that of before stays."),
    )
    address = serializers.CharField(
        source="endpoint.url", read_only=True, help_text=_("Where it is, without the secret.")
    )
    disabled_because = serializers.CharField(
        source="endpoint.disabled_because",
        read_only=True,
        help_text=_("Why we switched it off, if we did."),
    )

    class Meta:
        model = ChatChannel
        fields = (
            "id",
            "version",
            "name",
            "kind",
            "url",
            "address",
            "endpoint",
            "language",
            "region",
            "summaries",
            "summary_at",
            "hand_overs",
            "run_starts",
            "is_active",
            "disabled_because",
        )
        create_only_fields = ("kind",)
        read_only_fields = ("endpoint",)
        extra_kwargs = {
            "summaries": {"default": True, "required": False},
            "is_active": {"default": True, "required": False},
            "hand_overs": {"default": False, "required": False},
            "run_starts": {"default": False, "required": False},
        }


class ChatChannelFilterSet(FilterSet):
    """Filters of channels."""

    kind = ChoiceFilter(choices=CHATS)
    region = IdFilter()
    is_active = BooleanFilter()


class ChatChannelViewSet(
    ReadViewSet[ChatChannel],
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
):
    """Channels of Slack and Teams, and what each is told. The deliveries tell what was posted."""

    queryset = ChatChannel.objects.select_related("endpoint", "region")
    serializer_class = ChatChannelSerializer
    filterset_class = ChatChannelFilterSet
    read_right = Right.MANAGE_MEMBERS
    write_right = Right.MANAGE_MEMBERS
    store = staticmethod(services.save_channel)

    @staticmethod
    def remove(channel: ChatChannel) -> None:
        """Post nothing there any more."""
        services.remove_channel(channel, at=timezone.now())

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def test(self, request: Request, pk: str) -> Response:
        """Post a message that tells of nothing; read on as a delivery."""
        channel = self.get_object()
        self.body()
        return Response(WebhookDeliverySerializer(services.try_channel(channel)).data)
