"""The API of webhooks: who is told of what happens, and what became of it."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from outbox import events, webhooks
from outbox.choices import DeliveryStatus
from outbox.models import WebhookDelivery, WebhookEndpoint
from tenants.permissions import Right
from toolkit.api.filters import BooleanFilter, FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer, StrictSerializer
from toolkit.api.views import ReadViewSet


class WebhookEndpointSerializer(StrictModelSerializer[WebhookEndpoint]):
    """An address that is told what happens, without its secret."""

    event_types = serializers.ListField(
        child=serializers.ChoiceField(events.choices()),
        required=False,
        max_length=50,
        help_text=_("What it is told of; with nothing chosen, of everything."),
    )

    class Meta:
        model = WebhookEndpoint
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "version",
            "url",
            "description",
            "event_types",
            "is_active",
            "created_at",
            "old_secret_until",
            "disabled_at",
            "disabled_because",
        )
        extra_kwargs = {"is_active": {"default": True}}


class NewWebhookEndpointSerializer(WebhookEndpointSerializer):
    """An endpoint at a moment at which its secret can be read."""

    secret = serializers.CharField(read_only=True, help_text=_("Shown once; keep it."))

    class Meta(WebhookEndpointSerializer.Meta):
        fields = (*WebhookEndpointSerializer.Meta.fields, "secret")


class WebhookDeliverySerializer(StrictModelSerializer[WebhookDelivery]):
    """A message to one endpoint, and what became of it."""

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "version",
            "endpoint",
            "message_id",
            "event_type",
            "payload",
            "status",
            "created_at",
            "due_at",
            "attempts",
            "closed_at",
            "answer",
            "failure",
            "milliseconds",
        )


class WebhookEndpointFilterSet(FilterSet):
    """Filters of endpoints."""

    is_active = BooleanFilter()


class WebhookEndpointViewSet(
    ReadViewSet[WebhookEndpoint],
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
):
    """Programs that are told what happens, by the Standard Webhooks specification."""

    queryset = WebhookEndpoint.objects.programs()
    filterset_class = WebhookEndpointFilterSet
    read_right = Right.MANAGE_MEMBERS
    write_right = Right.MANAGE_MEMBERS
    secret_actions = frozenset({"create", "rotate_secret"})
    store = staticmethod(webhooks.save_endpoint)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Show the secret to who creates the endpoint, and to nobody else."""
        if self.action == "create":
            return NewWebhookEndpointSerializer
        return self.serializer_class or WebhookEndpointSerializer

    def add(self, values: dict[str, Any]) -> WebhookEndpoint:
        """Create the endpoint; its secret is in this one answer."""
        return webhooks.create_endpoint(WebhookEndpoint(**values))[0]

    @staticmethod
    def remove(endpoint: WebhookEndpoint) -> None:
        """Send nothing there any more."""
        webhooks.remove_endpoint(endpoint, at=timezone.now())

    @extend_schema(request=None, responses=NewWebhookEndpointSerializer)
    @action(
        detail=True, methods=["post"], url_path="rotate-secret", serializer_class=StrictSerializer
    )
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """Give the endpoint another secret, shown once; both sign for 24 hours."""
        endpoint = self.get_object()
        self.body()
        rotated, _secret = webhooks.rotate_secret(endpoint, at=timezone.now())
        return Response(NewWebhookEndpointSerializer(rotated).data)

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def test(self, request: Request, pk: str) -> Response:
        """Send the endpoint a message that tells of nothing; read on as a delivery."""
        endpoint = self.get_object()
        self.body()
        delivery = webhooks.send_test(endpoint)
        return Response(WebhookDeliverySerializer(delivery).data)


class WebhookDeliveryFilterSet(FilterSet):
    """Filters of deliveries."""

    endpoint = IdFilter()
    status = ChoiceFilter(choices=DeliveryStatus.choices)
    event_type = CharFilter()
    message_id = CharFilter()


class WebhookDeliveryViewSet(ReadViewSet[WebhookDelivery]):
    """What endpoints and chats were told and are to be told; newest first."""

    queryset = WebhookDelivery.objects.select_related("endpoint")
    serializer_class = WebhookDeliverySerializer
    filterset_class = WebhookDeliveryFilterSet
    orderings = ("-id",)
    read_right = Right.MANAGE_MEMBERS
    write_right = Right.MANAGE_MEMBERS

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"], serializer_class=StrictSerializer)
    def replay(self, request: Request, pk: str) -> Response:
        """Send the message again, with the same id."""
        delivery = self.get_object()
        self.body()
        return Response(WebhookDeliverySerializer(webhooks.replay(delivery)).data)
